"""What stores do when a server fails: again, a few times, or not at all.

The requests are counted at the server. Google's store is tested with its double.
"""

from __future__ import annotations

import io
import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from annotator.audio import io as router
from annotator.audio.backends import http, s3, s3_client
from annotator.errors import Unreachable
from tests.doubles.scripted import S3_KEYS, Answer, ScriptedServer, free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ACTIONS = {
    "stat": lambda backend, uri: backend.stat(uri),
    "read": lambda backend, uri: backend.read(uri),
    "peek": lambda backend, uri: backend.peek(uri, 0, 9),
    "download": lambda backend, uri: backend.download(uri, io.BytesIO()),
    "write": lambda backend, uri: backend.write(b"x", uri),
    "list": lambda backend, uri: list(backend.list(uri)),
}
STORES = [(name, "s3") for name in ACTIONS] + [
    (name, "http") for name in ("stat", "read", "peek", "download")
]


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Take down the pauses instead of waiting."""
    seen: list[float] = []
    clock = SimpleNamespace(sleep=seen.append)
    monkeypatch.setattr("botocore.endpoint.time", clock)
    monkeypatch.setattr(
        "urllib3.util.Retry.sleep",
        lambda self, response=None: seen.append(self.get_backoff_time()),
    )
    for module in (http, s3):
        monkeypatch.setattr(module, "PAUSES", (0.0, 0.0))
    return seen


@pytest.fixture
def server(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedServer]:
    monkeypatch.setenv("ANNOTATOR_CACHE_DIR", str(tmp_path / "cache"))
    with ScriptedServer() as server:
        yield server


@pytest.fixture
def store(server: ScriptedServer) -> Iterator[Callable[[str], tuple[Any, str]]]:
    """Return a function that gives a backend, and an address at the server."""
    made: list[Any] = []

    def make(kind: str) -> tuple[Any, str]:
        if kind == "s3":
            made.append(s3.S3Backend(endpoint_url=server.url, **S3_KEYS))
            return made[-1], "s3://bucket/a.flac"
        made.append(http.HTTPBackend(timeout=s3_client.READ_SECONDS))
        return made[-1], f"{server.url}/a.flac"

    yield make
    for backend in made:
        backend.close()


@pytest.mark.parametrize("status", [500, 503, 0])
@pytest.mark.parametrize(("action", "kind"), STORES)
def test_a_server_that_fails_is_asked_three_times_with_pauses(
    server: ScriptedServer,
    store: Callable[[str], tuple[Any, str]],
    pauses: list[float],
    action: str,
    kind: str,
    status: int,
) -> None:
    server.answers = lambda request: Answer(status, reset=not status)
    backend, uri = store(kind)

    with pytest.raises(Unreachable, match=r"a\.flac"):
        ACTIONS[action](backend, uri)

    assert len(server.requests) == 3
    assert max(pauses) > 0
    assert sum(pauses) < 10


@pytest.mark.parametrize("status", [409, 412])
@pytest.mark.parametrize(("action", "kind"), STORES)
def test_a_refusal_is_not_asked_for_again(
    server: ScriptedServer,
    store: Callable[[str], tuple[Any, str]],
    pauses: list[float],
    action: str,
    kind: str,
    status: int,
) -> None:
    server.answers = lambda request: Answer(status)
    backend, uri = store(kind)

    with pytest.raises(OSError, match=r"a\.flac"):
        ACTIONS[action](backend, uri)

    # Of the web a size is asked for by HEAD, and by GET if that is refused.
    n_asked = 1 if (action, kind) != ("stat", "http") else 2
    assert len(server.requests) == n_asked
    assert pauses == []


@pytest.mark.parametrize("kind", ["s3", "http"])
@pytest.mark.parametrize("begun", [False, True])
def test_a_server_that_stands_still_is_given_up(
    server: ScriptedServer,
    store: Callable[[str], tuple[Any, str]],
    pauses: list[float],
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    begun: bool,
) -> None:
    # Long enough for what comes at once, on a busy machine too.
    monkeypatch.setattr(s3_client, "READ_SECONDS", 1.0)
    over = threading.Event()

    def answers(request: Any) -> Answer:
        if begun:
            headers = {"Content-Length": "10", "ETag": '"1"'}
            return Answer(200, b"half", headers, hold=over)
        over.wait(30)
        return Answer()

    server.answers = answers
    backend, uri = store(kind)

    with pytest.raises(Unreachable, match=r"a\.flac"):
        backend.read(uri)

    over.set()
    assert len(server.requests) == 3


@pytest.mark.parametrize("kind", ["s3", "http"])
def test_connections_are_kept_and_shared(
    server: ScriptedServer, pauses: list[float], kind: str
) -> None:
    server.answers = lambda request: Answer(200, b"x", {"ETag": '"1"'})
    uri = "s3://bucket/a" if kind == "s3" else f"{server.url}/a"
    auth = {"endpoint_url": server.url, **S3_KEYS} if kind == "s3" else {}

    for _ in range(10):
        router.read(uri, **auth)
    one_by_one = server.connections
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: router.read(uri, **auth), range(80)))
    router.backend_for(uri, **auth).close()

    assert one_by_one == 1
    assert server.connections <= 8
    assert len(server.requests) == 90


def test_a_name_that_leads_nowhere_is_unreachable(pauses: list[float]) -> None:
    url = f"http://127.0.0.1:{free_port()}"

    for uri, auth in (
        ("s3://bucket/a.flac", {"endpoint_url": url, **S3_KEYS}),
        (f"{url}/a.flac", {}),
    ):
        with pytest.raises(Unreachable, match=r"Cannot reach the server of .*a\.flac"):
            router.read(uri, **auth)
