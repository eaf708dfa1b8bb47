"""A small double of Google Cloud Storage's server, with preconditions.

The emulators that can be installed ignore preconditions, which are what keeps
other people's annotations from being overwritten.

::

    with GoogleStorage() as google:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", google.url)
        io.write("a.csv", "gs://bucket/a.csv")
        assert google.get("a.csv") == ...
"""

from __future__ import annotations

import base64
import gc
import hashlib
import io
import json
import re
import threading
import warnings
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

from google_crc32c import Checksum

from tests.doubles.quiet import Double, QuietHandler

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

__all__ = ["GoogleStorage", "Stored", "Upload"]

STEP = 256 << 10
"""Parts of an upload, but the last, are multiples of this."""


@dataclass
class Stored:
    """An object."""

    generation: int
    content: bytes


@dataclass
class Upload:
    """A resumable upload under way."""

    name: str
    conditions: dict[str, str]
    content: bytes = b""


@dataclass
class GoogleStorage(Double):
    """One bucket, ``bucket``; a context manager."""

    objects: dict[str, Stored] = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)
    """Sessions of resumable uploads that are not over."""
    finished: dict[str, str] = field(default_factory=dict)
    """Names of the objects that came of the others."""
    page: int = 1000
    """Objects on one page of a listing."""
    sessions_at: str = ""
    """Where uploads are sent to go on; here, if empty."""
    status: int = 0
    """Answered to everything, if not 0."""
    faults: deque[int] = field(default_factory=deque)
    """Each is answered once, to the next requests; 0: the connection ends;
    -1: it ends, too, but what was asked for is done."""
    before: Callable[[str, str], None] = lambda method, path: None
    """Called with each request before it is answered."""
    requests: list[tuple[str, str]] = field(default_factory=list)
    """Method, path with query."""

    def __enter__(self) -> Self:
        self.lock = threading.Lock()
        self.generation = 0
        return super().__enter__()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # Google's client looks at buckets in threads of its own, which would
        # open connections after the server has gone.
        self.status = 0
        self.faults.clear()
        for thread in threading.enumerate():
            if "_background" in thread.name:
                thread.join(10)
        super().__exit__(kind, error, trace)
        # The client leaves the answer open when a download is refused. Its
        # sockets are collected here, lest the next test be told of them.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            gc.collect()

    @property
    def url(self) -> str:
        """What STORAGE_EMULATOR_HOST is to be."""
        return self.origin

    @property
    def methods(self) -> list[str]:
        """The requests' methods, in order."""
        return [method for method, _ in self.requests]

    def put(self, name: str, content: bytes) -> int:
        """Store an object, as somebody else would; its generation."""
        with self.lock:
            self.generation += 1
            self.objects[name] = Stored(self.generation, content)
            return self.generation

    def get(self, name: str) -> bytes | None:
        """Return an object's content."""
        found = self.objects.get(name)
        return found and found.content

    def put_if(self, name: str, content: bytes, query: dict[str, str]) -> int:
        """Store an object on conditions; 200, or 412."""
        with self.lock:
            now = self.objects.get(name)
            wanted = query.get("ifGenerationMatch")
            if wanted is not None and int(wanted) != (now.generation if now else 0):
                return 412
            self.generation += 1
            self.objects[name] = Stored(self.generation, content)
        return 200


