"""Keystone's API on the real service, as clients without a library speak it."""

from datetime import datetime
from pathlib import Path

import pytest
from ovirt_quantum.identity import Account, Tokens, load_key
from ovirt_quantum.model import Role

from tests.identity.conftest import PASSWORD, Command
from tests.service import Answer, Service

GARBAGE = ["x", "a.b.c", "e30.e30.", "\xe9.\xe9.\xe9", "." * 200, "[" * 4000, "null", "Bearer x"]


def v2(service: Service, auth: object, path: str = "/v2.0/tokens") -> Answer:
    return service.call("POST", path, {"auth": auth})


def v3(service: Service, name: str = "alice", password: str = PASSWORD, **more: object) -> Answer:
    user = {"name": name, "password": password, "domain": {"name": "Default"}}
    auth = {"identity": {"methods": ["password"], "password": {"user": user}}} | more
    return service.call("POST", "/v3/auth/tokens", {"auth": auth})


def token_of(service: Service, name: str) -> str:
    answer = v3(service, name)
    assert answer.status == 201, answer
    return answer.headers["x-subject-token"]


def project(name: str) -> dict[str, object]:
    return {"project": {"name": name, "domain": {"name": "Default"}}}


def refusal(answer: Answer) -> tuple[int, str]:
    """Of an answer in Keystone's form: the status and its title."""
    error = answer.body["error"]
    assert set(error) == {"code", "title", "message"}
    assert error["code"] == answer.status
    return answer.status, error["title"]


@pytest.mark.parametrize("path", ["/v2.0/tokens", "/v3/tokens", "/engine/v2.0/tokens"])
@pytest.mark.parametrize("tenant", [{}, {"tenantName": "anything at all"}, {"tenantName": ""}, {"tenantId": "x"}])
def test_the_engine_logs_in_with_any_tenant(service: Service, path: str, tenant: dict[str, str]) -> None:
    """Its administrator may have typed anything; the whole document is well-typed, with ISO dates."""
    credentials = {"username": "engine", "password": service.password("engine")}
    answer = v2(service, tenant | {"passwordCredentials": credentials}, path)
    assert answer.status == 200
    assert set(answer.body) == {"access"}
    token = answer.body["access"]["token"]
    lasts = datetime.fromisoformat(token["expires"]) - datetime.fromisoformat(token["issued_at"])
    assert lasts.total_seconds() == pytest.approx(3600)
    assert service.call("GET", "/v2.0/networks", token=token["id"]).status == 200
    assert answer.body["access"]["user"]["roles"] == [{"name": "engine"}]


def test_v3_answers_with_the_token_in_a_header(service: Service) -> None:
    """And says whose it is, for which project, in which role."""
    answer = v3(service, scope=project("blue"))
    assert answer.status == 201
    token = answer.body["token"]
    assert token["methods"] == ["password"]
    assert token["user"]["name"] == "alice"
    assert token["project"]["id"] == "blue"
    assert [role["name"] for role in token["roles"]] == ["member"]
    network = next(entry for entry in token["catalog"] if entry["type"] == "network")
    assert {endpoint["url"] for endpoint in network["endpoints"]} == {service.url}
    assert service.call("GET", "/v2.0/networks", token=answer.headers["x-subject-token"]).status == 200


def test_another_projects_name_is_refused(service: Service) -> None:
    """To a member, in both versions; its own is fine, by name and by id."""
    credentials = {"passwordCredentials": {"username": "alice", "password": PASSWORD}}
    assert refusal(v2(service, credentials | {"tenantName": "red"})) == (401, "Unauthorized")
    assert refusal(v3(service, scope=project("red"))) == (401, "Unauthorized")
    assert v2(service, credentials | {"tenantName": "blue"}).status == 200
    assert v3(service, scope={"project": {"id": "blue"}}).status == 201
    assert v3(service, scope="unscoped").status == 201


@pytest.mark.parametrize("scope", [{"system": {"all": True}}, {"domain": {"id": "default"}}, {}])
def test_a_scope_that_is_no_project_is_refused(service: Service, scope: object) -> None:
    """Not answered with something else."""
    assert refusal(v3(service, scope=scope)) == (401, "Unauthorized")


