"""The web as it fails: a scripted server answers what the test tells it to."""

from __future__ import annotations

import base64
import gzip
import io
from typing import TYPE_CHECKING, Any

import pytest

from annotator.audio.backends import http as module
from annotator.audio.backends.http import HTTPBackend
from annotator.errors import (
    AccessDenied,
    Conflict,
    NotFound,
    ParameterError,
    StorageError,
    Unreachable,
)
from tests.doubles.scripted import Answer, Request, ScriptedServer, free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

CONTENT = bytes(range(200))


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


@pytest.fixture
def backend_of() -> Iterator[Callable[..., HTTPBackend]]:
    made = []

    def make(**auth: Any) -> HTTPBackend:
        made.append(HTTPBackend(**auth))
        return made[-1]

    yield make
    for backend in made:
        backend.close()


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAUSES", (0.0, 0.0))
    monkeypatch.setenv("ANNOTATOR_CACHE_DIR", str(tmp_path / "cache"))


def told(err: BaseException | None) -> str:
    """Return all that a traceback says of an error and its causes."""
    texts = []
    while err is not None:
        texts += [str(err), repr(err)]
        err = err.__cause__ or (None if err.__suppress_context__ else err.__context__)
    return " ".join(texts)


def ranged(request: Request) -> Answer:
    first, _, last = (request.headers["Range"] or "bytes=0-")[6:].partition("-")
    part = CONTENT[int(first) : int(last or 10**9) + 1]
    where = f"bytes {first}-{int(first) + len(part) - 1}/{len(CONTENT)}"
    if not request.headers["Range"]:
        return Answer(200, CONTENT, {"ETag": '"1"'})
    return Answer(206, part, {"ETag": '"1"', "Content-Range": where})


