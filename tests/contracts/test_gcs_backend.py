"""The contract of stores for gs://, against a small double of Google's server.

The emulators that can be installed ignore preconditions, which are what keeps
other people's annotations from being overwritten.
"""

from __future__ import annotations

import base64
import gc
import importlib.util
import json
import re
import threading
import warnings
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from google_crc32c import Checksum

from annotator.audio.backends import gcs
from annotator.audio.backends.gcs import CHUNK, GCSBackend
from annotator.errors import AccessDenied, NotFound, ParameterError, Unreachable

if TYPE_CHECKING:
    from collections.abc import Iterator

# Test files are no package, so a neighbour is loaded by its path.
_spec = importlib.util.spec_from_file_location(
    "backend_contract", Path(__file__).with_name("test_backends.py")
)
contract = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(contract)


class Google(BaseHTTPRequestHandler):
    """Objects in memory: media, lists, copies, uploads, ifGenerationMatch."""

    protocol_version = "HTTP/1.1"
    objects: dict[str, tuple[int, bytes]]
    uploads: dict[str, Any]
    counter: list[int]
    lock: threading.Lock
    status = 0

    def do_GET(self) -> None:
        url, query = self.parts()
        if self.status:
            return self.fail(self.status)
        match = re.fullmatch(r"(?:/download)?/storage/v1/b/([^/]+)/o(?:/(.+))?", url)
        if match is None:  # the client looks at the bucket itself, now and then
            return self.send(200, b'{"name": "bucket"}')
        bucket, name = match[1], unquote(match[2] or "")
        if not name:
            return self.listing(query)
        if name not in self.objects:
            return self.fail(404)
        generation, content = self.objects[name]
        if int(query.get("ifGenerationMatch", generation)) != generation:
            return self.fail(412)
        if query.get("alt") != "media":
            return self.send(200, self.about(bucket, name))
        wanted = re.match(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if not wanted:
            return self.send(200, content)
        start = int(wanted[1])
        if start >= len(content):
            return self.fail(416)
        part = content[start : int(wanted[2] or len(content)) + 1]
        span = f"bytes {start}-{start + len(part) - 1}/{len(content)}"
        return self.send(206, part, {"Content-Range": span})

    def do_POST(self) -> None:
        url, query = self.parts()
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.status:
            return self.fail(self.status)
        if "/copyTo/" in url:
            source, target = re.search(r"/o/(.+)/copyTo/b/[^/]+/o/(.+)", url).groups()
            if unquote(source) not in self.objects:
                return self.fail(404)
            content = self.objects[unquote(source)][1]
            return self.store(unquote(target), content, query)
        if query["uploadType"] == "multipart":
            mark = (
                b"--"
                + self.headers["Content-Type"]
                .split("boundary=")[1]
                .strip("\"'")
                .encode()
            )
            _, about, media, _ = body.split(mark)
            content = media.split(b"\r\n\r\n", 1)[1].removesuffix(b"\r\n")
            name = json.loads(about.split(b"\r\n\r\n", 1)[1])["name"]
            return self.store(name, content, query)
        name = json.loads(body)["name"]
        self.uploads[name] = (b"", query)
        place = f"http://{self.headers['Host']}/session?name={name}"
        return self.send(200, b"", {"Location": place})

    def do_PUT(self) -> None:
        _, query = self.parts()
        before, conditions = self.uploads[query["name"]]
        content = before + self.rfile.read(int(self.headers["Content-Length"]))
        self.uploads[query["name"]] = (content, conditions)
        total = self.headers["Content-Range"].rpartition("/")[2]
        if total == "*" or len(content) < int(total):
            return self.send(308, b"", {"Range": f"bytes=0-{len(content) - 1}"})
        return self.store(query["name"], content, conditions)

    def parts(self) -> tuple[str, dict[str, str]]:
        url = urlsplit(self.path)
        return url.path, {name: v[0] for name, v in parse_qs(url.query).items()}

    def store(self, name: str, content: bytes, query: dict[str, str]) -> None:
        with self.lock:
            now = self.objects.get(name, (0, b""))[0]
            if int(query.get("ifGenerationMatch", now)) != now:
                return self.fail(412)
            self.counter[0] += 1
            self.objects[name] = (self.counter[0], content)
        about = self.about("bucket", name)
        if "copyTo" in self.path or "rewriteTo" in self.path:
            about = json.dumps({**json.loads(about), "done": True}).encode()
        return self.send(200, about)

    def listing(self, query: dict[str, str]) -> None:
        prefix, delimiter = query.get("prefix", ""), query.get("delimiter")
        names = [
            name
            for name in sorted(self.objects)
            if name.startswith(prefix)
            and not (delimiter and delimiter in name[len(prefix) :])
        ]
        items = [json.loads(self.about("bucket", name)) for name in names]
        self.send(200, json.dumps({"items": items}).encode())

    def about(self, bucket: str, name: str) -> bytes:
        generation, content = self.objects[name]
        about = {
            "bucket": bucket,
            "name": name,
            "size": str(len(content)),
            "generation": str(generation),
            "updated": "2026-01-02T03:04:05.678Z",
            "contentType": "text/csv",
            "crc32c": base64.b64encode(Checksum(content).digest()).decode(),
        }
        return json.dumps(about).encode()

    def fail(self, status: int) -> None:
        self.send(status, json.dumps({"error": {"message": "no"}}).encode())

    def send(
        self, status: int, body: bytes, headers: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        pass


class GCSPlace(contract.Place):
    def __init__(self, google: type[Google]) -> None:
        super().__init__(GCSBackend())
        self.google = google

    def uri(self, name: str) -> str:
        return f"gs://bucket/{name}"

    def put(self, name: str, content: bytes) -> None:
        self.google.counter[0] += 1
        self.google.objects[name] = (self.google.counter[0], content)

    def get(self, name: str) -> bytes | None:
        return self.google.objects.get(name, (0, None))[1]


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[GCSPlace]:
    state = {"objects": {}, "uploads": {}, "counter": [0], "lock": threading.Lock()}
    google = type("Google", (Google,), state)
    with ThreadingHTTPServer(("127.0.0.1", 0), google) as server:
        host = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", host)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        found = GCSPlace(google)
        yield found
        # The client looks at buckets in threads of its own, which would open
        # connections after it was closed.
        google.status = 0
        for other in threading.enumerate():
            if "_background" in other.name:
                other.join(10)
        found.backend.close()
        server.shutdown()
        thread.join()
    # Google's client leaves the answer open when a download is refused. Its
    # sockets are collected here, lest the next test be told of them.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
class TestGCS(contract.WritingContract):
    def test_a_large_file_goes_in_parts(self, place: GCSPlace) -> None:
        content, seen = bytes(range(256)) * ((CHUNK + 512) // 256), []

        place.backend.write(
            content, place.uri("a b.flac"), progress=lambda *now: seen.append(now)
        )

        assert place.get("a b.flac") == content
        assert seen[-1] == (len(content), len(content))
        assert (CHUNK, len(content)) in seen

    @pytest.mark.parametrize(
        ("status", "kind", "sentence"),
        [
            (401, AccessDenied, "gcloud auth"),
            (403, AccessDenied, "gcloud auth"),
            (404, NotFound, "There is nothing at"),
        ],
    )
    def test_each_refusal_is_a_sentence(
        self, place: GCSPlace, status: int, kind: type[Exception], sentence: str
    ) -> None:
        place.google.status = status

        with pytest.raises(kind, match=sentence):
            place.backend.read(place.uri("a.csv"))
        with pytest.raises(kind, match=sentence):
            place.backend.write(b"x", place.uri("a.csv"))

    def test_a_server_in_trouble_is_not_asked_for_ever(
        self, place: GCSPlace, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(gcs, "PATIENCE", 0.1)
        place.google.status = 503

        with pytest.raises(Unreachable, match="Cannot reach Google's storage"):
            place.backend.read(place.uri("a.csv"))
        with pytest.raises(Unreachable, match="Cannot reach Google's storage"):
            place.backend.write(b"x", place.uri("a.csv"))

    @pytest.mark.parametrize("uri", ["gs://", "gs://bucket", "gs://bucket/a/"])
    def test_an_address_without_a_name_is_refused(
        self, place: GCSPlace, uri: str
    ) -> None:
        with pytest.raises(ParameterError, match="write gs://bucket/name"):
            place.backend.stat(uri)
