"""Tokens: what is accepted, what is not, and what is kept to itself."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey
from ovirt_quantum.errors import Unauthorized
from ovirt_quantum.identity import Account, Grant, Tokens
from ovirt_quantum.model import Role

from tests.identity.clock import Clock
from tests.identity.conftest import KEY

ALICE = Account("alice", Role.MEMBER, "blue", "$argon2id$secret", not_before=1_700_000_000.123)
CLAIMS = {"jti": "x", "sub": "alice", "since": ALICE.not_before, "iat": 1.0, "exp": 9e9}
TOKENS = Tokens(KEY, 3600)
GOOD = TOKENS.issue(ALICE)


def part(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def test_a_token_says_what_it_was_given(wall: Clock) -> None:
    """Whose, since which change of the account, from when until when; and each has an id of its own."""
    tokens = Tokens(KEY, 3600, wall)
    issued = tokens.issue(ALICE)
    assert tokens.read(issued.text) == issued
    assert (issued.name, issued.since) == ("alice", 1_700_000_000.123)
    assert (issued.issued, issued.expires) == (wall.now, wall.now + 3600)
    assert tokens.issue(ALICE).jti != issued.jti


def test_a_token_ends_at_its_second(wall: Clock) -> None:
    """Good until then."""
    tokens = Tokens(KEY, 3600, wall)
    text = tokens.issue(ALICE).text
    wall.go(3599.9)
    assert tokens.read(text).name == "alice"
    wall.go(0.1)
    with pytest.raises(Unauthorized, match="not valid"):
        tokens.read(text)


def test_a_hosts_token_has_no_end(wall: Clock) -> None:
    """Whatever the clock says, in a hundred years or before it was issued."""
    tokens = Tokens(KEY, 3600, wall)
    text = tokens.issue_endless(ALICE).text
    for seconds in (100 * 365 * 86400, -200 * 365 * 86400):
        wall.go(seconds)
        assert tokens.read(text).expires is None


def test_another_deployments_token_is_refused() -> None:
    """Its key is another."""
    with pytest.raises(Unauthorized):
        TOKENS.read(Tokens(bytes(32), 3600).issue(ALICE).text)


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none"},
        {"alg": "None", "typ": "JWT"},
        {"alg": "HS512"},
        {"alg": "RS256"},
        {"alg": ["HS256"]},
        {},
        [],
        None,
        {"alg": "HS256", "crit": ["x"], "x": 1},
    ],
)
@pytest.mark.parametrize("signature", [b"", b"x" * 32])
def test_a_token_without_our_signature_is_refused(header: object, signature: bytes) -> None:
    """Whatever algorithm it claims."""
    with pytest.raises(Unauthorized):
        TOKENS.read(f"{part(header)}.{part(CLAIMS)}.{part(signature)}")


def test_a_stronger_algorithm_with_our_key_is_refused() -> None:
    """There is one algorithm."""
    key = OctKey.import_key(KEY)
    with pytest.raises(Unauthorized):
        TOKENS.read(jwt.encode({"alg": "HS512"}, dict(CLAIMS), key, algorithms=["HS512"]))


@pytest.mark.parametrize("lacking", ["jti", "sub", "since", "iat"])
def test_a_signed_token_that_lacks_something_is_refused(lacking: str) -> None:
    """An older version's, for one."""
    claims = {name: value for name, value in CLAIMS.items() if name != lacking}
    with pytest.raises(Unauthorized):
        TOKENS.read(jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(KEY)))


@given(st.one_of(st.text(), st.from_regex(r"[\w\-=]*\.[\w\-=]*\.[\w\-=]*"), st.text(".", max_size=6)))
def test_garbage_is_refused(text: str) -> None:
    """Never an error of ours."""
    with pytest.raises(Unauthorized):
        TOKENS.read(text)


@given(st.recursive(st.none() | st.text(), st.lists), st.binary())
def test_garbage_in_a_tokens_form_is_refused(header: object, payload: bytes) -> None:
    """Well-formed outside, anything inside."""
    with pytest.raises(Unauthorized):
        TOKENS.read(f"{part(header)}.{part(payload)}.{part(b'x' * 32)}")


@pytest.mark.parametrize("depth", [10, 10_000, 1_000_000])
def test_deep_garbage_is_refused(depth: int) -> None:
    """The parser's stack is none of the sender's business."""
    with pytest.raises(Unauthorized):
        TOKENS.read(f"{part(b'[' * depth)}.{part(CLAIMS)}.{part(b'x' * 32)}")


@given(st.integers(0, len(GOOD.text) - 1), st.characters(min_codepoint=33, max_codepoint=126))
def test_a_changed_token_is_refused(position: int, character: str) -> None:
    """Any character anywhere."""
    changed = GOOD.text[:position] + character + GOOD.text[position + 1 :]
    if changed == GOOD.text:
        return
    with pytest.raises(Unauthorized):
        TOKENS.read(changed)


@given(st.integers(0, len(GOOD.text) - 1))
def test_a_cut_token_is_refused(length: int) -> None:
    """Anywhere."""
    with pytest.raises(Unauthorized):
        TOKENS.read(GOOD.text[:length])


def test_no_secret_is_shown() -> None:
    """Neither in what is printed nor in an error."""
    shown = repr((GOOD, ALICE, Grant(GOOD, ALICE)))
    with pytest.raises(Unauthorized) as refused:
        Tokens(bytes(32), 1).read(GOOD.text)
    shown += repr(refused.value) + str(refused.value)
    assert GOOD.text not in shown
    assert "argon2id" not in shown
    assert refused.value.__cause__ is None
