"""Google's storage as it fails, and writing to it in parts."""

from __future__ import annotations

import io
import os
import traceback
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from google.auth.credentials import AnonymousCredentials

from annotator.audio.backends import gcs_client, gcs_upload
from annotator.audio.backends.gcs import GCSBackend
from annotator.errors import (
    AccessDenied,
    Cancelled,
    Conflict,
    ParameterError,
    Unreachable,
)
from tests.doubles.gcs import STEP, GoogleStorage
from tests.doubles.scripted import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

URI = "gs://bucket/a b.flac"
NAME = "a b.flac"


@pytest.fixture
def google(monkeypatch: pytest.MonkeyPatch) -> Iterator[GoogleStorage]:
    monkeypatch.setattr(gcs_client, "PAUSE", 0.01)
    with GoogleStorage() as google:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", google.url)
        yield google


@pytest.fixture
def backend(google: GoogleStorage) -> Iterator[GCSBackend]:
    backend = GCSBackend()
    yield backend
    backend.close()


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> bytes:
    """Return a content that goes in four parts."""
    monkeypatch.setattr(gcs_upload, "CHUNK", STEP)
    return os.urandom(3 * STEP + 1000)


# A refused download leaves its answer open, see the double.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")

ACTIONS = {
    "stat": lambda backend: backend.stat(URI),
    "read": lambda backend: backend.read(URI),
    "range": lambda backend: backend.read(URI, 0, 1),
    "download": lambda backend: backend.download(URI, io.BytesIO()),
    "write": lambda backend: backend.write(b"new", URI),
    "list": lambda backend: list(backend.list("gs://bucket")),
    "copy": lambda backend: backend.copy(URI, "gs://bucket/copy"),
}


@pytest.mark.parametrize("fault", [503, 500, 429, 0])
@pytest.mark.parametrize("action", ACTIONS)
def test_trouble_that_passes_is_waited_for(
    google: GoogleStorage, backend: GCSBackend, action: str, fault: int
) -> None:
    google.put(NAME, b"old")
    ACTIONS[action](backend)
    google.objects.pop("copy", None)
    needed = len(google.requests)
    google.requests.clear()
    google.faults.extend([fault, fault])

    ACTIONS[action](backend)

    assert len(google.requests) == needed + 2


@pytest.mark.parametrize("status", [400, 401, 403, 404])
@pytest.mark.parametrize("action", ACTIONS)
def test_a_refusal_is_not_asked_for_again(
    google: GoogleStorage, backend: GCSBackend, action: str, status: int
) -> None:
    google.put(NAME, b"old")
    google.status = status

    with pytest.raises(OSError, match="gs://bucket"):
        ACTIONS[action](backend)

    assert len(google.requests) == 1


def test_many_requests_share_a_connection(
    google: GoogleStorage, backend: GCSBackend
) -> None:
    google.put(NAME, b"0123456789")

    for start in range(10):
        backend.read(URI, start, start)

    assert google.connections <= 2  # one looks at the bucket, in a thread


@pytest.mark.parametrize("there", [b"ours", b"theirs"])
def test_a_write_whose_answer_got_lost_is_recognised(
    google: GoogleStorage, backend: GCSBackend, there: bytes
) -> None:
    google.faults.append(-1 if there == b"ours" else 0)
    if there == b"theirs":
        google.before = lambda method, path: (
            google.put(NAME, there) if len(google.requests) == 2 else None
        )

    if there == b"ours":
        info = backend.write(b"ours", URI, create_only=True)
        assert info.version == str(google.objects[NAME].generation)
    else:
        with pytest.raises(Conflict, match="is there already"):
            backend.write(b"ours", URI, create_only=True)
    assert google.get(NAME) == there


def test_parts_arrive_whole_and_tell_their_progress(
    google: GoogleStorage, backend: GCSBackend, parts: bytes, tmp_path: Path
) -> None:
    (tmp_path / "a.flac").write_bytes(parts)
    seen: list[tuple[int, int]] = []

    info = backend.write(
        tmp_path / "a.flac", URI, progress=lambda *now: seen.append(now)
    )

    assert google.get(NAME) == parts
    assert replace(info, content_type=None) == replace(
        backend.stat(URI), content_type=None
    )
    size = len(parts)
    assert [done for done, _ in seen] == [0, *range(STEP, size, STEP), size - 1, size]


