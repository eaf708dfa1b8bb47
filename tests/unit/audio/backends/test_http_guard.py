from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from annotator.audio.backends.http import HTTPBackend
from annotator.errors import StorageError, Unreachable
from tests.doubles.scripted import Answer, Request, ScriptedServer

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


def test_a_connection_that_may_not_be_is_left_before_anything_is_said(server):
    asked = []

    def may_connect(host: str, address: str) -> bool:
        asked.append((host, address))
        return False

    backend = HTTPBackend(may_connect=may_connect)

    with pytest.raises(Unreachable):
        backend.read(f"{server.url}/a.flac")

    assert set(asked) == {("127.0.0.1", "127.0.0.1")}
    assert server.requests == []
    backend.close()


def test_one_that_may_be_goes_on(server):
    server.answers = lambda request: Answer(200, b"abc")
    backend = HTTPBackend(may_connect=lambda host, address: True)

    assert backend.read(f"{server.url}/a.flac") == b"abc"
    backend.close()


def test_each_step_of_a_redirect_is_looked_at(server):
    with ScriptedServer() as inner:
        place = inner.url.replace("127.0.0.1", "localhost")
        server.answers = lambda request: Answer(
            302, b"", {"Location": f"{place}/secret"}
        )
        backend = HTTPBackend(may_connect=lambda host, address: host == "127.0.0.1")

        with pytest.raises(Unreachable):
            backend.read(f"{server.url}/a.flac")

        assert inner.requests == []
        backend.close()


def test_redirects_that_go_round_end_soon(server):
    def reply(request: Request) -> Answer:
        return Answer(302, b"", {"Location": f"{server.url}/again"})

    server.answers = reply
    backend = HTTPBackend(may_connect=lambda host, address: True)

    with pytest.raises(StorageError):
        backend.read(f"{server.url}/a.flac")

    assert len(server.requests) == 4
    backend.close()


def test_neither_a_proxy_nor_the_machines_passwords_are_used(server, monkeypatch):
    with ScriptedServer() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.setenv("no_proxy", "")
        monkeypatch.setenv("NO_PROXY", "")
        server.answers = lambda request: Answer(200, b"abc")
        backend = HTTPBackend(may_connect=lambda host, address: True)

        assert backend.read(f"{server.url}/a.flac") == b"abc"

        assert proxy.requests == []
        backend.close()
