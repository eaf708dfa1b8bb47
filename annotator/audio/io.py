"""Bytes and seconds from any address: a path, ``s3://``, ``gs://``, ``https://``.

Each function takes ``**auth``, what the store wants to know of you: for S3
`profile_name`, `region_name`, `endpoint_url`, `client` or the
`aws_access_key_id` family; for GCS `project`, `credentials`, `client`; for the
web `token`, `auth`, `cookies`, `headers`. With `max_download`, files of more bytes than
that are not fetched whole.

All raise `NotFound`, `AccessDenied`, `Conflict`, `ReadOnly` or `Unreachable`
of `annotator.errors`, each also the builtin of that meaning.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from annotator.audio.atomic import atomic_file
from annotator.audio.backends.base import (
    FileInfo,
    Progress,
    register_backend,
    scheme_of,
    shown,
)
from annotator.audio.backends.local import local_path
from annotator.audio.cache import keep_result, kept_result
from annotator.audio.folders import write_folder
from annotator.audio.remote.file import forget_remotes, with_remote
from annotator.audio.router import backend_for
from annotator.errors import NotFound, ParameterError, StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from annotator.audio.remote.file import RemoteFile
    from annotator.audio.segment import RecordingInfo

__all__ = [
    "backend_for",
    "keep_result",
    "kept_result",
    "list_files",
    "read",
    "read_segment",
    "recording_info",
    "register_backend",
    "scheme_of",
    "stat",
    "write",
]


def read(
    src: str | Path,
    dest: str | Path | None = None,
    start_byte: int | None = None,
    end_byte: int | None = None,
    **auth: Any,
) -> bytes | str:
    """Read a file, or some bytes of it.

    Parameters
    ----------
    src
        Path or address.
    dest
        Local path to write to instead of returning the bytes; it appears whole
        or not at all, and folders are made as needed.
    start_byte, end_byte
        First and last byte, both included; cut at the end of the file.
    **auth
        See the module.

    Returns
    -------
    bytes or str
        The content, or `dest` where that is given.
    """
    backend = backend_for(src, **auth)
    if dest is None:
        return backend.read(str(src), start_byte, end_byte)
    target = local_path(dest)
    with _written(target), atomic_file(target) as file:
        if start_byte is None and end_byte is None:
            backend.download(str(src), file)
        else:
            file.write(backend.read(str(src), start_byte, end_byte))
    return str(dest)


def read_segment(
    path: str | Path,
    start_sec: float,
    dur_sec: float,
    partial: bool = True,
    **auth: Any,
) -> tuple[NDArray[np.float32], int]:
    """Decode part of a recording, exact to the sample.

    Parameters
    ----------
    path
        Path or address of the recording.
    start_sec, dur_sec
        Seconds; the part is cut at the end of the recording.
    partial
        Whether to fetch no more of a remote recording than is needed, where its
        format and server allow that. If not, it comes whole, once, into the cache.
    **auth
        See the module.

    Returns
    -------
    samples, sample_rate
        float32 of shape (frames, channels), in [-1, 1] as a rule; Hz.
    """
    from annotator.audio.remote.segment import read_remote_segment
    from annotator.audio.segment import read_local_segment

    if scheme_of(path) == "file":
        return read_local_segment(local_path(path), start_sec, dur_sec)

    def read_it(remote: RemoteFile) -> tuple[NDArray[np.float32], int]:
        if not partial:
            remote.copy()
        return read_remote_segment(remote, start_sec, dur_sec)

    return with_remote(path, auth, read_it)


def recording_info(path: str | Path, **auth: Any) -> RecordingInfo:
    """Length, sample rate, channels and format of a recording.

    Of a remote one no more is fetched than is needed to tell.
    """
    from annotator.audio.remote.segment import remote_info
    from annotator.audio.segment import local_info

    if scheme_of(path) == "file":
        return local_info(local_path(path), place=str(path))
    return with_remote(path, auth, remote_info)


def write(
    src: str | Path,
    dest: str | Path,
    recursive: bool = False,
    overwrite: bool = True,
    *,
    progress: Progress | None = None,
    **auth: Any,
) -> str:
    """Copy a file or a folder of this machine to any place.

    Each file appears there whole or not at all.

    Parameters
    ----------
    src
        Local path. A folder needs `recursive`.
    dest
        Path or address. A file goes *into* it if it ends with ``/`` or is a
        folder of this machine.
    recursive
        Whether `src` may be a folder; its files go beneath `dest`.
    overwrite
        With False, `Conflict` if a file is there already. The store checks
        that at the moment of writing, so nobody's file is lost to a race.
    progress
        Called with bytes done and bytes in all; what it raises stops the work,
        and no half file is left. For a folder it is called from other threads,
        one at a time.
    **auth
        For `dest`; see the module.

    Returns
    -------
    str
        `dest`.
    """
    source, backend = local_path(src), backend_for(dest, **auth)
    is_local = scheme_of(dest) == "file"
    # As a path: in file:// addresses "#" and "%" mean something else than in names.
    target = str(local_path(dest)) if is_local else str(dest)
    into_folder = str(dest).endswith("/") or (is_local and Path(target).is_dir())
    if source.is_dir():
        if not recursive:
            msg = f"{source} is a folder; pass recursive=True to write all its files."
            raise ParameterError(msg)
        if is_local:
            with _written(Path(target)):
                Path(target).mkdir(parents=True, exist_ok=True)
        write_folder(source, target, backend, overwrite=overwrite, progress=progress)
        forget_remotes(target)
        return str(dest)
    if not source.is_file():
        msg = f"There is no file {source} to write to {shown(dest)}."
        raise NotFound(msg)
    if into_folder:
        target = f"{target.rstrip('/')}/{source.name}"
    backend.write(source, target, create_only=not overwrite, progress=progress)
    forget_remotes(target)
    return str(dest)


def list_files(path: str | Path, recursive: bool = False, **auth: Any) -> list[str]:
    """Paths or addresses of the files in a folder, sorted; [] if it is not there.

    Parameters
    ----------
    path
        Folder, bucket (``s3://bucket``) or prefix.
    recursive
        Whether to look into its folders, too.
    **auth
        See the module.
    """
    backend = backend_for(path, **auth)
    return sorted(info.uri for info in backend.list(str(path), recursive=recursive))


def stat(path: str | Path, **auth: Any) -> FileInfo:
    """Size and version of a file, without its content."""
    return backend_for(path, **auth).stat(str(path))


@contextlib.contextmanager
def _written(path: Path) -> Iterator[None]:
    try:
        yield
    except StorageError:
        raise
    except OSError as err:
        msg = f"Cannot write {path}: {err.strerror}."
        raise StorageError(msg) from err
