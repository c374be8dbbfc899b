"""spec/ovirt-quantum.spec: it is read, its host package is built, and what it requires is what setup.cfg pins."""

import re
import subprocess
from configparser import ConfigParser
from pathlib import Path

import pytest

from tests.docs.page import ROOT

SPEC = ROOT / "spec" / "ovirt-quantum.spec"
HOOK = re.compile(r"vdsm_hooks/(?:before|after)_\w+/50_ovirt_quantum|vdsm_hooks/sudoers\.d/\w+")


def run(*argv: str | Path, cwd: Path = ROOT) -> str:
    return subprocess.run(argv, cwd=cwd, capture_output=True, text=True, check=True, timeout=120).stdout


def tracked() -> list[str]:
    """Every file of the project, as it is now."""
    return [line for line in run("git", "ls-files").splitlines() if (ROOT / line).exists()]


@pytest.fixture(scope="module")
def host_package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The host's RPM, built from the files that git knows."""
    top = tmp_path_factory.mktemp("rpmbuild")
    (top / "SOURCES").mkdir()
    source = top / "SOURCES" / "ovirt-quantum-0.1.0.tar.gz"
    (top / "files").write_text("\n".join(tracked()))
    run(
        "tar",
        "--create",
        "--gzip",
        f"--file={source}",
        "--transform=flags=r;s,^,ovirt-quantum-0.1.0/,",
        f"--files-from={top}/files",
    )
    run("rpmbuild", "-bb", "--without", "service", "--define", f"_topdir {top}", SPEC)
    (package,) = top.rglob("ovirt-quantum-host-*.rpm")
    return package


def test_the_spec_file_is_read() -> None:
    """Four packages, all of them for any machine."""
    names = run("rpmspec", "--query", "--queryformat", "%{NAME} %{ARCH}\n", SPEC).splitlines()
    assert names == [f"ovirt-quantum{part} noarch" for part in ("", "-ovs", "-ovn", "-host")]
    assert "%{" not in run("rpmspec", "--parse", SPEC)


def test_version_is_that_of_setup_cfg() -> None:
    """One version in two files."""
    setup = ConfigParser()
    setup.read(ROOT / "setup.cfg")
    version = run("rpmspec", "--query", "--srpm", "--queryformat", "%{VERSION}", SPEC)
    assert version == setup["metadata"]["version"]


def test_every_package_of_the_service_is_shipped() -> None:
    """A folder of code that setup.cfg forgets is missing where it is installed, and only there."""
    setup = ConfigParser()
    setup.read(ROOT / "setup.cfg")
    roots = dict(line.split(" = ") for line in setup["options"]["package_dir"].strip().splitlines())
    there = set()
    for name, folder in roots.items():
        for path in (ROOT / folder).rglob("__init__.py"):
            there.add(".".join([name, *path.parent.relative_to(ROOT / folder).parts]))
    assert set(setup["options"]["packages"].split()) == there


def test_what_is_required_is_what_is_pinned() -> None:
    """Each library of setup.cfg, in its version, by the service or the plugin."""
    setup = ConfigParser()
    setup.read(ROOT / "setup.cfg")
    lines = [line for line in setup["options"]["install_requires"].splitlines() if "==" in line]
    pinned = {re.sub(r"\[\w+\]", "", name): version for name, version in (line.split("==") for line in lines)}
    assert dict(re.findall(r"^Requires: +python3\.11dist\((.+)\) = (.+)$", SPEC.read_text(), re.MULTILINE)) == pinned


def test_every_hook_is_installed(host_package: Path) -> None:
    """As a file, executable, byte for byte; also the one that is a link in the source."""
    listed = run("rpm", "-qp", "--queryformat", "[%{FILENAMES} %{FILEMODES:perms}\n]", host_package).splitlines()
    modes = dict(line.split(" ") for line in listed)
    hooks = [path for path in tracked() if HOOK.fullmatch(path)]
    assert len(hooks) == 4
    for path in hooks:
        folder, name = path.split("/")[-2:]
        if folder == "sudoers.d":
            assert modes[f"/etc/sudoers.d/{name}"] == "-r--r-----"
        else:
            assert modes[f"/usr/libexec/vdsm/hooks/{folder}/{name}"] == "-rwxr-xr-x"


def test_the_whole_host_command_is_installed(host_package: Path, tmp_path: Path) -> None:
    """Every module is there, and the command runs from what the package holds."""
    listed = run("rpm", "-qlp", host_package).splitlines()
    modules = [path for path in tracked() if re.fullmatch(r"vdsm_hooks/ovirt_quantum_host/\w+\.py", path)]
    assert len(modules) > 5
    for path in modules:
        assert f"/usr/share/ovirt-quantum-host/{path.removeprefix('vdsm_hooks/')}" in listed
    (tmp_path / "payload").write_bytes(
        subprocess.run(["rpm2cpio", host_package], capture_output=True, check=True).stdout
    )
    run("cpio", "--extract", "--make-directories", "--quiet", f"--file={tmp_path}/payload", cwd=tmp_path)
    command = tmp_path / "usr/bin/ovirt-quantum-host"
    command.write_text(command.read_text().replace('"/usr/share', f'"{tmp_path}/usr/share'))
    assert "setup" in run(command, "--help")
