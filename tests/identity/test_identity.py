"""Log-in and tokens against the database: what holds at once, and what within seconds."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from ovirt_quantum.errors import BadInput, Conflict, NotFound, Unauthorized
from ovirt_quantum.identity import Account, Grant, Identity, Tokens, administration, verified
from ovirt_quantum.identity.tokens import Token
from ovirt_quantum.identity.verified import Verified
from ovirt_quantum.model import Actor, Role
from ovirt_quantum.store.accounts import SqlAccounts

from tests.identity.clock import Clock
from tests.identity.conftest import KEY, PASSWORD

HERE = "127.0.0.1"


def run(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(work)


def logged_in(identity: Identity) -> Grant:
    grant: Grant = run(identity.log_in("alice", PASSWORD, HERE))
    return grant


def is_good(identity: Identity, text: str) -> bool:
    try:
        run(identity.accept(text))
    except Unauthorized:
        return False
    return True


def test_a_token_makes_its_account_the_actor(identity: Identity) -> None:
    """With the account's role and project."""
    grant = logged_in(identity)
    assert run(identity.authenticate(grant.token.text)) == Actor("alice", Role.MEMBER, "blue")


@pytest.mark.parametrize(
    ("name", "password"), [("alice", "wrong"), ("nobody", PASSWORD), ("Alice", PASSWORD), ("", "")]
)
def test_every_refusal_is_the_same(identity: Identity, name: str, password: str) -> None:
    """It does not tell which accounts there are."""
    with pytest.raises(Unauthorized, match=r"^The account or its password is wrong\.$"):
        run(identity.log_in(name, password, HERE))


def test_an_ended_token_is_refused(identity: Identity, clock: Clock, wall: Clock) -> None:
    """Also where it was found good a moment ago."""
    text = logged_in(identity).token.text
    wall.go(3598)
    assert is_good(identity, text)
    wall.go(2)
    clock.go(2)
    assert not is_good(identity, text)


def test_a_revoked_token_is_refused_at_once(identity: Identity) -> None:
    """In this process; others of the same account live on."""
    first, second = logged_in(identity), logged_in(identity)
    assert is_good(identity, first.token.text)
    run(identity.revoke(first.token))
    assert not is_good(identity, first.token.text)
    assert is_good(identity, second.token.text)


def test_another_processs_revocation_holds_within_seconds(
    store: SqlAccounts, identity: Identity, clock: Clock, wall: Clock
) -> None:
    """Until then it may be remembered as good."""
    other_process = Identity(store, KEY, 3600, clock, wall)
    grant = logged_in(identity)
    assert is_good(identity, grant.token.text)
    run(other_process.revoke(grant.token))
    run(other_process.revoke(grant.token))
    clock.go(verified.REMEMBERED_S)
    assert not is_good(identity, grant.token.text)


def test_a_disabled_account_is_out_within_seconds(store: SqlAccounts, identity: Identity, clock: Clock) -> None:
    """Log-in at once; enabled again it may log in, and its old tokens stay dead."""
    text = logged_in(identity).token.text
    assert is_good(identity, text)
    administration.disable(store, "alice")
    with pytest.raises(Unauthorized):
        logged_in(identity)
    clock.go(verified.REMEMBERED_S)
    assert not is_good(identity, text)
    administration.enable(store, "alice")
    assert not is_good(identity, text)
    assert is_good(identity, logged_in(identity).token.text)


def test_a_new_password_ends_all_tokens(store: SqlAccounts, identity: Identity, clock: Clock) -> None:
    """And the old password at once, though it was remembered."""
    text = logged_in(identity).token.text
    administration.set_password(store, "alice", "battery staple")
    with pytest.raises(Unauthorized):
        logged_in(identity)
    assert not is_good(identity, text)
    assert run(identity.log_in("alice", "battery staple", HERE)).account.name == "alice"


def test_role_and_project_are_those_of_now(store: SqlAccounts, identity: Identity, clock: Clock) -> None:
    """A token names the account only."""
    text = logged_in(identity).token.text
    store.change("alice", lambda account: Account("alice", Role.READER, "red", account.password_hash))
    assert run(identity.authenticate(text)) == Actor("alice", Role.READER, "red")


def test_a_clock_that_steps_back_revives_nothing(store: SqlAccounts, identity: Identity, wall: Clock) -> None:
    """Tokens from before a change are dead and those after it good, whatever the times on them."""
    wall.go(7200)
    old = logged_in(identity).token.text
    wall.go(-7200)
    administration.set_password(store, "alice", PASSWORD)
    assert not is_good(identity, old)
    assert is_good(identity, logged_in(identity).token.text)


