"""What a service shows of security groups where no loaded plugin has them: nothing."""

import pytest

from tests.api.client import Client
from tests.api.conftest import FEATURES

HIDDEN = [path for path, feature in FEATURES.items() if feature]


@pytest.mark.parametrize("hidden", HIDDEN)
def test_there_is_no_such_resource(administrator: Client, hidden: str) -> None:
    """404, as of any path that there is not."""
    for method, path in (("GET", hidden), ("POST", hidden), ("DELETE", f"{hidden}/x")):
        answer = administrator.send(method, path, {} if method == "POST" else None)
        assert (answer.status, answer.error) == (404, "HTTPNotFound")


def test_nothing_says_that_there_is(administrator: Client) -> None:
    """Neither extensions nor the list of resources."""
    aliases = {one["alias"] for one in administrator.send("GET", "extensions").body["extensions"]}
    assert not [alias for alias in aliases if "security" in alias or "address" in alias]
    assert administrator.send("GET", "extensions/security-group").status == 404
    resources = administrator.send("GET", "").body["resources"]
    assert not [one for one in resources if "group" in one["collection"]]


def test_a_port_is_in_no_group(administrator: Client) -> None:
    """Not in a default one either."""
    port = administrator.create("ports", network_id=administrator.create("networks")["id"], security_groups=None)
    assert (port["security_groups"], port["port_security_enabled"]) == ([], False)
