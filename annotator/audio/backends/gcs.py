"""Objects on Google Cloud Storage."""

from __future__ import annotations

import mimetypes
import threading
from typing import TYPE_CHECKING, Any, BinaryIO, ClassVar

from annotator._optional import require
from annotator.audio.backends.base import Backend, FileInfo, Progress
from annotator.audio.backends.common import check_options, check_range, open_source
from annotator.audio.backends.gcs_client import (
    gcs_errors,
    new_client,
    patience,
    precondition_failed,
)
from annotator.audio.backends.gcs_upload import info_of, upload
from annotator.audio.backends.quiet import keep_secrets_from_logs
from annotator.errors import (
    Conflict,
    ParameterError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["GCSBackend"]


class GCSBackend:
    """Google Cloud Storage; versions are generations.

    ``STORAGE_EMULATOR_HOST`` is honoured, as everywhere.
    """

    OPTIONS: ClassVar[frozenset[str]] = frozenset({"client", "credentials", "project"})
    ENVIRONMENT: ClassVar[tuple[str, ...]] = ("GOOGLE_", "STORAGE_EMULATOR_HOST")

    def __init__(self, **auth: Any) -> None:
        check_options("gs://", self.OPTIONS, auth)
        self._auth = {name: value for name, value in auth.items() if value is not None}
        self._client: Any = self._auth.pop("client", None)
        self._lock = threading.Lock()
        if self._client is not None:
            keep_secrets_from_logs()

    def stat(self, uri: str) -> FileInfo:
        """Size and version of an object."""
        with gcs_errors("read", uri):
            blob = self._blob(uri)
            blob.reload(**patience())
            return info_of(blob)

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
        with gcs_errors("read", uri):
            try:
                content = self._blob(uri).download_as_bytes(
                    start=start,
                    end=end,
                    raw_download=True,
                    if_generation_match=_generation(version),
                    **patience(),
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
        with gcs_errors("read", uri):
            blob = self._blob(uri)
            blob.reload(**patience())
            info = info_of(blob)
            if version is not None and version != info.version:
                raise Conflict(_CHANGED.format(uri))
            blob.download_to_file(
                _Told(file, info.size, progress),
                raw_download=True,
                if_generation_match=_generation(info.version),
                **patience(),
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
        with open_source(source) as (file, size), gcs_errors("write", uri):
            tell = progress or (lambda _done, _size: None)
            tell(0, size)
            generation = 0 if create_only else _generation(if_version)
            kind = mimetypes.guess_type(uri)[0] or "application/octet-stream"
            try:
                about = upload(self._blob(uri), (file, size), kind, generation, tell)
            except precondition_failed() as err:
                if not create_only:
                    raise
                msg = f"{uri} is there already; it was left as it is."
                raise Conflict(msg) from err
        return about

    def list(self, uri: str, *, recursive: bool = False) -> Iterator[FileInfo]:
        """Objects beneath an address, sorted by name."""
        bucket, prefix = _split(uri)
        if prefix and not prefix.endswith("/"):
            prefix += "/"
        with gcs_errors("read", uri):
            found = self._open().list_blobs(
                bucket,
                prefix=prefix,
                delimiter=None if recursive else "/",
                **patience(),
            )
            blobs = [blob for blob in found if not blob.name.endswith("/")]
        yield from map(info_of, sorted(blobs, key=lambda blob: str(blob.name)))

    def copy(self, source: str, target: str) -> None:
        """Copy on the server; `Conflict` if something is at `target`."""
        with gcs_errors("write", target):
            origin, place = self._blob(source), self._blob(target)
            try:
                options = {"if_generation_match": 0, **patience()}
                origin.bucket.copy_blob(origin, place.bucket, place.name, **options)
            except precondition_failed() as err:
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
                self._client = new_client(self._auth)
            return self._client


class _Told:
    """A file that tells how far it has been written."""

    def __init__(self, file: BinaryIO, size: int, progress: Progress | None) -> None:
        self._file, self._size, self._progress = file, size, progress

    def write(self, content: bytes) -> int:
        count = self._file.write(content)
        if self._progress:
            self._progress(self._file.tell(), self._size)
        return count

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