def test_every_change_is_later_than_the_one_before(store: SqlAccounts) -> None:
    """Also where the clock says otherwise: the stamp has no room for ties."""
    store.change("alice", lambda account: Account("alice", Role.MEMBER, "blue", None, not_before=9e9))
    administration.disable(store, "alice")
    found = store.account("alice")
    assert found is not None
    assert found.not_before > 9e9


def test_a_hosts_next_token_ends_the_one_before(store: SqlAccounts, identity: Identity) -> None:
    """It is no account that could log in."""
    tokens = Tokens(KEY, 3600)
    first = administration.issue_host_token(store, tokens, "host1").text
    assert run(identity.authenticate(first)) == Actor("host:host1", Role.HOST, "")
    assert is_good(identity, first)
    second = administration.issue_host_token(store, tokens, "host1").text
    assert not is_good(Identity(store, KEY, 3600), first)
    assert is_good(identity, second)
    with pytest.raises(Unauthorized):
        run(identity.log_in("host:host1", "", HERE))
    with pytest.raises(BadInput, match="is a host"):
        administration.set_password(store, "host:host1", PASSWORD)


def test_a_hosts_token_can_be_revoked_for_ever(store: SqlAccounts, identity: Identity, clock: Clock) -> None:
    """Though it has no end of its own."""
    token = administration.issue_host_token(store, Tokens(KEY, 3600), "host1")
    run(identity.revoke(token))
    for _ in range(2):
        other = logged_in(identity)
        run(identity.revoke(other.token))
        assert not is_good(identity, token.text)


def test_a_restored_database_without_the_account_refuses(identity: Identity) -> None:
    """A good signature alone opens nothing."""
    nobody = Account("nobody", Role.ADMIN, "admin", None, not_before=9e9)
    assert not is_good(identity, Tokens(KEY, 3600, lambda: 2e9).issue(nobody).text)


def entry(number: int, expires: float | None = None) -> Grant:
    token = Token(f"text{number}", f"jti{number}", "alice", 0.0, 0.0, expires)
    return Grant(token, Account("alice", Role.MEMBER, "blue", None))


def test_the_memory_of_good_tokens_is_bounded(clock: Clock, wall: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest goes."""
    monkeypatch.setattr(verified, "MOST_REMEMBERED", 3)
    memory = Verified(clock, wall)
    for number in range(5):
        memory.remember(entry(number), memory.revocations)
    assert [memory.find(f"text{number}") is not None for number in range(5)] == [False, False, True, True, True]


def test_the_memory_of_a_good_token_ends(clock: Clock, wall: Clock) -> None:
    """After its seconds, or with the token itself."""
    memory = Verified(clock, wall)
    memory.remember(entry(1), 0)
    memory.remember(entry(2, wall.now + 1), 0)
    memory.remember(entry(3, wall.now - 1), 0)
    clock.go(1)
    assert [memory.find(f"text{number}") is not None for number in (1, 2, 3)] == [True, False, False]
    clock.go(verified.REMEMBERED_S - 1)
    assert memory.find("text1") is None


def test_a_look_at_the_database_before_a_revocation_is_not_remembered(clock: Clock, wall: Clock) -> None:
    """It could not see what came after it."""
    memory = Verified(clock, wall)
    before = memory.revocations
    memory.revoke("jti1")
    memory.remember(entry(1), before)
    assert memory.find("text1") is None


@pytest.mark.parametrize("name", ["", "two words", "line\nbreak", "nul\0", "x" * 251, "host:h1"])
def test_a_name_that_would_confuse_is_refused(store: SqlAccounts, name: str) -> None:
    """Spaces, control characters, and hosts' own prefix."""
    with pytest.raises(BadInput):
        administration.add_account(store, name, Role.MEMBER, "blue", PASSWORD)


@pytest.mark.parametrize("password", ["", "short", "x" * 1025])
def test_a_password_has_a_sensible_length(store: SqlAccounts, password: str) -> None:
    """Also when it is changed."""
    with pytest.raises(BadInput, match="from 8 to 1024"):
        administration.add_account(store, "carol", Role.MEMBER, "blue", password)
    with pytest.raises(BadInput, match="from 8 to 1024"):
        administration.set_password(store, "alice", password)


@pytest.mark.parametrize("name", ["anna@internal", "domain\\user", "Zoë", "x" * 250])
def test_a_name_may_be_what_ovirt_calls_its_users(store: SqlAccounts, name: str) -> None:
    """user@profile, as the engine's administrators know it."""
    administration.add_account(store, name, Role.ENGINE, "oVirt", PASSWORD)
    with pytest.raises(Conflict):
        administration.add_account(store, name, Role.ENGINE, "oVirt", PASSWORD)


def test_changes_of_nobody_are_refused(store: SqlAccounts) -> None:
    """By name."""
    with pytest.raises(NotFound, match="nobody"):
        administration.disable(store, "nobody")
    with pytest.raises(NotFound, match="nobody"):
        administration.set_password(store, "nobody", PASSWORD)
