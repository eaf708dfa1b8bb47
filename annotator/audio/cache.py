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
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from annotator.audio.atomic import ABANDONED, atomic_file
from annotator.audio.backends.base import shown
from annotator.audio.sizes import size_of
from annotator.errors import AnnotatorError, StorageError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "LIMIT",
    "CacheContent",
    "cache_content",
    "cache_folder",
    "cache_limit",
    "cached_copy",
    "clear_cache",
    "keep_result",
    "kept_copy",
    "kept_result",
]

LIMIT = 5 * 10**9
"""Bytes that the copies may take together, if ANNOTATOR_CACHE_SIZE says nothing."""

# A copy in use may be about to be opened by name: leave it this long, s.
IN_USE = 60.0

# A copy that did not grow for so long is not being made any more, s.
_ON_ITS_WAY = 300.0

# Where the server tells no version, a copy serves this process only.
_THIS_RUN = f"run {secrets.token_hex(8)}"
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,8}$")
_COPY = re.compile(r"[0-9a-f]{64}(\.[A-Za-z0-9]{1,8})?")
_NOTE = re.compile(r"[0-9a-f]{64}\.anchors")
_PART = re.compile(r"\..*\.part")


def cache_folder() -> Path:
    """Return the folder of the copies: ``ANNOTATOR_CACHE_DIR``, or the system's."""
    if named := os.environ.get("ANNOTATOR_CACHE_DIR"):
        return Path(named).expanduser()
    from platformdirs import user_cache_path

    return user_cache_path("annotator", appauthor=False) / "audio"


def cache_limit() -> int:
    """Return the bytes that copies may take: ``ANNOTATOR_CACHE_SIZE``, or 5 GB."""
    return size_of("ANNOTATOR_CACHE_SIZE", os.environ, LIMIT)


def cached_copy(
    address: str,
    version: str | None,
    fill: Callable[[BinaryIO], object],
    *,
    limit: int | None = None,
    most: int | None = None,
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
        Bytes that all copies may take together, `cache_limit()` if None; the one
        returned always stays.
    most
        Bytes that this copy may have, which `fill` sees to. With it the limit holds even
        while copies are in use: `StorageError` if there is no room.
    """
    limit = cache_limit() if limit is None else limit
    path = _place(address, version)
    try:
        if not _touched(path):
            _make(path, fill, limit, most)
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


def kept_result(address: str, version: str | None, what: str) -> bytes | None:
    """Return what `keep_result` kept of this version of a recording, if anything."""
    path = kept_copy(_result_of(address, what), version)
    if path is None:
        return None
    with contextlib.suppress(OSError):  # it made room a moment ago
        return path.read_bytes()
    return None


def keep_result(address: str, version: str | None, what: str, content: bytes) -> None:
    """Keep something small that took long to make of a recording.

    Parameters
    ----------
    address, version
        Of the recording, as the store tells them.
    what
        Name of the result and of its format.
    content
        At most some 100 kB. It takes part in the cache's limit; where there is no
        room for it, it is made again another time.
    """
    with contextlib.suppress(StorageError):
        cached_copy(
            _result_of(address, what), version, lambda file: file.write(content)
        )


def _result_of(address: str, what: str) -> str:
    # No address has a line break, so no recording's copy has this name.
    return f"{what}\n{address}.result"


@dataclass(frozen=True)
class CacheContent:
    """What is in the cache.

    Attributes
    ----------
    n_copies, copy_bytes
        Whole copies of files.
    n_notes, note_bytes
        Recordings of which is known where what is coded.
    """

    n_copies: int = 0
    copy_bytes: int = 0
    n_notes: int = 0
    note_bytes: int = 0


def cache_content() -> CacheContent:
    """Count what is in the cache."""
    folder = cache_folder()
    copies = [size for _, size, _ in _files(folder, _COPY)]
    notes = [size for _, size, _ in _files(folder / "anchors", _NOTE)]
    return CacheContent(len(copies), sum(copies), len(notes), sum(notes))


def clear_cache() -> CacheContent:
    """Delete what is in the cache, and return what that was.

    A session that needs a file of it fetches it again. Other files in the
    folder, and copies that are being made, stay.
    """
    folder = cache_folder()
    copies = _deleted(_files(folder, _COPY))
    notes = _deleted(_files(folder / "anchors", _NOTE))
    _delete_abandoned(folder)
    return CacheContent(len(copies), sum(copies), len(notes), sum(notes))


def _place(address: str, version: str | None) -> Path:
    key = hashlib.sha256(f"{address}\0{version or _THIS_RUN}".encode()).hexdigest()
    suffix = _SUFFIX.search(shown(address))
    return cache_folder() / (key + (suffix[0].lower() if suffix else ""))


def _make(
    path: Path, fill: Callable[[BinaryIO], object], limit: int, most: int | None
) -> None:
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
            if most is not None:
                _reserve(path.parent, limit, most, keep=path)
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
    _delete_abandoned(folder)
    copies, now = _files(folder, _COPY), time.time()
    total = sum(size for _, size, _ in copies)
    for copy in copies:
        used, size, path = copy
        if total <= limit or now - used < IN_USE:
            return
        if path != keep and _deleted([copy]):
            total -= size


def _reserve(folder: Path, limit: int, most: int, *, keep: Path) -> None:
    """Make room for what is on its way, counted as it may become; or refuse it."""
    coming, now = 0, time.time()
    for changed, size, _ in _files(folder, _PART):
        is_coming = now - changed < _ON_ITS_WAY
        coming += max(size, min(most, limit)) if is_coming else size
    _make_room(folder, limit - coming, keep=keep)
    if coming + sum(size for _, size, _ in _files(folder, _COPY)) > limit:
        msg = (
            "There is no room for another whole recording now, since all that are kept "
            "are in use; try again in a minute, or give ANNOTATOR_CACHE_SIZE more."
        )
        raise StorageError(msg)


_File = tuple[float, int, Path]


def _files(folder: Path, name: re.Pattern[str]) -> list[_File]:
    """Time of last use, bytes and path; those not used for longest come first."""
    found = []
    with contextlib.suppress(FileNotFoundError):
        for path in folder.iterdir():
            if name.fullmatch(path.name):
                with contextlib.suppress(OSError):  # another process was quicker
                    status = path.stat()
                    found.append((status.st_mtime, status.st_size, path))
    return sorted(found)


def _deleted(files: list[_File]) -> list[int]:
    """Delete files; the sizes of those that are gone."""
    sizes = []
    for _, size, path in files:
        with contextlib.suppress(OSError):  # open in another program
            path.unlink()
            sizes.append(size)
    return sizes


def _delete_abandoned(folder: Path) -> None:
    """Delete what processes left half done that were killed."""
    for changed, size, path in _files(folder, _PART):
        if time.time() - changed > ABANDONED:
            _deleted([(changed, size, path)])
