"""Tap mirrors, by the copies that arrive: the other host is the one who looks, at its address of the data network."""

import re
from pathlib import Path

import pytest

from lab.host import DATA_NIC
from lab.ovn import tunnel_address
from tests.api.client import Document
from tests.ovn.site import Site, Vm, until

pytestmark = pytest.mark.root


@pytest.fixture
def pair(site: Site) -> tuple[Vm, Vm]:
    """Two VMs on one host: what is between them is on no wire but by a mirror."""
    blue = site.network("10.1.0.0/24", port_security_enabled=False)
    return site.start(blue, site.host1).ask_dhcp(), site.start(blue, site.host1).ask_dhcp()


def mirror(site: Site, vm: Vm, kind: str, **directions: int) -> Document:
    sink = tunnel_address(site.host2)
    return site.admin.create(
        "taas/tap_mirrors", port_id=vm.port["id"], remote_ip=sink, mirror_type=kind, directions=directions
    )


class Copies:
    """What of GRE the other host gets while one VM reaches the other."""

    def __init__(self, site: Site, folder: Path, one: Vm, other: Vm) -> None:
        self._site = site
        self._log = folder / "copies"
        self._pair = one, other

    def look(self) -> str:
        """As tcpdump shows it, with the bytes."""
        self._log.write_text("")
        one, other = self._pair
        watch = ["tcpdump", "-i", DATA_NIC, "-l", "-n", "-v", "-x", "proto", "gre"]
        watching = self._site.host2.netns.popen(watch, log=self._log)
        until(lambda: "listening" in self._log.read_text(), "tcpdump does not start")
        assert one.reaches(other.address)
        watching.terminate()
        watching.wait(10)
        return self._log.read_text()

    def keys(self) -> set[tuple[str, str]]:
        """The keys of the copies, and what they are copies of."""
        found = re.findall(r"key=(0x\w+), length \d+\n\tIP .*\n +[\d.]+ > [\d.]+: ICMP echo (\w+)", self.look())
        return {(key, what) for key, what in found}


@pytest.fixture
def copies(site: Site, tmp_path: Path, pair: tuple[Vm, Vm]) -> Copies:
    return Copies(site, tmp_path, *pair)


def test_both_directions(site: Site, pair: tuple[Vm, Vm], copies: Copies) -> None:
    """Each by a tunnel of its own: the VM's requests go OUT, the answers come IN. With the mirror the copies end."""
    assert "GRE" not in copies.look()
    made = mirror(site, pair[0], "gre", IN=101, OUT=102)
    assert made["directions"] == {"IN": 101, "OUT": 102}
    until(lambda: copies.keys() == {(hex(102), "request"), (hex(101), "reply")}, "not both are copied")
    site.admin.delete("taas/tap_mirrors", made["id"])
    until(lambda: "GRE" not in copies.look(), "copies go on arriving")
    assert site.ovn.nbctl("list", "Mirror") == ""


def test_erspan(site: Site, pair: tuple[Vm, Vm], copies: Copies) -> None:
    """Of one direction, with the session's number in its header (protocol type 0x88be, version 1)."""
    mirror(site, pair[0], "erspanv1", OUT=103)
    until(lambda: re.search(r"1000 88be \w{4} \w{4} 1000 0067", copies.look()), "no copies arrive")
    shown = "".join(re.findall(r"0x\w+: +(.*)\n", copies.look())).replace(" ", "")
    between = "".join(f"{int(byte):02x}" for vm in pair for byte in vm.address.split("."))
    assert between in shown


def test_the_port_goes_with_its_mirrors(site: Site, pair: tuple[Vm, Vm]) -> None:
    """And nothing of them is left in OVN."""
    made = mirror(site, pair[0], "gre", IN=101)
    assert site.ovn.nbctl("--bare", "--columns=sink", "list", "Mirror") == tunnel_address(site.host2)
    site.admin.delete("ports", pair[0].port["id"])
    assert site.admin.send("GET", f"taas/tap_mirrors/{made['id']}").status == 404
    assert site.ovn.nbctl("list", "Mirror") == ""


def test_what_is_changed_by_hand_is_put_right(site: Site, pair: tuple[Vm, Vm], copies: Copies) -> None:
    """The mirror, and the port that has it; a mirror that somebody else put on the port stays."""
    mirror(site, pair[0], "gre", OUT=102)
    id = site.ovn.nbctl("--bare", "--columns=_uuid", "list", "Mirror")
    site.ovn.nbctl("mirror-add", "theirs", "gre", "104", "to-lport", tunnel_address(site.host2))
    site.ovn.nbctl("lsp-attach-mirror", pair[0].port["id"], "theirs")
    site.ovn.nbctl("set", "Mirror", id, "index=99")
    until(lambda: site.ovn.nbctl("get", "Mirror", id, "index") == "102", "the mirror is not put right")
    until(lambda: copies.keys() == {(hex(102), "request"), (hex(104), "reply")}, "not both mirrors are there")
    site.ovn.nbctl("mirror-del", "theirs")
    site.ovn.nbctl("lsp-del", pair[0].port["id"])
    until(lambda: copies.keys() == {(hex(102), "request")}, "the port came back without its mirror", 20)
