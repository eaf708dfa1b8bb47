"""How much of a file is fetched whole, whatever its server says of it."""

from __future__ import annotations

import contextlib
import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import soundfile as sf

from annotator.audio.backends.http import HTTPBackend
from annotator.audio.cache import cache_content
from annotator.audio.io import read, read_segment
from annotator.audio.remote.file import forget_remotes
from annotator.errors import AnnotatorError, StorageError, Unreachable
from tests.doubles.quiet import Double, QuietHandler
from tests.doubles.web import WebServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PIECE = b"x" * (1 << 16)
MOST = 1_000_000
FAR = 30_000_000
"""Bytes that no limit of these tests lets through; then a server ends by itself."""


class _Handler(QuietHandler):
    def do_HEAD(self) -> None:
        self.send_error(405)

    def do_GET(self) -> None:
        double = self.server.double
        double.asked += 1
        self.send_response(double.status)
        for name, value in double.headers.items():
            self.send_header(name, value.replace("HERE", double.origin))
        self.end_headers()
        self.close_connection = True
        with contextlib.suppress(OSError):
            for _ in range(FAR // len(PIECE)):
                self.wfile.write(PIECE)
                double.sent += len(PIECE)


@dataclass
class Endless(Double):
    """A web server whose answers do not end."""

    handler = _Handler
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    sent: int = 0
    asked: int = 0


@pytest.fixture
def backend() -> Iterator[HTTPBackend]:
    made = HTTPBackend(may_connect=lambda host, address: True, max_download=MOST)
    yield made
    made.close()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ANNOTATOR_CACHE_DIR", str(tmp_path / "cache"))
    forget_remotes()
    return tmp_path / "cache"


def assert_little_came(server: Endless, folder: Path) -> None:
    # What is on its way in buffers counts as sent, some MB for each connection.
    assert server.sent < max(1, server.asked) * FAR / 2
    assert cache_content().n_copies == 0
    assert not list(folder.glob(".*part"))


READS = {
    "stat": lambda backend, url: backend.stat(url),
    "all": lambda backend, url: backend.read(url),
    "part": lambda backend, url: backend.read(url, 10, 19),
    "rest": lambda backend, url: backend.read(url, 10),
    "peek": lambda backend, url: backend.peek(url, 0, 99),
    "download": lambda backend, url: backend.download(url, io.BytesIO()),
}


@pytest.mark.parametrize("length", [{}, {"Content-Length": "1000000000000"}])
@pytest.mark.parametrize("name", READS)
def test_a_file_without_an_end_is_left_at_the_limit(
    backend: HTTPBackend, folder: Path, name: str, length: dict[str, str]
) -> None:
    with Endless(headers=length) as server:
        url = f"{server.origin}/a.mp3"
        if name == "stat" and length:
            assert backend.stat(url).size == 10**12  # its word, and nothing fetched
        else:
            with pytest.raises(StorageError, match="done up to 1 MB here"):
                READS[name](backend, url)

    assert_little_came(server, folder)


@pytest.mark.parametrize("told", ["bytes 10-19/100", "bytes 10-19/*"])
def test_a_part_that_is_longer_than_asked_for_is_left(
    backend: HTTPBackend, folder: Path, told: str
) -> None:
    with (
        Endless(206, {"Content-Range": told}) as server,
        pytest.raises(StorageError, match="other bytes than were asked for"),
    ):
        backend.read(f"{server.origin}/a.wav", 10, 19)

    assert_little_came(server, folder)


@pytest.mark.parametrize("status", [302, 404, 503])
def test_what_comes_with_an_error_or_a_redirect_is_not_read(
    backend: HTTPBackend, folder: Path, status: int
) -> None:
    headers = {"Location": "HERE/again.wav"} if status == 302 else {}

    with Endless(status, headers) as server, pytest.raises(AnnotatorError):
        backend.read(f"{server.origin}/a.wav")

    assert_little_came(server, folder)


def test_trouble_is_told_at_once(backend: HTTPBackend) -> None:
    with Endless(503) as server, pytest.raises(Unreachable, match="trouble now"):
        backend.read(f"{server.origin}/a.wav")

    assert server.asked == 1  # a second time would read the answer to the first


def recording(seconds: int, kind: str) -> bytes:
    file = io.BytesIO()
    noise = np.random.default_rng(1).uniform(-0.5, 0.5, 8_000 * seconds)
    sf.write(file, noise, 8_000, format=kind)
    return file.getvalue()


AUTH: dict[str, Any] = {"may_connect": lambda host, address: True}


@pytest.mark.parametrize(("name", "ranges"), [("a.wav", False), ("a.mp3", True)])
def test_a_recording_that_must_come_whole_may_be_so_large(
    name: str, ranges: bool
) -> None:
    content = recording(100, name[2:].upper())
    with WebServer({name: content}, ranges=ranges) as web:
        url, size = web.url(name), len(content)

        with pytest.raises(StorageError, match="fetched whole"):
            read_segment(url, 1.0, 1.0, **AUTH, max_download=size - 1)
        assert cache_content().n_copies == 0
        samples, _ = read_segment(url, 1.0, 1.0, **AUTH, max_download=size)

    assert samples.shape == (8_000, 1)


def test_one_that_comes_in_parts_may_have_any_size() -> None:
    content = recording(100, "WAV")
    with WebServer({"a.wav": content}) as web:
        samples, _ = read_segment(web.url("a.wav"), 90.0, 1.0, **AUTH, max_download=9)

    assert samples.shape == (8_000, 1)


def test_without_a_limit_all_is_fetched() -> None:
    content = recording(100, "WAV")
    with WebServer({"a.wav": content}, ranges=False) as web:
        assert read(web.url("a.wav"), start_byte=0, end_byte=3) == b"RIFF"
