"""Objects on Google Cloud Storage."""

from __future__ import annotations

import contextlib
import mimetypes
import os
import threading
from typing import TYPE_CHECKING, Any, BinaryIO, ClassVar

from annotator._optional import require
from annotator.audio.backends.base import Backend, FileInfo, Progress
from annotator.audio.backends.common import check_options, check_range, open_source
from annotator.errors import (
    AccessDenied,
    Conflict,
    NotFound,
    ParameterError,
    StorageError,
    Unreachable,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["GCSBackend"]

CHUNK = 8 << 20  # bytes of one part of an upload; smaller files go in one request
TIMEOUT = (10, 60)  # s, for a connection and for an answer
PATIENCE = 30.0  # s in which a failed request is repeated


class GCSBackend:
    """Google Cloud Storage; versions are generations.

    Without credentials it asks as nobody, which does for public buckets.
    ``STORAGE_EMULATOR_HOST`` is honoured, as everywhere.
    """

    OPTIONS: ClassVar[frozenset[str]] = frozenset({"client", "credentials", "project"})
    ENVIRONMENT: ClassVar[tuple[str, ...]] = ("GOOGLE_", "STORAGE_EMULATOR_HOST")

    def __init__(self, **auth: Any) -> None:
        check_options("gs://", self.OPTIONS, auth)
        self._auth = {name: value for name, value in auth.items() if value is not None}
        self._client: Any = self._auth.pop("client", None)
        self._lock = threading.Lock()

    def stat(self, uri: str) -> FileInfo:
        """Size and version of an object."""
        with _gcs_errors("read", uri):
            blob = self._blob(uri)
            blob.reload(**_patience())
            return _info(blob)

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
        errors = require("google.api_core.exceptions", why="for gs:// addresses")
        with _gcs_errors("read", uri):
            try:
                content = self._blob(uri).download_as_bytes(
                    start=start,
                    end=end,
                    raw_download=True,
                    if_generation_match=_generation(version),
                    **_patience(),
                )
            except errors.RequestRangeNotSatisfiable:  # begins past the end
                return b""
            return bytes(content)

    def peek(self, uri: str, start: int, end: int) -> tuple[bytes, FileInfo]:
        """Bytes from `start` to `end`, and their object; two requests."""
        return Backend.peek(self, uri, start, end)

    def download(
        self,
        uri: str,
        file: BinaryIO,
        *,
        version: str | None = None,
        progress: Progress | None = None,
    ) -> FileInfo:
        """Write the whole content into an open file."""
        with _gcs_errors("read", uri):
            blob = self._blob(uri)
            blob.reload(**_patience())
            info = _info(blob)
            if version is not None and version != info.version:
                raise Conflict(_CHANGED.format(uri))
            blob.download_to_file(
                _Told(file, info.size, progress),
                raw_download=True,
                if_generation_match=_generation(info.version),
                **_patience(),
            )
        return info

    def write(
        self,
        source: bytes | Path,
        uri: str,
        *,
        create_only: bool = False,
        if_version: str | None = None,
        progress: Progress | None = None,
    ) -> FileInfo:
        """Put bytes, or a file's content, at `uri`; the server checks conditions."""
        with open_source(source) as (file, size), _gcs_errors("write", uri):
            if progress:
                progress(0, size)
            blob = self._blob(uri)
            if size > CHUNK:
                blob.chunk_size = CHUNK
            try:
                blob.upload_from_file(
                    _Told(file, size, progress),
                    size=size,
                    content_type=mimetypes.guess_type(uri)[0],
                    if_generation_match=0 if create_only else _generation(if_version),
                    **_patience(),
                )
            except _precondition_failed() as err:
                if not create_only:
                    raise
                msg = f"{uri} is there already; it was left as it is."
                raise Conflict(msg) from err
            if progress:
                progress(size, size)
            return _info(blob)

    def list(self, uri: str, *, recursive: bool = False) -> Iterator[FileInfo]:
        """Objects beneath an address, sorted by name."""
        bucket, prefix = _split(uri)
        if prefix and not prefix.endswith("/"):
            prefix += "/"
        with _gcs_errors("read", uri):
            found = self._open().list_blobs(
                bucket,
                prefix=prefix,
                delimiter=None if recursive else "/",
                **_patience(),
            )
            blobs = [blob for blob in found if not blob.name.endswith("/")]
        yield from map(_info, sorted(blobs, key=lambda blob: str(blob.name)))

    def copy(self, source: str, target: str) -> None:
        """Copy on the server; `Conflict` if something is at `target`."""
        with _gcs_errors("write", target):
            origin, place = self._blob(source), self._blob(target)
            try:
                options = {"if_generation_match": 0, **_patience()}
                origin.bucket.copy_blob(origin, place.bucket, place.name, **options)
            except _precondition_failed() as err:
                msg = f"{target} is there already; it was left as it is."
                raise Conflict(msg) from err

    def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            self._client.close()

    def _blob(self, uri: str) -> Any:
        bucket, name = _split(uri)
        if not name or name.endswith("/"):
            msg = f"{uri} names a folder, not a file; write gs://{bucket}/name."
            raise ParameterError(msg)
        return self._open().bucket(bucket).blob(name)

    def _open(self) -> Any:
        with self._lock:
            if self._client is None:
                self._client = _new_client(self._auth)
            return self._client


def _new_client(auth: dict[str, Any]) -> Any:
    storage = require(
        "google.cloud.storage",
        why="for gs:// addresses",
        package="google-cloud-storage",
    )
    from google.auth.exceptions import DefaultCredentialsError

    credentials, project = auth.get("credentials"), auth.get("project")
    if isinstance(credentials, str | os.PathLike):  # a service account's file
        return storage.Client.from_service_account_json(credentials, project=project)
    try:
        return storage.Client(project=project, credentials=credentials)
    except DefaultCredentialsError:
        return storage.Client.create_anonymous_client()


class _Told:
    """A file that tells how far it has been read or written."""

    def __init__(self, file: BinaryIO, size: int, progress: Progress | None) -> None:
        self._file, self._size, self._progress = file, size, progress

    def read(self, count: int = -1) -> bytes:
        left = self._size - self._file.tell()  # the file may have grown
        content = self._file.read(left if count < 0 else min(count, left))
        self._tell()
        return content

    def write(self, content: bytes) -> int:
        count = self._file.write(content)
        self._tell()
        return count

    def _tell(self) -> None:
        if self._progress:
            self._progress(min(self._file.tell(), self._size), self._size)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


_CHANGED = "{} was changed by somebody else meanwhile."


def _split(uri: str) -> tuple[str, str]:
    bucket, _, name = uri.partition("://")[2].partition("/")
    if not bucket:
        msg = f"{uri} names no bucket; write gs://bucket/name."
        raise ParameterError(msg)
    return bucket, name


def _generation(version: str | None) -> int | None:
    return None if version is None else int(version)


def _info(blob: Any) -> FileInfo:
    return FileInfo(
        f"gs://{blob.bucket.name}/{blob.name}",
        int(blob.size),
        str(blob.generation),
        blob.updated,
        blob.content_type,
    )


def _patience() -> dict[str, Any]:
    from google.cloud.storage.retry import DEFAULT_RETRY

    return {"timeout": TIMEOUT, "retry": DEFAULT_RETRY.with_timeout(PATIENCE)}


def _precondition_failed() -> Any:
    from google.api_core.exceptions import PreconditionFailed

    return PreconditionFailed


@contextlib.contextmanager
def _gcs_errors(verb: str, uri: str) -> Iterator[None]:
    """Turn Google's errors into ours."""
    require(
        "google.cloud.storage",
        why="for gs:// addresses",
        package="google-cloud-storage",
    )
    from google.api_core import exceptions as failed
    from google.auth.exceptions import GoogleAuthError, TransportError
    from requests.exceptions import ConnectionError as NoConnection
    from requests.exceptions import Timeout

    try:
        yield
    except failed.NotFound as err:
        msg = f"There is nothing at {uri}; is the bucket's name right?"
        raise NotFound(msg) from err
    except failed.PreconditionFailed as err:
        raise Conflict(_CHANGED.format(uri)) from err
    except (failed.ServerError, failed.RetryError, NoConnection, Timeout) as err:
        msg = f"Cannot reach Google's storage for {uri}; is the network up?"
        raise Unreachable(msg) from err
    except TransportError as err:
        msg = f"Cannot reach Google to log in for {uri}; is the network up?"
        raise Unreachable(msg) from err
    except (failed.Forbidden, failed.Unauthorized, GoogleAuthError) as err:
        msg = (
            f"Not allowed to {verb} {uri}: log in (`gcloud auth "
            "application-default login`), or set credentials."
        )
        raise AccessDenied(msg) from err
    except failed.GoogleAPICallError as err:
        msg = f"Cannot {verb} {uri}: Google says {err.code}."
        raise StorageError(msg) from err
