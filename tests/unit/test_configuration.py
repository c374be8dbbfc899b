"""A configuration that the service can't be started with: one line that names the key, never a trace."""

from pathlib import Path

import pytest
from msgspec import structs
from ovirt_quantum.config import ConfigError, load
from ovirt_quantum.errors import QuantumError
from ovirt_quantum.serving import serve

WRONG: dict[str, tuple[bytes, str]] = {
    "unknown": (b"plugnis = []", "plugnis"),
    "unknown in a table": (b'[server]\nlistn = ""', "listn"),
    "ill-typed": (b'plugins = "ovs"', "plugins"),
    "no time": (b"[identity]\ntoken_lifetime_s = 0", "identity.token_lifetime_s"),
    "never": (b"resync_s = 0", "resync_s"),
    "no number": (b"resync_s = nan", "resync_s"),
    "no UTF-8": (b"\xff\xfe", "not valid TOML"),
    "half": (b"a =", "not valid TOML"),
    "unknown plugin": (b'plugins = ["osv"]', "osv"),
    "one plugin twice": (b'plugins = ["ovs", "ovs"]', "plugins"),
    "a table of no plugin": (b"plugins = []\n[osv]", "unknown field `osv`"),
    "unknown to a plugin": (b"[ovs]\nfoo = 1", "ovs: plugin ovs has no setting 'foo'"),
    "no URL": (b'[database]\nurl = "nonsense"', "database.url"),
    "a password in it": (b'[database]\nurl = "postgresql+psycopg://a:b@c/d"', "password_file"),
    "another database": (b'[database]\nurl = "oracle://a@c/d"', "URL begins with 'oracle'"),
    "beyond this machine": (b'[server]\nkeystone_listen = "0.0.0.0:35357"', "server.keystone_listen"),
    "half of TLS": (b'[server]\ncertificate = "c.pem"', "server.private_key"),
}


@pytest.mark.parametrize(("text", "word"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_is_named(tmp_path: Path, text: bytes, word: str) -> None:
    """By an error that the command line says in one line; nothing is served."""
    file = tmp_path / "quantum.toml"
    file.write_bytes(text)
    with pytest.raises((ConfigError, QuantumError)) as refused:
        serve(structs.replace(load(file), data=str(tmp_path / "data")))
    assert word in str(refused.value)
