"""OpenStack's own SDK as a client, as its users set it up."""

from collections.abc import Iterator

import openstack
import pytest
from openstack.connection import Connection
from openstack.exceptions import BadRequestException, ConflictException, NotFoundException

from tests.api.client import Client
from tests.api.conftest import Running, empty
from tests.service import Service


@pytest.fixture
def cloud(service: Service) -> Iterator[Connection]:
    yield from connected(service)


@pytest.fixture
def guarded_cloud(capable: Running) -> Iterator[Connection]:
    """Of a service whose plugin has security groups."""
    yield from connected(capable.service)
    empty(Client(capable.service, capable.service.token()))


def connected(service: Service) -> Iterator[Connection]:
    """Logged in with Keystone v3 by password; the network's URL is found in the catalogue."""
    connection = openstack.connect(
        auth_url=f"{service.url}/v3",
        username="admin",
        password=service.password("admin"),
        project_name="admin",
        user_domain_name="Default",
        project_domain_name="Default",
        region_name="RegionOne",
        load_yaml_config=False,
        load_envvars=False,
    )
    yield connection
    connection.close()


def test_networks_subnets_and_ports(cloud: Connection) -> None:
    """Created, found by name, listed in pages and by filter, updated, deleted."""
    network = cloud.network.create_network(name="blue", mtu=1400)
    subnet = cloud.network.create_subnet(
        network_id=network.id, name="s", cidr="10.0.0.0/24", ip_version=4, is_dhcp_enabled=False
    )
    ports = [cloud.network.create_port(network_id=network.id, name=f"p{number}") for number in range(3)]
    assert cloud.network.find_network("blue", ignore_missing=False).id == network.id
    assert [one.id for one in cloud.network.networks(is_shared=False, mtu=1400)] == [network.id]
    assert sorted(one.name for one in cloud.network.ports(limit=1)) == ["p0", "p1", "p2"]
    assert cloud.network.get_port(ports[0].id).fixed_ips == [{"subnet_id": subnet.id, "ip_address": "10.0.0.2"}]
    assert cloud.network.update_port(ports[0], description="d").description == "d"
    assert cloud.network.update_network(network, name="green").name == "green"
    assert cloud.network.update_subnet(subnet, gateway_ip=None).gateway_ip is None
    for port in ports:
        cloud.network.delete_port(port, ignore_missing=False)
    cloud.network.delete_subnet(subnet, ignore_missing=False)
    cloud.network.delete_network(network, ignore_missing=False)
    assert list(cloud.network.networks()) == []


def test_policies_and_rules(cloud: Connection) -> None:
    """A speed limit for a port."""
    policy = cloud.network.create_qos_policy(name="gold", is_shared=True)
    rule = cloud.network.create_qos_bandwidth_limit_rule(policy, max_kbps=1000, direction="ingress")
    assert cloud.network.find_qos_policy("gold", ignore_missing=False).id == policy.id
    assert cloud.network.get_qos_bandwidth_limit_rule(rule, policy).max_kbps == 1000
    assert cloud.network.update_qos_bandwidth_limit_rule(rule, policy, max_kbps=2000).max_kbps == 2000
    cloud.network.update_qos_policy(policy, name="silver")
    network = cloud.network.create_network(name="n", qos_policy_id=policy.id)
    with pytest.raises(ConflictException):
        cloud.network.delete_qos_policy(policy)
    cloud.network.delete_network(network)
    cloud.network.delete_qos_bandwidth_limit_rule(rule, policy)
    cloud.network.delete_qos_policy(policy, ignore_missing=False)


def test_vlan_pools(cloud: Connection) -> None:
    """Neutron's network segment ranges."""
    pool = cloud.network.create_network_segment_range(
        network_type="vlan", physical_network="physnet1", minimum=2000, maximum=2001, shared=True, name="more"
    )
    assert cloud.network.get_network_segment_range(pool.id).available == [2000, 2001]
    cloud.network.update_network_segment_range(pool, maximum=2002)
    cloud.network.delete_network_segment_range(pool, ignore_missing=False)


def test_security_groups_and_rules(guarded_cloud: Connection) -> None:
    """Each verb, a port in a group, and rules in bulk."""
    network = guarded_cloud.network
    group = network.create_security_group(name="web", description="d", stateful=True)
    assert network.find_security_group("web", ignore_missing=False).id == group.id
    assert {one.name for one in network.security_groups()} == {"default", "web"}
    assert network.update_security_group(group, name="www").name == "www"
    rule = network.create_security_group_rule(
        security_group_id=group.id, direction="ingress", protocol="tcp", port_range_min=22, port_range_max=22
    )
    ends = [
        {"security_group_id": group.id, "direction": "ingress", "remote_ip_prefix": cidr, "protocol": "icmp"}
        for cidr in ("10.0.0.1/8", "192.0.2.0/24")
    ]
    first, _ = network.create_security_group_rules(ends)
    assert (first.normalized_cidr, rule.belongs_to_default_sg) == ("10.0.0.0/8", False)
    assert network.find_security_group_rule(rule.id, ignore_missing=False).port_range_min == 22
    assert {rule.id, first.id} <= {one.id for one in network.security_group_rules(security_group_id=group.id)}
    assert {rule.id, first.id} <= {one["id"] for one in network.get_security_group(group).security_group_rules}
    port = network.create_port(network_id=network.create_network(name="n").id, security_groups=[group.id])
    assert port.security_group_ids == [group.id]
    with pytest.raises(ConflictException, match="in use"):
        network.delete_security_group(group)
    network.delete_port(port, ignore_missing=False)
    network.delete_security_group_rule(rule, ignore_missing=False)
    network.delete_security_group(group, ignore_missing=False)
    assert [one.name for one in network.security_groups()] == ["default"]


