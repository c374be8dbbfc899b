"""The setting that says where a database is served."""

import pytest
from ovirt_quantum_ovn.ovsdb import Client, remotes
from ovirt_quantum_ovn.ovsdb.remotes import InternetRemote, UnixRemote


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("unix:/run/ovn/ovnnb_db.sock", (UnixRemote("/run/ovn/ovnnb_db.sock"),)),
        ("ssl:a:6641, ssl:b:6641", (InternetRemote("a", 6641, True), InternetRemote("b", 6641, True))),
        ("ssl:[2001:db8::1]:6641", (InternetRemote("2001:db8::1", 6641, True),)),
        ("tcp:127.0.0.1:6641", (InternetRemote("127.0.0.1", 6641, False),)),
        ("tcp:[::1]:6641", (InternetRemote("::1", 6641, False),)),
        ("ssl:a:1,ssl:a:1", (InternetRemote("a", 1, True),)),
    ],
)
def test_parse(text: str, parsed: object) -> None:
    """What may be written; what is said of it can be written again."""
    assert remotes.parse(text) == parsed
    assert remotes.parse(",".join(map(str, remotes.parse(text)))) == parsed


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "'' is not an OVSDB address"),
        ("ssl:a:6641,", "'' is not an OVSDB address"),
        ("unix:nb.sock", "absolute path"),
        ("unix:/" + 110 * "x", "at most 107 bytes"),
        ("http://a", "'http://a' is not an OVSDB address"),
        ("ssl:a", "names no host"),
        ("ssl::6641", "names no host"),
        ("ssl:a b:6641", "names no host"),
        ("ssl:a:0", "from 1 to 65535, not '0'"),
        ("ssl:a:65536", "not '65536'"),
        ("ssl:a:x", "not 'x'"),
        ("ssl:2001:db8::1:6641", "in brackets"),
        ("ssl:[a]:6641", "in brackets"),
        ("ssl:[2001:zz::1]:6641", "2001:zz::1"),
        ("tcp:192.0.2.1:6641", "use ssl:192.0.2.1:6641"),
        ("ssl:a:6641,tcp:localhost:6641", "'tcp:localhost:6641' would be neither"),
    ],
)
def test_refusals(text: str, reason: str) -> None:
    """Each says what is wrong with which part."""
    with pytest.raises(ValueError, match=reason.replace("[", r"\[")):
        remotes.parse(text)


def test_ssl_needs_files() -> None:
    """It is said when the client is made, not when it dials."""
    with pytest.raises(ValueError, match="ssl:a:6641 needs a private key"):
        Client("OVN_Northbound", remotes.parse("ssl:a:6641"))
