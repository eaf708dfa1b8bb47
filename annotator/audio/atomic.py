"""Files that appear whole or not at all.

The bytes go to a hidden file beside the target, are flushed to the disk, and
only then get the target's name. A reader, a crash or a full disk never leaves
half a file under that name.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import time
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = [
    "ABANDONED",
    "PART_SUFFIX",
    "atomic_file",
    "part_file",
    "publish",
    "sync_folder",
]

PART_SUFFIX = ".part"
ABANDONED = 86_400.0  # s; no write takes that long without a change


@contextlib.contextmanager
def part_file(target: Path) -> Iterator[tuple[Path, BinaryIO]]:
    """Open a hidden file beside `target`; it is gone when the block ends.

    Inside the block the caller gives it its real name (`publish`, `os.link`).
    Folders above `target` are made where they are missing.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    # The name is cut, since most file systems allow 255 bytes.
    start = f".{target.name[:50]}."
    _clear_away(target.parent, start)
    part = target.with_name(f"{start}{secrets.token_hex(6)}{PART_SUFFIX}")
    # Not tempfile: its files are for the owner alone, whatever the umask says,
    # and a shared folder is the usual place of these.
    handle = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | _BINARY, 0o666)
    file = os.fdopen(handle, "w+b")
    try:
        yield part, file
    finally:
        file.close()
        part.unlink(missing_ok=True)


def _clear_away(folder: Path, start: str) -> None:
    """Delete what processes left half done that were killed while writing this."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            name = entry.name
            if not (name.startswith(start) and name.endswith(PART_SUFFIX)):
                continue
            if time.time() - entry.stat().st_mtime > ABANDONED:
                os.unlink(entry.path)


def publish(file: BinaryIO, part: Path, target: Path) -> None:
    """Flush `file` to the disk and rename `part` to `target`."""
    file.flush()
    os.fsync(file.fileno())
    file.close()  # Windows does not rename an open file.
    part.replace(target)
    sync_folder(target.parent)


@contextlib.contextmanager
def atomic_file(target: Path) -> Iterator[BinaryIO]:
    """Open a file that gets the name `target` when the block ends without error."""
    with part_file(target) as (part, file):
        yield file
        publish(file, part, target)


def sync_folder(folder: Path) -> None:
    """Flush a folder's list of names to the disk, where the system can."""
    if os.name == "nt":
        return
    with contextlib.suppress(OSError):  # some network file systems refuse
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


_BINARY: int = getattr(os, "O_BINARY", 0)