@pytest.mark.parametrize("fault", [503, 0, -1])
@pytest.mark.parametrize("number", [1, 2, 4])
def test_parts_go_on_after_a_fault(
    google: GoogleStorage, backend: GCSBackend, parts: bytes, fault: int, number: int
) -> None:
    def before(method: str, path: str) -> None:
        if google.methods.count("PUT") == number and not google.faults and faults:
            google.faults.append(faults.pop())

    faults = [fault]
    google.before = before

    info = backend.write(parts, URI, create_only=True)

    assert google.get(NAME) == parts
    assert info.version == str(google.objects[NAME].generation)
    assert faults == []


def test_cancelled_parts_are_cleared_away(
    google: GoogleStorage, backend: GCSBackend, parts: bytes
) -> None:
    google.put(NAME, b"old")

    def cancel(done: int, size: int) -> None:
        if done > STEP:
            raise Cancelled

    with pytest.raises(Cancelled):
        backend.write(parts, URI, progress=cancel)

    assert google.methods == ["POST", "PUT", "PUT", "DELETE"]
    assert google.uploads == {}
    assert google.get(NAME) == b"old"


@pytest.mark.parametrize("seen", [None, b"old"])
def test_parts_are_joined_on_the_same_condition(
    google: GoogleStorage, backend: GCSBackend, parts: bytes, seen: bytes | None
) -> None:
    condition = {"create_only": True}
    if seen is not None:
        condition = {"if_version": str(google.put(NAME, seen))}
    google.before = lambda method, path: (
        google.put(NAME, b"theirs") if google.methods[-1:] == ["PUT"] else None
    )

    with pytest.raises(Conflict):
        backend.write(parts, URI, **condition)

    assert google.get(NAME) == b"theirs"
    assert google.uploads == {}


def test_credentials_that_end_in_the_middle_leave_nothing(
    google: GoogleStorage, backend: GCSBackend, parts: bytes
) -> None:
    google.before = lambda method, path: (
        google.faults.append(401) if google.methods.count("PUT") == 2 else None
    )

    with pytest.raises(AccessDenied, match="Not allowed to write"):
        backend.write(parts, URI)

    assert google.get(NAME) is None


def test_a_network_that_goes_in_the_middle_is_unreachable(
    google: GoogleStorage,
    backend: GCSBackend,
    parts: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gcs_client, "PATIENCE", 0.2)
    google.before = lambda method, path: (
        google.faults.append(0) if google.methods.count("PUT") >= 2 else None
    )

    with pytest.raises(Unreachable, match="Cannot reach Google's storage"):
        backend.write(parts, URI)

    assert google.get(NAME) is None


def test_the_address_of_a_session_is_not_shown(
    google: GoogleStorage,
    backend: GCSBackend,
    parts: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who knows it may write there."""
    monkeypatch.setattr(gcs_client, "PATIENCE", 0.2)
    google.sessions_at = f"http://127.0.0.1:{free_port()}"

    with pytest.raises(Unreachable) as caught:
        backend.write(parts, URI)

    told = "".join(traceback.format_exception(caught.value))
    assert "an upload in parts failed" in told
    assert "upload_id" not in told


@pytest.mark.parametrize("recursive", [False, True])
def test_a_long_listing_comes_in_pages(
    google: GoogleStorage, backend: GCSBackend, recursive: bool
) -> None:
    names = ["a.csv", "b c.csv", "d.csv", "e.csv", "z/f.csv"]
    for name in names:
        google.put(name, b"x")
    google.page = 2

    found = [info.uri for info in backend.list("gs://bucket", recursive=recursive)]

    assert found == [f"gs://bucket/{name}" for name in names[: 5 if recursive else 4]]
    assert len(google.requests) == (3 if recursive else 2)


@pytest.mark.parametrize("content", [None, "{", '{"type": "service_account"}'])
def test_a_key_that_cannot_be_used_is_one_sentence(
    tmp_path: Path, content: str | None
) -> None:
    path = tmp_path / "key.json"
    if content is not None:
        path.write_text(content)

    with pytest.raises(ParameterError, match=r"key\.json' cannot be used: give the"):
        GCSBackend(credentials=str(path)).stat(URI)


def test_without_an_account_it_asks_as_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STORAGE_EMULATOR_HOST", raising=False)

    client = gcs_client.new_client({})

    assert isinstance(client._credentials, AnonymousCredentials)
    client.close()
