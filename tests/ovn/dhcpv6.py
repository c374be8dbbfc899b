"""What a VM is told by DHCPv6, asked by dhclient (isc-dhcp-client)."""

from tests.ovn.site import Vm, until

_SCRIPT = """\
#!/bin/sh
# dhclient's script: configures nothing, notes what it was told
case "$reason" in BOUND6 | RENEW6) env | grep ^new_ > "$LEASE" ;; esac
"""


def lease(vm: Vm, *, stateless: bool = False) -> dict[str, str]:
    """By dhclient's names: `ip6_address`, `dhcp6_name_servers`; stateless: all but addresses. Raises LabError."""
    folder = vm.site.folder / f"{vm.netns.name}-dhcpv6"
    folder.mkdir(exist_ok=True)
    script, told = folder / "script", folder / "told"
    script.write_text(_SCRIPT)
    script.chmod(0o755)
    told.write_text("")
    (folder / "leases").unlink(missing_ok=True)  # an earlier VM's, of the same name
    until(
        lambda: "tentative" not in vm.netns.ip("-6", "addr", "show", "dev", "eth0"), "eth0 has no address of its link"
    )
    files = ["-cf", "/dev/null", "-lf", str(folder / "leases"), "-pf", str(folder / "pid"), "-sf", str(script)]
    client = ["dhclient", "-6", *(["-S"] if stateless else []), *files]
    environment = ["-e", f"LEASE={told}"]
    try:
        vm.netns.run([*client, "-1", *environment, "eth0"])
        until(lambda: told.read_text(), "nobody answers DHCPv6")
    finally:
        vm.netns.run([*client, "-x", *environment, "eth0"])
    return dict(line.removeprefix("new_").split("=", 1) for line in told.read_text().splitlines())
