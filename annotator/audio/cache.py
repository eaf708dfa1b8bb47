"""Whole copies of remote files, on this machine, for this user alone.

A copy is found by the file's address *and version*, so one that is out of date
is never used. It appears whole or not at all; of several processes that want
the same file one downloads it and the others wait. The copies not used for the
longest time make room for new ones.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
import time
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from annotator.audio.atomic import atomic_file
from annotator.audio.backends.base import shown
from annotator.errors import AnnotatorError, StorageError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["LIMIT", "cache_folder", "cached_copy", "kept_copy"]

LIMIT = 5 * 10**9
"""Bytes that the copies may take together."""

# A copy in use may be about to be opened by name: leave it this long, s.
IN_USE = 60.0
ABANDONED = 86_400.0

# Where the server tells no version, a copy serves this process only.
_THIS_RUN = f"run {secrets.token_hex(8)}"
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,8}$")
_COPY = re.compile(r"[0-9a-f]{64}(\.[A-Za-z0-9]{1,8})?")


def cache_folder() -> Path:
    """Return the folder of the copies: ``ANNOTATOR_CACHE_DIR``, or the system's."""
    if named := os.environ.get("ANNOTATOR_CACHE_DIR"):
        return Path(named).expanduser()
    from platformdirs import user_cache_path

    return user_cache_path("annotator", appauthor=False) / "audio"


def cached_copy(
    address: str,
    version: str | None,
    fill: Callable[[BinaryIO], object],
    *,
    limit: int = LIMIT,
) -> Path:
    """Return a local copy of a remote file, and make it if there is none.

    Parameters
    ----------
    address
        Where the file lies; its extension is kept.
    version
        As the store tells it; with None the copy serves this process only.
    fill
        Writes the content into the open file that it is given. If it raises,
        nothing is kept.
    limit
        Bytes that all copies may take together; the one returned always stays.
    """
    path = _place(address, version)
    try:
        if not _touched(path):
            _make(path, fill, limit)
    except AnnotatorError:
        raise
    except OSError as err:
        msg = (
            f"Cannot keep a copy of {shown(address)} in {path.parent} ({err.strerror}); "
            "make room there, or set ANNOTATOR_CACHE_DIR to another folder."
        )
        raise StorageError(msg) from err
    return path


def kept_copy(address: str, version: str | None) -> Path | None:
    """Return the local copy of a remote file if there is one."""
    path = _place(address, version)
    with contextlib.suppress(OSError):  # none may be looked at, either
        return path if _touched(path) else None
    return None


def _place(address: str, version: str | None) -> Path:
    key = hashlib.sha256(f"{address}\0{version or _THIS_RUN}".encode()).hexdigest()
    suffix = _SUFFIX.search(shown(address))
    return cache_folder() / (key + (suffix[0].lower() if suffix else ""))


def _make(path: Path, fill: Callable[[BinaryIO], object], limit: int) -> None:
    from filelock import FileLock

    # The copy may be of something that is not everybody's to hear.
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # 256 locks in all, so that they need no clearing away: a lock file that
    # is deleted while somebody waits for it would lock nothing.
    with FileLock(path.with_name(f"{path.name[:2]}.lock")):
        if _touched(path):  # while we waited
            return
        with atomic_file(path) as file:
            if hasattr(os, "fchmod"):  # the folder may be an old one, open to all
                os.fchmod(file.fileno(), 0o600)
            fill(file)
        _make_room(path.parent, limit, keep=path)


def _touched(path: Path) -> bool:
    """Mark a copy as used now; whether there is one."""
    try:
        os.utime(path)
    except FileNotFoundError:
        return False
    return True


def _make_room(folder: Path, limit: int, *, keep: Path) -> None:
    copies, now = [], time.time()
    for path in folder.iterdir():
        with contextlib.suppress(OSError):  # another process was quicker
            status = path.stat()
            if _COPY.fullmatch(path.name):
                copies.append((status.st_mtime, status.st_size, path))
            elif path.name.endswith(".part") and now - status.st_mtime > ABANDONED:
                path.unlink()
    total = sum(size for _, size, _ in copies)
    for used, size, path in sorted(copies):
        if total <= limit or now - used < IN_USE:
            return
        if path != keep:
            with contextlib.suppress(OSError):  # open in another program
                path.unlink()
                total -= size