def test_address_groups(guarded_cloud: Connection) -> None:
    """Each verb, addresses that come and go, and a rule that refers to them."""
    network = guarded_cloud.network
    group = network.create_address_group(name="offices", addresses=["192.0.2.0/24"])
    assert network.find_address_group("offices", ignore_missing=False).id == group.id
    assert network.add_addresses_to_address_group(group, ["2001:db8::/32"]).addresses[-1] == "2001:db8::/32"
    assert network.remove_addresses_from_address_group(group, ["192.0.2.0/24"]).addresses == ["2001:db8::/32"]
    assert network.update_address_group(group, description="d").description == "d"
    rule = network.create_security_group_rule(
        security_group_id=network.create_security_group(name="web").id,
        direction="ingress",
        ethertype="IPv6",
        remote_address_group_id=group.id,
    )
    with pytest.raises(ConflictException):
        network.delete_address_group(group)
    network.delete_security_group_rule(rule)
    network.delete_address_group(group, ignore_missing=False)
    assert list(network.address_groups()) == []


def test_routers_and_floating_ips(guarded_cloud: Connection) -> None:
    """Each verb: a network behind a router, a way out, an address for a VM, single ports of another one."""
    network = guarded_cloud.network
    public = network.create_network(name="public", is_router_external=True)
    network.create_subnet(network_id=public.id, cidr="192.0.2.0/24", ip_version=4, is_dhcp_enabled=False)
    inside = network.create_network(name="inside")
    subnet = network.create_subnet(network_id=inside.id, cidr="10.0.0.0/24", ip_version=4)
    port = network.create_port(network_id=inside.id)
    router = network.create_router(name="r", external_gateway_info={"network_id": public.id})
    assert network.find_router("r", ignore_missing=False).id == router.id
    assert network.add_interface_to_router(router, subnet=subnet.id)["subnet_ids"] == [subnet.id]
    routes = [{"destination": "172.16.0.0/16", "nexthop": "10.0.0.9"}]
    assert network.add_extra_routes_to_router(router, {"router": {"routes": routes}}).routes == routes
    assert network.remove_extra_routes_from_router(router, {"router": {"routes": routes}}).routes == []
    assert network.update_router(router, is_admin_state_up=False).is_admin_state_up is False
    floating_ip = network.create_ip(floating_network_id=public.id, port_id=port.id)
    assert network.find_ip(floating_ip.floating_ip_address).router_id == router.id
    assert [one.id for one in network.ips(port_id=port.id)] == [floating_ip.id]
    with pytest.raises(ConflictException, match="floating IPs"):
        network.remove_interface_from_router(router, subnet=subnet.id)
    assert network.update_ip(floating_ip, port_id=None).status == "DOWN"
    forwarding = network.create_floating_ip_port_forwarding(
        floating_ip, internal_port_id=port.id, internal_port=22, external_port=2222, protocol="tcp"
    )
    assert [one.id for one in network.floating_ip_port_forwardings(floating_ip)] == [forwarding.id]
    assert network.get_floating_ip_port_forwarding(floating_ip, forwarding).internal_ip_address == "10.0.0.2"
    network.update_floating_ip_port_forwarding(floating_ip, forwarding, external_port=2223)
    network.delete_floating_ip_port_forwarding(floating_ip, forwarding)
    network.delete_ip(floating_ip, ignore_missing=False)
    network.remove_interface_from_router(router, subnet=subnet.id)
    network.delete_router(router, ignore_missing=False)
    assert list(network.routers()) == []


def test_errors_are_the_sdks_own(cloud: Connection) -> None:
    """With the reason in words."""
    with pytest.raises(NotFoundException):
        cloud.network.get_network("11111111-2222-4333-8444-555555555555")
    with pytest.raises(BadRequestException, match="mtu"):
        cloud.network.create_network(name="x", mtu=60000)


def test_extensions_are_found(cloud: Connection) -> None:
    """By which the SDK knows what it may ask."""
    assert cloud.network.find_extension("qos", ignore_missing=False).name == "Quality of Service"


def test_firewalls(guarded_cloud: Connection) -> None:
    """Rules in a policy, put in order; a group on a router's interface."""
    network = guarded_cloud.network
    red = network.create_network(name="red")
    subnet = network.create_subnet(network_id=red.id, cidr="10.0.0.0/24", ip_version=4)
    router = network.create_router(name="r")
    port_id = network.add_interface_to_router(router, subnet_id=subnet.id)["port_id"]
    web = network.create_firewall_rule(name="web", action="allow", protocol="tcp", destination_port="80")
    rest = network.create_firewall_rule(name="rest", action="reject")
    policy = network.create_firewall_policy(name="p", firewall_rules=[rest.id])
    network.insert_rule_into_policy(policy, firewall_rule_id=web.id, insert_before=rest.id)
    assert network.get_firewall_policy(policy).firewall_rules == [web.id, rest.id]
    network.remove_rule_from_policy(policy, firewall_rule_id=rest.id)
    assert network.find_firewall_policy("p").firewall_rules == [web.id]
    group = network.create_firewall_group(name="g", ports=[port_id], ingress_firewall_policy_id=policy.id)
    assert (group.status, [one.id for one in network.firewall_groups(name="g")]) == ("ACTIVE", [group.id])
    with pytest.raises(ConflictException, match="still active"):
        network.delete_firewall_group(group)
    network.update_firewall_group(group, ports=[])
    network.delete_firewall_group(group, ignore_missing=False)
    network.remove_interface_from_router(router, subnet_id=subnet.id)
