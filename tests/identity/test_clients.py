"""OpenStack's own libraries log in: keystoneauth1 and openstacksdk."""

import openstack
import pytest
from keystoneauth1 import exceptions, session
from keystoneauth1.identity import V2Password, V3Password, V3Token

from tests.identity.conftest import PASSWORD
from tests.service import Service


def password_v3(service: Service, password: str = PASSWORD, project: str = "blue") -> V3Password:
    return V3Password(
        auth_url=f"{service.url}/v3",
        username="alice",
        password=password,
        user_domain_name="Default",
        project_name=project,
        project_domain_name="Default",
    )


def test_openstacksdk_logs_in_and_finds_the_network_service(service: Service) -> None:
    """By v3, domain Default; its endpoint is discovered from the catalogue's unversioned URL."""
    cloud = openstack.connect(
        auth_url=f"{service.url}/v3",
        username="alice",
        password=PASSWORD,
        project_name="blue",
        user_domain_name="Default",
        project_domain_name="Default",
        load_yaml_config=False,
        load_envvars=False,
    )
    assert cloud.session.get_endpoint(service_type="network") == service.url
    endpoint = cloud.network.get_endpoint_data()
    assert endpoint is not None
    assert (endpoint.url, endpoint.api_version) == (f"{service.url}/v2.0", (2, 0))
    assert list(cloud.network.networks()) == []
    assert cloud.current_project.name == "blue"
    assert cloud.session.get_endpoint(service_type="identity") == f"{service.url}/v3"
    cloud.close()


def test_keystoneauth_logs_in_by_every_form(service: Service) -> None:
    """v3 with a password, v3 with a token, v2 with a tenant."""
    by_password = session.Session(auth=password_v3(service))
    token = by_password.get_token()
    assert token is not None
    forms = [
        by_password,
        session.Session(auth=V3Token(f"{service.url}/v3", token, project_name="blue", project_domain_id="default")),
        session.Session(auth=V2Password(f"{service.url}/v2.0", "alice", PASSWORD, tenant_name="blue")),
    ]
    for form in forms:
        answer = form.get("/v2.0/networks", endpoint_filter={"service_type": "network"})
        assert answer.json() == {"networks": []}


def test_keystoneauth_understands_the_refusals(service: Service) -> None:
    """401 with Keystone's message, for a wrong password and for another's project."""
    with pytest.raises(exceptions.Unauthorized, match="password is wrong"):
        session.Session(auth=password_v3(service, password="wrong")).get_token()
    with pytest.raises(exceptions.Unauthorized, match="no role in that project"):
        session.Session(auth=password_v3(service, project="red")).get_token()


def test_a_revoked_token_makes_keystoneauth_log_in_anew(service: Service) -> None:
    """A client that kept a token is told by 401, and helps itself."""
    client = session.Session(auth=password_v3(service))
    token = client.get_token()
    assert token is not None
    service.call("DELETE", "/v3/auth/tokens", token=token, headers={"X-Subject-Token": token})
    assert client.get("/v2.0/networks", endpoint_filter={"service_type": "network"}).status_code == 200
    assert client.get_token() != token