@pytest.mark.parametrize(("name", "password"), [("alice", "wrong"), ("nobody", PASSWORD), ("host:x", "")])
def test_bad_credentials_are_refused_alike(service: Service, name: str, password: str) -> None:
    """With where to log in, for clients that look."""
    answers = [
        v3(service, name, password),
        v2(service, {"passwordCredentials": {"username": name, "password": password}}),
    ]
    for answer in answers:
        assert refusal(answer) == (401, "Unauthorized")
        assert answer.body["error"]["message"] == "The account or its password is wrong."
        assert answer.headers["www-authenticate"].startswith("Keystone")


@pytest.mark.parametrize(
    "methods", [["password", "totp"], ["totp"], [], ["token", "password"], ["password", "password"]]
)
def test_methods_that_are_not_there_are_refused(service: Service, methods: list[str]) -> None:
    """Who names two methods wants both asked for."""
    user = {"name": "alice", "password": PASSWORD}
    answer = v3(service, identity={"methods": methods, "password": {"user": user}})
    assert refusal(answer) == (401, "Unauthorized")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b'{"auth": null}',
        b'{"auth": {}}',
        b'{"auth": {"passwordCredentials": 5, "identity": 5}}',
        b'{"auth": {"passwordCredentials": {"username": 5, "password": {}}, "identity": {"methods": "password"}}}',
        b'{"auth": {"identity": {"methods": ["password"]}}}',
        b'{"auth": {"identity": {"methods": ["token"], "token": {}}}}',
        b'{"auth": {"passwordCredentials": {"username": "\\ud800", "password": "x"}}}',
        b'{"auth": {"passwordCredentials": {"username": "' + b"x" * 256 + b'", "password": "x"}}}',
        b"[" * 100_000,
        b"\xff\xfe",
    ],
)
@pytest.mark.parametrize("path", ["/v2.0/tokens", "/v3/auth/tokens"])
def test_malformed_requests_are_told_so(service: Service, path: str, body: bytes) -> None:
    """In Keystone's form."""
    assert refusal(service.call("POST", path, body)) == (400, "Bad Request")


def test_a_huge_request_is_refused(service: Service) -> None:
    """Unread."""
    answer = service.call("POST", "/v3/auth/tokens", b"", headers={"Content-Length": str(10**9)})
    assert refusal(answer)[0] == 413


@pytest.mark.parametrize("text", GARBAGE)
def test_a_garbage_token_is_refused(service: Service, text: str) -> None:
    """As the asker's, as the one spoken of, and in exchange."""
    assert service.call("GET", "/v2.0/networks", headers={"X-Auth-Token": text}).status == 401
    assert service.call("GET", "/v3/auth/tokens", headers={"X-Auth-Token": text}).status == 401
    mine = token_of(service, "alice")
    answer = service.call("GET", "/v3/auth/tokens", token=mine, headers={"X-Subject-Token": text})
    assert refusal(answer) == (404, "Not Found")
    assert refusal(v2(service, {"token": {"id": text}})) == (401, "Unauthorized")


def test_an_expired_token_is_refused(service: Service) -> None:
    """Though the key that signed it is ours."""
    key = load_key(service.data / "signing-key")
    alice = Account("alice", Role.MEMBER, "blue", None)
    assert service.call("GET", "/v2.0/networks", token=Tokens(key, 60).issue(alice).text).status == 200
    assert service.call("GET", "/v2.0/networks", token=Tokens(key, -1).issue(alice).text).status == 401


def test_a_token_for_a_token_is_the_same_one(service: Service) -> None:
    """So a stolen one can't be renewed for ever, and revoking it revokes all that came of it."""
    mine = token_of(service, "alice")
    answer = v3(service, identity={"methods": ["token"], "token": {"id": mine}}, scope=project("blue"))
    assert answer.headers["x-subject-token"] == mine
    assert answer.body["token"]["methods"] == ["token"]
    assert v2(service, {"token": {"id": mine}, "tenantName": "blue"}).body["access"]["token"]["id"] == mine
    assert refusal(v2(service, {"token": {"id": mine}, "tenantName": "red"})) == (401, "Unauthorized")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_one_may_look_at_ones_own_token(service: Service, method: str) -> None:
    """An administrator at anybody's; nobody else at another's."""
    alice, bob, admin = token_of(service, "alice"), token_of(service, "bob"), service.token()

    def look(asker: str, subject: str) -> Answer:
        return service.call(method, "/v3/auth/tokens", token=asker, headers={"X-Subject-Token": subject})

    assert [look(alice, alice).status, look(alice, bob).status, look(admin, bob).status] == [200, 403, 200]
    assert look(admin, alice).headers["x-subject-token"] == alice
    if method == "HEAD":
        assert look(alice, alice).body is None
    else:
        assert look(admin, bob).body["token"]["user"]["name"] == "bob"
    assert service.call(method, "/v3/auth/tokens", token=alice).status == 400