class _Handler(QuietHandler):
    def handle_any(self) -> None:
        google = self.server.double
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        url = urlsplit(self.path)
        self.query = {name: v[0] for name, v in parse_qs(url.query).items()}
        match = re.fullmatch(r"/storage/v1/b/[^/]+", url.path)
        if match is not None:  # the client looks at the bucket, now and then
            return self.send(200, b'{"name": "bucket"}')
        with google.lock:
            google.requests.append((self.command, self.path))
        google.before(self.command, self.path)
        fault = google.status or (google.faults.popleft() if google.faults else None)
        if fault == 0:
            self.close_connection = True
            return None
        if fault == -1:
            self.close_connection = True
            self.wfile = io.BytesIO()
        elif fault:
            return self.fail(fault)
        return getattr(self, self.command.lower())(url.path)

    do_GET = do_POST = do_PUT = do_DELETE = handle_any

    def get(self, path: str) -> None:
        match = re.fullmatch(r"(?:/download)?/storage/v1/b/([^/]+)/o(?:/(.+))?", path)
        if match is None or match[1] != "bucket":
            return self.fail(404)
        name = unquote(match[2] or "")
        if not name:
            return self.listing()
        found = self.server.double.objects.get(name)
        if found is None:
            return self.fail(404)
        wanted = self.query.get("ifGenerationMatch")
        if wanted is not None and int(wanted) != found.generation:
            return self.fail(412)
        if self.query.get("alt") != "media":
            return self.send(200, _about(name, found))
        return self.media(found)

    def media(self, found: Stored) -> None:
        content, headers = found.content, {"X-Goog-Generation": str(found.generation)}
        wanted = re.match(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if not wanted:
            return self.send(200, content, headers)
        start = int(wanted[1])
        if start >= len(content):
            return self.fail(416)
        part = content[start : int(wanted[2] or len(content)) + 1]
        headers["Content-Range"] = (
            f"bytes {start}-{start + len(part) - 1}/{len(content)}"
        )
        return self.send(206, part, headers)

    def listing(self) -> None:
        google, query = self.server.double, self.query
        prefix, delimiter = query.get("prefix", ""), query.get("delimiter")
        names = [
            name
            for name in sorted(google.objects)
            if name.startswith(prefix)
            and not (delimiter and delimiter in name[len(prefix) :])
        ]
        start = int(query.get("pageToken", 0))
        found = [_about(name, google.objects[name]) for name in names]
        about: dict[str, Any] = {"items": found[start : start + google.page]}
        if start + google.page < len(found):
            about["nextPageToken"] = str(start + google.page)
        self.send(200, about)

    def post(self, path: str) -> None:
        google = self.server.double
        if "/copyTo/" in path:
            source, name = re.search(r"/o/(.+)/copyTo/b/[^/]+/o/(.+)", path).groups()
            found = google.objects.get(unquote(source))
            if found is None:
                return self.fail(404)
            return self.store(unquote(name), found.content, self.query)
        if "/b/bucket/" not in path:
            return self.fail(404)
        if self.query["uploadType"] == "multipart":
            mark = self.headers["Content-Type"].split("boundary=")[1].strip("\"'")
            _, about, rest = self.body.split(b"--" + mark.encode(), 2)
            media = rest[: rest.rindex(b"\r\n--" + mark.encode())]
            name = json.loads(about.split(b"\r\n\r\n", 1)[1])["name"]
            return self.store(name, media.split(b"\r\n\r\n", 1)[1], self.query)
        name = json.loads(self.body)["name"]
        session = str(len(google.requests))
        google.uploads[session] = Upload(name, self.query)
        place = f"{google.sessions_at or google.url}/session?upload_id={session}"
        return self.send(200, b"", {"Location": place})

    def put(self, path: str) -> None:
        google = self.server.double
        session = self.query["upload_id"]
        upload = google.uploads.get(session)
        if upload is None:  # it may be asked how it ended
            name = google.finished.get(session)
            found = google.objects.get(name)
            return self.send(200, _about(name, found)) if found else self.fail(404)
        span, _, total = self.headers["Content-Range"].partition("/")
        if not span.endswith("*"):
            first = int(span.removeprefix("bytes ").partition("-")[0])
            last = total != "*" and first + len(self.body) == int(total)
            if first != len(upload.content) or (len(self.body) % STEP and not last):
                return self.fail(400)
            upload.content += self.body
        if total == "*" or len(upload.content) < int(total):
            n_bytes = len(upload.content)
            headers = {"Range": f"bytes=0-{n_bytes - 1}"} if n_bytes else {}
            return self.send(308, b"", headers)
        del google.uploads[session]
        google.finished[session] = upload.name
        return self.store(upload.name, upload.content, upload.conditions)

    def delete(self, path: str) -> None:
        self.server.double.uploads.pop(self.query["upload_id"], None)
        self.send(499, b"")  # what Google says to a session that was given up

    def store(self, name: str, content: bytes, query: dict[str, str]) -> None:
        google = self.server.double
        status = google.put_if(name, content, query)
        if status != 200:
            return self.fail(status)
        return self.send(200, {**_about(name, google.objects[name]), "done": True})

    def fail(self, status: int) -> None:
        self.send(status, {"error": {"message": "no"}})

    def send(
        self,
        status: int,
        body: bytes | dict[str, Any],
        headers: dict[str, str] | None = None,
    ) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def _about(name: str, found: Stored) -> dict[str, Any]:
    return {
        "bucket": "bucket",
        "name": name,
        "size": str(len(found.content)),
        "generation": str(found.generation),
        "updated": "2026-01-02T03:04:05.678Z",
        "contentType": "text/csv",
        "md5Hash": base64.b64encode(hashlib.md5(found.content).digest()).decode(),  # noqa: S324
        "crc32c": base64.b64encode(Checksum(found.content).digest()).decode(),
    }


GoogleStorage.handler = _Handler
