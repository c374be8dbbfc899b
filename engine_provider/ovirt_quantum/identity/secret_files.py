"""Files that hold a secret: the signing key, initial passwords, hosts' tokens."""

import os
import secrets
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from ..errors import Unavailable

KEY_FILE = "signing-key"
KEY_BYTES = 32
"""HS256 needs a key as long as its hash (RFC 7518, section 3.2)."""


def load_or_make_key(path: Path) -> bytes:
    """The deployment's signing key. Raises Unavailable where the file is damaged, OSError where it can't be read."""
    if not path.exists():
        with suppress(FileExistsError):  # another process was faster: its key is the key
            write_new_secret(path, secrets.token_bytes(KEY_BYTES))
    return load_key(path)


def load_key(path: Path) -> bytes:
    """Raises Unavailable where the file is damaged, OSError where it can't be read."""
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise Unavailable(
            "ServiceUnavailable",
            f"{path} is damaged: it holds {len(key)} bytes, a signing key has {KEY_BYTES}. Restore it, or remove it to "
            "have a new one made: that ends every token, and each host needs a new one.",
        )
    return key


def write_new_secret(path: Path, content: bytes) -> None:
    """The file is there whole, durable and mode 0600, or not at all. Raises FileExistsError where there is one."""
    _write(path, content, lambda draft: os.link(draft, path))


def write_secret(path: Path, content: bytes) -> None:
    """The same, over a file that may be there."""
    _write(path, content, lambda draft: os.rename(draft, path))


def _write(path: Path, content: bytes, publish: Callable[[str], None]) -> None:
    """mkstemp makes the draft with mode 0600, so the secret is never in a file that others may open."""
    descriptor, draft = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        publish(draft)
        _sync_directory(path.parent)
    finally:
        Path(draft).unlink(missing_ok=True)


def _sync_directory(directory: Path) -> None:
    """A new name is durable only when its directory is (fsync(2))."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