def test_a_token_is_revoked_by_its_owner_or_an_administrator(service: Service) -> None:
    """At once, that one alone, and by nobody else."""
    first, second, bob, admin = (*(token_of(service, name) for name in ("alice", "alice", "bob")), service.token())

    def revoke(asker: str, subject: str) -> int:
        return service.call("DELETE", "/v3/auth/tokens", token=asker, headers={"X-Subject-Token": subject}).status

    def works(token: str) -> bool:
        return service.call("GET", "/v2.0/networks", token=token).status == 200

    assert works(first)
    assert works(second)
    assert revoke(bob, first) == 403
    assert works(first)
    assert revoke(first, first) == 204
    assert not works(first)
    assert works(second)
    assert revoke(admin, second) == 204
    assert not works(second)
    assert revoke(admin, second) == 404
    assert revoke(second, second) == 401


@pytest.mark.parametrize("path", ["/v3", "/v3/"])
def test_the_version_can_be_discovered(service: Service, path: str) -> None:
    """Without a token."""
    version = service.call("GET", path).body["version"]
    assert version["id"].startswith("v3.")
    assert version["links"] == [{"rel": "self", "href": f"{service.url}/v3/"}]


def test_catalogue_and_projects(service: Service) -> None:
    """What belongs to a token; nothing without one."""
    alice = token_of(service, "alice")
    catalog = service.call("GET", "/v3/auth/catalog", token=alice).body["catalog"]
    assert sorted(entry["type"] for entry in catalog) == ["identity", "network"]
    for path, key in (("/v3/auth/projects", "projects"), ("/v3/projects", "projects"), ("/v2.0/tenants", "tenants")):
        assert [one["name"] for one in service.call("GET", path, token=alice).body[key]] == ["blue"]
        assert refusal(service.call("GET", path)) == (401, "Unauthorized")


@pytest.mark.parametrize("host", [None, "x/plug/?", "x/plug/y#"])
def test_a_hosts_token_opens_one_door(service: Service, command: Command, host: str | None) -> None:
    """Whatever the client writes into its Host header."""
    token = command("host-token", "host1").stdout.strip()
    headers = {"Host": host} if host else {}
    for path in ("/v2.0/networks", "/v2.0/qos/policies/plug/bandwidth_limit_rules", "/v3/auth/projects"):
        assert service.call("GET", path, token=token, headers=headers).status == 403, path
    assert refusal(v2(service, {"token": {"id": token}})) == (403, "Forbidden")
    plug = service.call("GET", "/plug/11111111-1111-1111-1111-111111111111", token=token)
    assert (plug.status, plug.error) == (404, "PortNotFound")


def test_many_failures_pause_and_leave_a_remembered_password_alone(service: Service) -> None:
    """503 and not 401: the engine would switch its synchronisation off for good."""
    assert v3(service).status == 201
    statuses = [v3(service, "alice", "wrong").status for _ in range(15)]
    assert statuses[0] == 401
    assert 503 in statuses  # not each: an attempt comes back every few seconds
    assert v3(service).status == 201


def test_nothing_secret_is_logged(service: Service, tmp_path: Path) -> None:
    """Neither passwords, right or wrong, nor tokens, good or bad."""
    token, wrong = token_of(service, "bob"), "a-wrong-password"
    v3(service, "bob", wrong)
    v2(service, {"passwordCredentials": {"username": wrong, "password": wrong}})
    v2(service, {"passwordCredentials": {"username": 5, "password": wrong}})
    service.call("POST", "/v3/auth/tokens", f'{{"auth": "{wrong}'.encode())
    service.call("GET", "/v2.0/networks", token=token[:-1] + "!")
    service.call("DELETE", "/v3/auth/tokens", token=token, headers={"X-Subject-Token": token})
    log = service.log.read_text()
    assert "path=/v3/auth/tokens" in log
    secrets = [PASSWORD, wrong, token, token.rpartition(".")[2][:20], service.password("admin"), "argon2id"]
    assert [secret for secret in secrets if secret in log] == []
