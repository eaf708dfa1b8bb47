"""Files on a disk of this machine, or on a folder shared over the network."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, ClassVar
from urllib.parse import urlsplit
from urllib.request import url2pathname

from filelock import FileLock, Timeout

from annotator.audio.atomic import PART_SUFFIX, part_file, publish, sync_folder
from annotator.audio.backends.base import FileInfo, Progress, scheme_of
from annotator.audio.backends.common import check_options, check_range, open_source
from annotator.errors import (
    AccessDenied,
    AnnotatorError,
    Conflict,
    NotFound,
    ParameterError,
    ReadOnly,
    StorageError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["LocalBackend", "local_path"]

CHUNK = 1 << 20
LOCK_SECONDS = 120.0


def local_path(uri: str | Path) -> Path:
    """Return the path behind a local address: plain, with ``~``, or ``file://``."""
    text = str(uri)
    if text[:7].lower() == "file://":
        parts = urlsplit(text)
        host = "" if parts.netloc in ("", "localhost") else f"//{parts.netloc}"
        return Path(host + url2pathname(parts.path))
    if scheme_of(text) != "file":
        msg = f"{text} is not on this machine; a local path was expected."
        raise ParameterError(msg)
    return Path(text).expanduser()


class LocalBackend:
    """The file system.

    Whoever *replaces* a file holds the lock ``.name.lock`` beside it: no
    system call renames "only if the old file is still the one I saw", so the
    look and the rename must be fenced against other processes. The lock file
    stays, since deleting it would let two processes hold "the" lock at once.
    A file that is *new* needs none: making a hard link fails if the name is
    taken.
    """

    OPTIONS: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, **auth: Any) -> None:
        check_options("a local path", self.OPTIONS, auth)

    def stat(self, uri: str) -> FileInfo:
        """Size and version of a file."""
        path = local_path(uri)
        with _sentences("read", path):
            if path.is_dir():
                raise IsADirectoryError(errno.EISDIR, "is a folder")
            return _info(path, path.stat())

    def read(
        self,
        uri: str,
        start: int | None = None,
        end: int | None = None,
        *,
        version: str | None = None,
    ) -> bytes:
        """Bytes from `start` to `end`, both included."""
        check_range(start, end)
        path = local_path(uri)
        with _sentences("read", path), path.open("rb") as file:
            # Of the open file, not of the name: it is replaced, never changed,
            # so what we compare is what we read.
            _check_version(path, os.fstat(file.fileno()), version)
            file.seek(start or 0)
            return file.read() if end is None else file.read(end - (start or 0) + 1)

    def peek(self, uri: str, start: int, end: int) -> tuple[bytes, FileInfo]:
        """Bytes from `start` to `end`, and what file they are of."""
        check_range(start, end)
        path = local_path(uri)
        with _sentences("read", path), path.open("rb") as file:
            file.seek(start)
            return file.read(end - start + 1), _info(path, os.fstat(file.fileno()))

    def download(
        self,
        uri: str,
        file: BinaryIO,
        *,
        version: str | None = None,
        progress: Progress | None = None,
    ) -> FileInfo:
        """Write the whole content into an open file."""
        path = local_path(uri)
        with _sentences("read", path), path.open("rb") as source:
            status = os.fstat(source.fileno())
            _check_version(path, status, version)
            _copy(source, file, status.st_size, progress)
            return _info(path, status)

    def write(
        self,
        source: bytes | Path,
        uri: str,
        *,
        create_only: bool = False,
        if_version: str | None = None,
        progress: Progress | None = None,
    ) -> FileInfo:
        """Put bytes, or another file's content, at `uri`."""
        # A link stays a link; what it points to is replaced.
        path = Path(os.path.realpath(local_path(uri)))
        with _sentences("write", path):
            if path.is_dir():
                raise IsADirectoryError(errno.EISDIR, "is a folder")
            with part_file(path) as (part, file):
                _fill(file, source, progress)
                status = os.fstat(file.fileno())
                if if_version is not None or not _created(file, part, path):
                    if create_only:
                        msg = f"{path} is there already; it was left as it is."
                        raise Conflict(msg)
                    with _lock(path):
                        status = _replace(file, part, path, if_version)
        return _info(local_path(uri), status)

    def list(self, uri: str, *, recursive: bool = False) -> Iterator[FileInfo]:
        """Files in a folder, sorted by name."""
        folder = local_path(uri)
        if folder.is_file():
            msg = f"{folder} is a file; give the folder whose files you want."
            raise ParameterError(msg)
        with _sentences("read", folder):
            walk = folder.rglob("*") if recursive else folder.glob("*")
            files = [path for path in walk if path.is_file() and not _ours(path)]
        for path in sorted(files, key=lambda path: path.as_posix()):
            with contextlib.suppress(FileNotFoundError):  # deleted meanwhile
                yield _info(path, path.stat())

    def copy(self, source: str, target: str) -> None:
        """Copy a file; `Conflict` if something is at `target`."""
        self.stat(source)
        self.write(local_path(source), target, create_only=True)


