"""The guest's kernel and initramfs, made once and kept in a cache folder.

The kernel is Debian's cloud kernel, unpacked but never installed; the initramfs holds busybox, the virtio modules
that the NIC needs and the programs beside `initramfs/init`. Together they boot in some 8 s without KVM.
"""

from __future__ import annotations

import gzip
import hashlib
import lzma
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lab.command import run
from lab.errors import LabError

CACHE = Path.home() / ".cache" / "ovirt-quantum-lab"
_SOURCES = Path(__file__).with_name("initramfs")
_BUSYBOX = Path("/bin/busybox")
_KERNEL_PACKAGE = "linux-image-cloud-amd64"
_MODULES = {
    "failover",
    "net_failover",
    "virtio",
    "virtio_net",
    "virtio_pci",
    "virtio_pci_legacy_dev",
    "virtio_pci_modern_dev",
    "virtio_ring",
}


@dataclass(frozen=True)
class Guest:
    """What QEMU boots directly."""

    kernel: Path
    initramfs: Path


def make_guest(cache: Path = CACHE) -> Guest:
    """The guest, made if the cache does not hold it yet (needs apt and gcc). Raises LabError."""
    kernel = _cached(cache / "kernel", _unpack_kernel)
    initramfs = _cached(cache / f"initramfs-{_recipe()}", lambda folder: _build_initramfs(folder, kernel))
    return Guest(kernel / "vmlinuz", initramfs / "initramfs.gz")


def _cached(folder: Path, make: Callable[[Path], None]) -> Path:
    """`folder`, filled by `make` if it is not there: beside it first, so that it is never seen half-made."""
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, ignore_cleanup_errors=True) as unfinished:
            made = Path(unfinished, "made")
            made.mkdir()
            make(made)
            try:
                made.rename(folder)
            except OSError:  # somebody else has made it meanwhile
                if not folder.exists():
                    raise
    return folder


def _recipe() -> str:
    if not _BUSYBOX.exists():
        raise LabError(f"{_BUSYBOX} is not there; `python3 -m lab packages` installs what the lab needs")
    digest = hashlib.sha256(_BUSYBOX.read_bytes())
    for source in sorted(_SOURCES.iterdir()):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def _unpack_kernel(folder: Path) -> None:
    """Fill `folder` with `vmlinuz` and `modules/*.ko` of the newest cloud kernel that apt knows."""
    with tempfile.TemporaryDirectory(dir=folder.parent) as name:
        unpacked = Path(name)
        run(["apt-get", "download", _newest_kernel()], cwd=unpacked, timeout=300)
        run(["dpkg", "-x", next(unpacked.glob("*.deb")), unpacked], timeout=120)
        shutil.copy(next(unpacked.glob("boot/vmlinuz-*")), folder / "vmlinuz")
        (folder / "modules").mkdir()
        for module in unpacked.glob("lib/modules/**/*.ko*"):
            stem = module.name.partition(".")[0]
            if stem in _MODULES:
                opener = lzma.open if module.suffix == ".xz" else open
                with opener(module, "rb") as packed:
                    (folder / "modules" / f"{stem}.ko").write_bytes(packed.read())
    missing = _MODULES - {module.stem for module in (folder / "modules").iterdir()}
    if missing:
        raise LabError(f"{_KERNEL_PACKAGE} has no modules {', '.join(sorted(missing))}")


def _newest_kernel() -> str:
    """The name of the package with the image, on which the well-known one depends."""
    for line in run(["apt-cache", "depends", _KERNEL_PACKAGE]).stdout.splitlines():
        relation, _, package = line.strip().partition(": ")
        if relation == "Depends" and package.startswith("linux-image-"):
            return package
    raise LabError(f"apt knows no {_KERNEL_PACKAGE}; run `apt-get update` and try again")


def _build_initramfs(folder: Path, kernel: Path) -> None:
    root = folder / "root"
    for part in ("bin", "dev", "proc", "sys"):
        (root / part).mkdir(parents=True)
    shutil.copy(_BUSYBOX, root / "bin/busybox")
    shutil.copytree(kernel / "modules", root / "modules")
    for script, place in (("init", root / "init"), ("lease", root / "bin/lease")):
        shutil.copy(_SOURCES / script, place)
        place.chmod(0o755)
    for source in _SOURCES.glob("*.c"):
        run(["gcc", "-std=gnu11", "-static", "-O2", "-s", "-o", root / "bin" / source.stem, source])
    packed = folder / "initramfs"
    names = "\n".join(str(path.relative_to(root)) for path in sorted(root.rglob("*")))
    run(["cpio", "--create", "--format=newc", "--quiet", "--file", packed], stdin=names, cwd=root)
    (folder / "initramfs.gz").write_bytes(gzip.compress(packed.read_bytes()))
    packed.unlink()
    shutil.rmtree(root)