@pytest.mark.parametrize(
    ("status", "kind", "sentence"),
    [
        (401, AccessDenied, "token, auth, cookies or headers"),
        (403, AccessDenied, "token, auth, cookies or headers"),
        (404, NotFound, "There is nothing at"),
        (410, NotFound, "There is nothing at"),
        (418, StorageError, "the server says 418"),
        (500, Unreachable, r"has trouble now \(500\)"),
    ],
)
@pytest.mark.parametrize("name", ["stat", "read", "download"])
def test_each_status_is_a_sentence_without_the_signature(
    server: ScriptedServer,
    backend_of: Callable[..., HTTPBackend],
    name: str,
    status: int,
    kind: type[Exception],
    sentence: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("urllib3.util.Retry.sleep", lambda *_: None)
    server.answers = lambda request: Answer(status)
    backend = backend_of(token="secret-token")
    arguments = [io.BytesIO()] if name == "download" else []

    with pytest.raises(kind, match=sentence) as caught:
        getattr(backend, name)(f"{server.url}?signature=secret", *arguments)

    assert "secret" not in told(caught.value)


def test_trouble_that_passes_is_waited_for(
    server: ScriptedServer,
    backend_of: Callable[..., HTTPBackend],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("urllib3.util.Retry.sleep", lambda *_: None)
    server.answers = lambda request: (
        Answer(503) if len(server.requests) < 3 else Answer(200, b"there")
    )

    assert backend_of().read(server.url) == b"there"


def test_a_server_that_is_not_there_is_unreachable_and_secrets_stay(
    backend_of: Callable[..., HTTPBackend],
) -> None:
    port = free_port()

    with pytest.raises(Unreachable, match="Cannot reach the server of") as caught:
        backend_of().read(f"http://me:secret@127.0.0.1:{port}/a?signature=secret")

    assert "secret" not in told(caught.value)


@pytest.mark.parametrize(
    "auth",
    [
        {"token": "secret\nline"},
        {"headers": {"X-Key": "secret\r"}},
        {"headers": {"X-Key": "secret å"}},
        {"cookies": {"session": "secret\n"}},
    ],
)
def test_a_secret_that_cannot_be_sent_is_not_shown(
    server: ScriptedServer, backend_of: Callable[..., HTTPBackend], auth: dict[str, Any]
) -> None:
    with pytest.raises(ParameterError, match="characters that cannot be sent") as found:
        backend_of(**auth).read(server.url)

    assert "secret" not in told(found.value)


def test_a_line_end_after_a_token_is_dropped(
    server: ScriptedServer, backend_of: Callable[..., HTTPBackend]
) -> None:
    backend_of(token="abc\n").read(server.url)

    assert server.requests[0].headers["Authorization"] == "Bearer abc"


@pytest.mark.parametrize("uri", ["http://", "http://[half/a", "https://./a"])
def test_an_address_that_cannot_be_is_refused(
    backend_of: Callable[..., HTTPBackend], uri: str
) -> None:
    with pytest.raises(ParameterError, match="is not a"):
        backend_of().read(uri)


@pytest.mark.parametrize(
    ("auth", "header", "value"),
    [
        ({"token": "abc"}, "Authorization", "Bearer abc"),
        (
            {"auth": ["me", "pass"]},
            "Authorization",
            f"Basic {base64.b64encode(b'me:pass').decode()}",
        ),
        ({"cookies": {"session": "abc"}}, "Cookie", "session=abc"),
        ({"headers": {"X-API-Key": "abc"}}, "X-API-Key", "abc"),
    ],
)
def test_credentials_are_sent(
    server: ScriptedServer,
    backend_of: Callable[..., HTTPBackend],
    auth: dict[str, Any],
    header: str,
    value: str,
) -> None:
    backend_of(**auth).read(server.url)

    assert server.requests[0].headers[header] == value


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_credentials_follow_a_redirect_on_their_own_host_alone(
    server: ScriptedServer, backend_of: Callable[..., HTTPBackend], host: str
) -> None:
    place = f"http://{host}:{server.port}/b.flac"
    server.answers = lambda request: (
        Answer(302, b"", {"Location": place}) if len(server.requests) == 1 else Answer()
    )
    backend = backend_of(
        token="abc", cookies={"session": "abc"}, headers={"X-API-Key": "abc"}
    )

    backend.read(server.url)

    sent = server.requests[1].headers
    names = ("Authorization", "Cookie", "X-API-Key")
    assert [name in sent for name in names] == [host == "127.0.0.1"] * 3


def test_a_line_of_netrc_does_not_replace_the_token(
    server: ScriptedServer,
    backend_of: Callable[..., HTTPBackend],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password other\n")
    (tmp_path / "netrc").chmod(0o600)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))

    backend_of(token="abc").read(server.url)

    assert server.requests[0].headers["Authorization"] == "Bearer abc"


def test_the_size_is_found_where_only_get_is_allowed(
    server: ScriptedServer, backend_of: Callable[..., HTTPBackend]
) -> None:
    server.answers = lambda request: (
        Answer(403) if request.method == "HEAD" else ranged(request)
    )

    info = backend_of().stat(server.url)

    assert (info.size, info.version) == (len(CONTENT), '"1"')


def test_the_size_is_counted_where_the_server_does_not_tell(
    server: ScriptedServer, backend_of: Callable[..., HTTPBackend]
) -> None:
    body = gzip.compress(CONTENT)
    server.answers = lambda request: Answer(200, body, {"Content-Encoding": "gzip"})
    backend = backend_of()

    assert backend.stat(server.url).size == len(CONTENT)
    assert backend.read(server.url) == CONTENT


def test_only_the_range_asked_for_is_fetched(
    server: ScriptedServer, backend_of: Callable[..., HTTPBackend]
) -> None:
    server.answers = ranged

    content = backend_of().read(server.url, 10, 19)

    assert content == CONTENT[10:20]
    assert [request.headers["Range"] for request in server.requests] == ["bytes=10-19"]


def test_without_an_etag_the_time_of_change_is_the_version(
    server: ScriptedServer, backend_of: Callable[..., HTTPBackend]
) -> None:
    now = {"Last-Modified": "Fri, 02 Jan 2026 03:04:05 GMT"}
    server.answers = lambda request: (
        # As a real server does with a condition that it cannot meet.
        Answer(412)
        if "If-Match" in request.headers
        else Answer(200, CONTENT, dict(now))
    )
    backend = backend_of()
    version = backend.stat(server.url).version

    content = backend.read(server.url, version=version)
    now["Last-Modified"] = "Fri, 02 Jan 2026 03:04:06 GMT"

    assert content == CONTENT
    with pytest.raises(Conflict, match="changed by somebody else"):
        backend.read(server.url, version=version)


@pytest.mark.parametrize("etag", ['"1"', ""])
def test_a_server_without_ranges_is_asked_for_the_file_once(
    server: ScriptedServer, backend_of: Callable[..., HTTPBackend], etag: str
) -> None:
    server.answers = lambda request: Answer(200, CONTENT, {"ETag": etag})
    backend = backend_of()

    parts = [backend.read(server.url, start, start + 9) for start in (0, 50, 195, 300)]

    assert parts == [CONTENT[:10], CONTENT[50:60], CONTENT[195:], b""]
    assert server.methods.count("GET") == 1


def test_a_server_without_ranges_is_asked_again_when_the_file_changed(
    server: ScriptedServer, backend_of: Callable[..., HTTPBackend]
) -> None:
    now = {"body": b"old content", "etag": '"1"'}
    server.answers = lambda request: Answer(200, now["body"], {"ETag": now["etag"]})
    backend = backend_of()
    before = backend.read(server.url, 0, 2)

    now.update(body=b"new content", etag='"2"')

    assert (before, backend.read(server.url, 0, 2)) == (b"old", b"new")


@pytest.mark.parametrize("name", ["read", "range", "download"])
def test_a_transfer_that_breaks_off_is_taken_up_again(
    server: ScriptedServer, backend_of: Callable[..., HTTPBackend], name: str
) -> None:
    def answers(request: Request) -> Answer:
        answer = ranged(request)
        if len(server.requests) == 1:
            answer.headers["Content-Length"] = str(len(answer.body))
            answer.body = answer.body[:2]
        return answer

    server.answers = answers
    backend, file = backend_of(), io.BytesIO()

    if name == "download":
        backend.download(server.url, file)
        content = file.getvalue()
    else:
        content = backend.read(server.url, 0 if name == "read" else 5)

    assert content == CONTENT[5 if name == "range" else 0 :]


def test_a_transfer_that_breaks_off_each_time_is_given_up(
    server: ScriptedServer, backend_of: Callable[..., HTTPBackend]
) -> None:
    server.answers = lambda request: Answer(200, b"half", {"Content-Length": "8"})

    with pytest.raises(Unreachable, match="broke off"):
        backend_of().read(server.url)

    assert server.methods == ["GET"] * 3


def test_other_bytes_than_those_asked_for_are_not_taken(
    server: ScriptedServer, backend_of: Callable[..., HTTPBackend]
) -> None:
    server.answers = lambda request: Answer(
        206, b"abc", {"Content-Range": "bytes 0-2/9"}
    )

    with pytest.raises(StorageError, match="other bytes than were asked for"):
        backend_of().read(server.url, 5, 7)


def test_a_peek_is_one_request(
    server: ScriptedServer, backend_of: Callable[..., HTTPBackend]
) -> None:
    server.answers = ranged

    content, info = backend_of().peek(server.url, 10, 19)

    assert (content, info.size, info.version) == (CONTENT[10:20], len(CONTENT), '"1"')
    assert info.ranges
    assert server.methods == ["GET"]


@pytest.mark.parametrize("etag", ['"1"', ""])
def test_a_peek_at_a_server_without_ranges_fetches_the_file_once(
    server: ScriptedServer, backend_of: Callable[..., HTTPBackend], etag: str
) -> None:
    server.answers = lambda request: Answer(200, CONTENT, {"ETag": etag})
    backend = backend_of()

    content, info = backend.peek(server.url, 10, 19)
    later = backend.read(server.url, 0, 3, version=info.version)

    assert (content, later) == (CONTENT[10:20], CONTENT[:4])
    assert (info.size, info.ranges) == (len(CONTENT), False)
    assert server.methods == ["GET"]


def test_a_peek_finds_the_size_where_the_range_does_not_tell(
    server: ScriptedServer, backend_of: Callable[..., HTTPBackend]
) -> None:
    def answers(request: Request) -> Answer:
        answer = ranged(request)
        if request.headers["Range"]:
            answer.headers["Content-Range"] = "bytes 10-19/*"
        return answer

    server.answers = answers

    content, info = backend_of().peek(server.url, 10, 19)

    assert (content, info.size) == (CONTENT[10:20], len(CONTENT))
