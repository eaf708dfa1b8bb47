"""Files on web servers: read only, by ranges where the server knows them."""

from __future__ import annotations

import contextlib
import re
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, BinaryIO, ClassVar, NoReturn, TypeVar

from annotator._optional import require
from annotator.audio.backends.base import Backend, FileInfo, Progress, shown
from annotator.audio.backends.common import check_options, check_range
from annotator.audio.backends.http_answers import (
    UNKNOWN,
    bytes_asked_for,
    info_of,
    size_of_file,
    version_of,
)
from annotator.audio.backends.http_errors import broke_off, http_errors, raise_for
from annotator.audio.backends.http_session import new_session
from annotator.audio.cache import cached_copy
from annotator.audio.sizes import check_download
from annotator.errors import Conflict, ReadOnly, StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from requests import Response, Session

__all__ = ["HTTPBackend"]

CHUNK = 1 << 20
CONNECT_SECONDS = 10.0
PAUSES = (0.5, 2.0)
"""Seconds to wait before a broken transfer is taken up again."""

T = TypeVar("T")
_FINAL = {404, 410, 429, 500, 502, 503, 504}  # GET would say no better than HEAD
_RANGE = re.compile(r"bytes (\d+)-")


class HTTPBackend:
    """The web, through one session of requests for each set of credentials."""

    OPTIONS: ClassVar[frozenset[str]] = frozenset(
        {"allow_redirects", "auth", "cookies", "headers", "max_download"}
        | {"may_connect", "timeout", "token", "verify"}
    )

    def __init__(self, **auth: Any) -> None:
        check_options("http(s)://", self.OPTIONS, auth)
        self._auth = {name: value for name, value in auth.items() if value is not None}
        self._most: int | None = self._auth.get("max_download")
        self._open: Session | None = None
        self._lock = threading.Lock()
        self._rangeless: dict[str, FileInfo] = {}
        """Addresses whose server ignores ranges, and what is kept of them."""

    def stat(self, uri: str) -> FileInfo:
        """Size and version of a file."""
        with http_errors(uri):
            with self._answer("HEAD", uri) as response:
                if response.status_code < 300 and size_of_file(response) is not None:
                    return info_of(uri, response, size_of_file(response) or 0)
                if response.status_code in _FINAL:
                    raise_for(response.status_code, uri)
            # Signed addresses and some servers answer GET alone.
            with self._answer("GET", uri, Range="bytes=0-0") as response:
                if response.status_code == 416:  # nothing but an empty file
                    return info_of(uri, response, 0)
                raise_for(response.status_code, uri)
                size = size_of_file(response)
                if size is None:
                    size = sum(map(len, self._pieces(uri, response)))
                return info_of(uri, response, size)

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
        if not start and end is None:
            return self._patiently(uri, lambda: self._fetch(uri, version))[0]
        return self._part(uri, start or 0, end, version)[0]

    def peek(self, uri: str, start: int, end: int) -> tuple[bytes, FileInfo]:
        """Bytes from `start` to `end`, and what file they are of."""
        check_range(start, end)
        content, info = self._part(uri, start, end, None)
        if info is None:
            return b"", self.stat(uri)
        if info.size == UNKNOWN:
            return Backend.peek(self, uri, start, end)
        return content, info

    def download(
        self,
        uri: str,
        file: BinaryIO,
        *,
        version: str | None = None,
        progress: Progress | None = None,
    ) -> FileInfo:
        """Write the whole content into an open file."""

        def fetch() -> FileInfo:
            file.seek(0)
            file.truncate()
            with self._answer("GET", uri, version=version) as response:
                raise_for(response.status_code, uri)
                _check_version(uri, response, version)
                done, size = 0, size_of_file(response)
                for chunk in self._pieces(uri, response):
                    done += file.write(chunk)
                    if progress:
                        progress(done, max(done, size or 0))
                return info_of(uri, response, done)

        return self._patiently(uri, fetch)

    def write(
        self,
        source: bytes | Path,
        uri: str,
        *,
        create_only: bool = False,
        if_version: str | None = None,
        progress: Progress | None = None,
    ) -> FileInfo:
        """Raise `ReadOnly`: web servers take no files."""
        _refuse(uri)

    def list(self, uri: str, *, recursive: bool = False) -> Iterator[FileInfo]:
        """Raise `ReadOnly`: web servers have no folders to look into."""
        msg = (
            f"Cannot list files over HTTPS ({shown(uri)}). "
            "Use S3, GCS, or a local folder, or a table with the addresses."
        )
        raise ReadOnly(msg)

    def copy(self, source: str, target: str) -> None:
        """Raise `ReadOnly`: web servers take no files."""
        _refuse(target)

    def close(self) -> None:
        """Close the connections."""
        with self._lock:
            if self._open is not None:
                self._open.close()
                self._open = None

    def _part(
        self, uri: str, start: int, end: int | None, version: str | None
    ) -> tuple[bytes, FileInfo | None]:
        """Bytes and what they are of, which the answer may not tell past the end."""
        info = self._kept(uri, version)
        if info is None:
            wanted = f"bytes={start}-{'' if end is None else end}"
            content, info = self._patiently(
                uri, lambda: self._fetch(uri, version, wanted)
            )
            if info is None or info.ranges:
                return content, info
        path = self._copy(uri, info)
        with path.open("rb") as file:
            file.seek(start)
            return file.read() if end is None else file.read(end - start + 1), info

    def _fetch(
        self, uri: str, version: str | None, wanted: str = ""
    ) -> tuple[bytes, FileInfo | None]:
        headers = {"Range": wanted} if wanted else {}
        with self._answer("GET", uri, version=version, **headers) as response:
            if wanted and response.status_code == 416:  # begins past the end
                return b"", None
            raise_for(response.status_code, uri)
            _check_version(uri, response, version)
            info = info_of(uri, response, size_of_file(response))
            if not wanted:
                return b"".join(self._pieces(uri, response)), info
            if response.status_code == 200:
                # The whole file comes, asked or not: keep it, ask never again.
                size = self._copy(uri, info, response).stat().st_size
                self._rangeless[uri] = info = replace(info, size=size, ranges=False)
                return b"", info
            match = _RANGE.match(response.headers.get("Content-Range", ""))
            if not match or f"bytes={match[1]}-" not in wanted:
                _raise_other_bytes(uri)
            return b"".join(self._pieces(uri, response, wanted)), info

    def _kept(self, uri: str, version: str | None) -> FileInfo | None:
        """Tell what is kept whole, since its server ignores ranges, as it is now."""
        info = self._rangeless.get(uri)
        if info is None or info.version in (None, version):
            return info
        info = replace(self.stat(uri), ranges=False)
        self._rangeless[uri] = info
        if version is not None and version != info.version:
            _raise_conflict(uri)
        return info

    def _copy(self, uri: str, info: FileInfo, response: Response | None = None) -> Path:
        def fill(file: BinaryIO) -> None:
            if response is None:
                self.download(uri, file, version=info.version)
            else:
                for chunk in self._pieces(uri, response):
                    file.write(chunk)

        return cached_copy(uri, info.version, fill, most=self._most)

    def _pieces(
        self, uri: str, response: Response, wanted: str = ""
    ) -> Iterator[bytes]:
        """Give a body as it comes; what its server said of its length is nobody's word."""
        most, count = bytes_asked_for(wanted), 0
        if most is None:
            check_download(uri, size_of_file(response) or 0, self._most)
        for chunk in response.iter_content(CHUNK):
            count += len(chunk)
            if most is not None and count > most:
                _raise_other_bytes(uri)
            if most is None:
                check_download(uri, count, self._most)
            yield chunk

    def _patiently(self, uri: str, action: Callable[[], T]) -> T:
        """Do it again, a few times, if a transfer breaks off."""
        broken = require("requests", why="for https:// addresses").exceptions
        with http_errors(uri):
            for pause in PAUSES:
                try:
                    return action()
                except broken.RequestException as err:
                    if not broke_off(err):
                        raise
                    time.sleep(pause)
            return action()

    @contextlib.contextmanager
    def _answer(
        self, method: str, uri: str, *, version: str | None = None, **headers: str
    ) -> Iterator[Response]:
        if version is not None and version.startswith('"'):
            headers["If-Match"] = version
        with self._session().request(
            method,
            uri,
            headers=headers,
            stream=True,
            timeout=(CONNECT_SECONDS, self._auth.get("timeout", 120)),
            allow_redirects=self._auth.get("allow_redirects", True),
        ) as response:
            yield response

    def _session(self) -> Session:
        with self._lock:
            if self._open is None:
                self._open = new_session(self._auth)
            return self._open


def _check_version(uri: str, response: Response, version: str | None) -> None:
    if version is not None and version != version_of(response):
        _raise_conflict(uri)


def _raise_conflict(uri: str) -> NoReturn:
    msg = f"{shown(uri)} was changed by somebody else meanwhile; read it again."
    raise Conflict(msg)


def _raise_other_bytes(uri: str) -> NoReturn:
    msg = f"The server of {shown(uri)} sent other bytes than were asked for."
    raise StorageError(msg)


def _refuse(uri: str) -> NoReturn:
    msg = (
        f"HTTPS is read-only, so nothing can be written to {shown(uri)}. "
        "Use S3, GCS, or a local folder for writes."
    )
    raise ReadOnly(msg)
