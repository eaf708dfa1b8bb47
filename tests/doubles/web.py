"""A web server on this machine that counts, and fails when it is told to.

::

    with WebServer({"a.wav": content}) as web:
        io.read(web.url("a.wav"), start_byte=10, end_byte=19)
        assert [request.range for request in web.requests] == [(10, 19)]
"""

from __future__ import annotations

import hashlib
import io
import re
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from email.utils import formatdate
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Self
from urllib.parse import quote, unquote, urlsplit

from tests.doubles.quiet import Double, QuietHandler

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Fault", "Request", "WebServer"]

_RANGE = re.compile(r"bytes=(\d*)-(\d*)$")
_PIECE = 1 << 16


@dataclass
class Request:
    """What was asked, and what was answered."""

    method: str
    path: str
    """Without the slash in front and without query."""
    headers: Mapping[str, str]
    range: tuple[int, int | None] | None
    """First and last byte asked for, both included."""
    status: int = 0
    sent: int = 0
    """Bytes of the body that were sent."""


@dataclass
class Fault:
    """What goes wrong with one request."""

    status: int | None = None
    """Answered instead of the content."""
    cut: int | None = None
    """The connection ends after so many bytes of the body."""
    delay: float = 0.0
    """Seconds before the answer."""
    path: str | None = None
    """Only for this path; None: for any."""


@dataclass
class _Found:
    size: int
    headers: dict[str, str]
    open: Callable[[], BinaryIO]


@dataclass
class WebServer(Double):
    """Serve files on 127.0.0.1, at a free port; a context manager.

    `content` is a folder, or path -> bytes, which may be changed at any time.
    """

    content: Path | dict[str, bytes]
    ranges: bool = True
    """Whether parts of a file are sent, or always the whole."""
    etags: bool = True
    """Whether versions are told; if not, only the time of the last change."""
    conditions: bool = True
    """Whether If-Match is heeded."""
    token: str | None = None
    """What a request has to bear; else 401."""
    delay: float = 0.0
    """Seconds before each answer."""
    rate: float | None = None
    """Bytes per second of each answer."""
    before: Callable[[Request], None] = lambda request: None
    """Called with each request before it is answered."""
    requests: list[Request] = field(default_factory=list)
    faults: deque[Fault] = field(default_factory=deque)
    """Each is used once, by the first request that it is for."""

    def __enter__(self) -> Self:
        self._lock = threading.Lock()
        self._started = time.time()
        return super().__enter__()

    def url(self, path: str) -> str:
        """Return the address of a file."""
        return f"{self.origin}/{quote(path)}"

    @property
    def sent(self) -> int:
        """Bytes of all bodies sent since the last `forget`."""
        return sum(request.sent for request in self.requests)

    @property
    def methods(self) -> list[str]:
        """The requests' methods, in order."""
        return [request.method for request in self.requests]

    def forget(self) -> None:
        """Begin to count anew."""
        with self._lock:
            self.requests.clear()

    def fail(self, *, times: int = 1, **what: Any) -> None:
        """Let the next requests go wrong, see `Fault`."""
        self.faults.extend(Fault(**what) for _ in range(times))

    def note(self, request: Request) -> Fault:
        """Take down a request; gives what is to go wrong with it."""
        with self._lock:
            self.requests.append(request)
            for fault in self.faults:
                if fault.path in (None, request.path):
                    self.faults.remove(fault)
                    return fault
        return Fault()

    def find(self, path: str) -> _Found | None:
        """Return size, headers and content of a file."""
        if isinstance(self.content, Path):
            file = self.content / path
            if not file.is_file():
                return None
            state = file.stat()
            mark = f"{state.st_mtime_ns:x}-{state.st_size:x}"
            changed = state.st_mtime
            found = _Found(state.st_size, {}, lambda: file.open("rb"))
        else:
            content = self.content.get(path)
            if content is None:
                return None
            mark = _digest(content)
            changed = self._started
            found = _Found(len(content), {}, lambda: io.BytesIO(content))
        found.headers["Last-Modified"] = formatdate(changed, usegmt=True)
        if self.etags:
            found.headers["ETag"] = f'"{mark}"'
        return found


_digests: dict[int, tuple[bytes, str]] = {}


def _digest(content: bytes) -> str:
    """Return what tells contents apart; large ones are looked at once."""
    known = _digests.get(id(content))
    if known is None or known[0] is not content:
        if len(_digests) > 64:
            _digests.clear()
        known = _digests[id(content)] = (content, hashlib.sha1(content).hexdigest())  # noqa: S324
    return known[1]


class _Handler(QuietHandler):
    def do_GET(self) -> None:
        web = self.server.double
        path = unquote(urlsplit(self.path).path.lstrip("/"))
        request = Request(self.command, path, self.headers, self._range())
        fault = web.note(request)
        web.before(request)
        time.sleep(web.delay + fault.delay)
        found = web.find(path)
        status, headers, first, length = self._answer(request, fault, found)
        request.status = status
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        if found and length and self.command == "GET":
            self._send(request, found, first, length, fault)

    do_HEAD = do_GET

    def _range(self) -> tuple[int, int | None] | None:
        match = _RANGE.match(self.headers.get("Range", ""))
        if match is None or not match[1]:
            return None
        return int(match[1]), int(match[2]) if match[2] else None

    def _answer(
        self, request: Request, fault: Fault, found: _Found | None
    ) -> tuple[int, dict[str, str], int, int]:
        """Return status, headers, first byte and number of bytes."""
        web, wanted = self.server.double, self.headers.get("If-Match")
        if fault.status is not None:
            return fault.status, {}, 0, 0
        if web.token and self.headers.get("Authorization") != f"Bearer {web.token}":
            return 401, {}, 0, 0
        if found is None:
            return 404, {}, 0, 0
        if web.conditions and wanted not in (None, found.headers.get("ETag")):
            return 412, {}, 0, 0
        if not web.ranges or request.range is None:
            return 200, found.headers, 0, found.size
        first, last = request.range
        if first >= found.size:
            where = {"Content-Range": f"bytes */{found.size}"}
            return 416, where, 0, 0
        last = found.size - 1 if last is None else min(last, found.size - 1)
        where = {"Content-Range": f"bytes {first}-{last}/{found.size}"}
        return 206, {**found.headers, **where}, first, last - first + 1

    def _send(
        self, request: Request, found: _Found, first: int, length: int, fault: Fault
    ) -> None:
        rate = self.server.double.rate
        left = length if fault.cut is None else min(length, fault.cut)
        with found.open() as file:
            file.seek(first)
            while left and (piece := file.read(min(left, _PIECE))):
                # First, as the client may look as soon as it has the last.
                request.sent += len(piece)
                self.wfile.write(piece)
                left -= len(piece)
                if rate:
                    time.sleep(len(piece) / rate)
        if fault.cut is not None:
            self.close_connection = True


WebServer.handler = _Handler