def _info(path: Path, status: os.stat_result) -> FileInfo:
    modified = datetime.fromtimestamp(status.st_mtime, tz=UTC)
    return FileInfo(str(path), status.st_size, _version(status), modified)


def _version(status: os.stat_result) -> str:
    return f"{status.st_mtime_ns}-{status.st_size}-{status.st_ino}"


def _check_version(path: Path, status: os.stat_result, version: str | None) -> None:
    if version is not None and version != _version(status):
        msg = f"{path} was changed by somebody else meanwhile; read it again."
        raise Conflict(msg)


def _ours(path: Path) -> bool:
    """Whether a file is a lock or an unfinished part, and no business of users."""
    return path.name.startswith(".") and path.suffix in (".lock", PART_SUFFIX)


def _fill(file: BinaryIO, source: bytes | Path, progress: Progress | None) -> None:
    """Write `source` into `file` and flush it to the disk."""
    with open_source(source) as (content, size):
        _copy(content, file, size, progress)
    file.flush()
    os.fsync(file.fileno())


def _copy(
    source: BinaryIO, target: BinaryIO, size: int, progress: Progress | None
) -> None:
    done = 0
    tell = progress or (lambda _done, _size: None)
    tell(done, size)
    while done < size and (chunk := source.read(min(CHUNK, size - done))):
        target.write(chunk)
        done += len(chunk)
        tell(done, size)


def _created(file: BinaryIO, part: Path, path: Path) -> bool:
    """Give `part` its name if that is free; whether it was."""
    try:
        os.link(part, path)
    except FileExistsError:
        return False
    except OSError:
        # No hard links here (exFAT, some shares): fence it with the lock.
        with _lock(path):
            if path.exists():
                return False
            publish(file, part, path)
    sync_folder(path.parent)
    return True


def _replace(
    file: BinaryIO, part: Path, path: Path, version: str | None
) -> os.stat_result:
    """Rename `part` to `path` over the file there; the caller holds the lock."""
    try:
        old = path.stat()
    except FileNotFoundError:
        if version is not None:
            msg = f"{path} was deleted by somebody else meanwhile."
            raise Conflict(msg) from None
    else:
        _check_version(path, old, version)
        shutil.copymode(path, part)
        # Clocks of file systems tick in milliseconds, and inodes are used
        # again: without this a third version could look like the first.
        now = max(time.time_ns(), old.st_mtime_ns + 1)
        os.utime(part, ns=(now, now))
    status = part.stat()
    publish(file, part, path)
    return status


@contextlib.contextmanager
def _lock(path: Path) -> Iterator[None]:
    # Readable and writable by all, since colleagues share the folder; there
    # is nothing in it.
    lock = FileLock(path.with_name(f".{path.name}.lock"), mode=0o666)
    try:
        with lock.acquire(timeout=LOCK_SECONDS):
            yield
    except Timeout as err:
        msg = (
            f"Somebody else has been writing {path} for over "
            f"{LOCK_SECONDS:.0f} s; try again later."
        )
        raise StorageError(msg) from err


@contextlib.contextmanager
def _sentences(verb: str, path: Path) -> Iterator[None]:
    """Turn the system's errors into ours."""
    try:
        yield
    except AnnotatorError:
        raise
    except FileNotFoundError as err:
        msg = f"There is no file {path}."
        raise NotFound(msg) from err
    except PermissionError as err:
        msg = f"Not allowed to {verb} {path}; check its permissions."
        raise AccessDenied(msg) from err
    except OSError as err:
        msg = f"Cannot {verb} {path}: {err.strerror or err}."
        kind = ReadOnly if err.errno == errno.EROFS else StorageError
        raise kind(msg) from err
