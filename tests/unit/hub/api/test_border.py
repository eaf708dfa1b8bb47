"""What passes the border of the API, piece by piece."""

from __future__ import annotations

import asyncio
import json

import pytest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from annotator.hub.api import border, problems
from annotator.hub.api.border import HEADERS, Border


async def echo(request):
    """Answer with the size of the body."""
    return PlainTextResponse(str(len(await request.body())))


class Exchange:
    """One request, made as a server makes it.

    Parameters
    ----------
    pieces
        Of the body.
    headers
        Of the request.
    app
        Behind the border.
    """

    def __init__(self, pieces=(), headers=None, app=None, kind="http"):
        self.n_read = 0
        self.sent = []
        self._pieces = list(pieces)
        if app is None:
            app = Starlette(routes=[Route("/", echo, methods=["POST"])])
            app.add_exception_handler(HTTPException, problems._of_http)
        scope = {
            "type": kind,
            "method": "POST",
            "path": "/",
            "query_string": b"",
            "headers": [
                (name.lower().encode(), value.encode())
                for name, value in (headers or {}).items()
            ],
        }
        asyncio.run(Border(app)(scope, self._receive, self._send))

    async def _receive(self):
        piece = self._pieces[self.n_read]
        self.n_read += 1
        more = self.n_read < len(self._pieces)
        return {"type": "http.request", "body": piece, "more_body": more}

    async def _send(self, message):
        self.sent.append(message)

    @property
    def status(self):
        return self.sent[0]["status"]

    @property
    def headers(self):
        return {k.decode(): v.decode() for k, v in self.sent[0]["headers"]}

    @property
    def body(self):
        return b"".join(message.get("body", b"") for message in self.sent[1:])


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Let a request have 100 bytes."""
    monkeypatch.setattr(border, "MAX_BODY", 100)


def test_a_body_of_just_the_limit_comes_through():
    exchange = Exchange([b"x" * 40, b"x" * 60])

    assert (exchange.status, exchange.body) == (200, b"100")
    assert HEADERS.items() <= exchange.headers.items()


def test_a_body_that_goes_over_the_limit_is_not_read_on():
    exchange = Exchange([b"x" * 40] * 1_000)

    assert (exchange.status, exchange.n_read) == (413, 3)
    assert json.loads(exchange.body)["code"] == "too-large"
    assert "connection" not in exchange.headers


@pytest.mark.parametrize(
    ("length", "n_read", "status"),
    [
        ("101", 0, 413),
        ("9" * 500, 0, 413),
        ("-1", 3, 413),  # what comes counts, not what is said
        ("0", 3, 413),
        ("100", 3, 413),
        ("x", 3, 413),
    ],
)
def test_what_is_said_of_the_size_can_only_refuse(length, n_read, status):
    exchange = Exchange([b"x" * 40] * 1_000, {"Content-Length": length})

    assert (exchange.status, exchange.n_read) == (status, n_read)


@pytest.mark.parametrize(
    ("version", "status"),
    [
        ("0", 426),
        (" 0 ", 426),
        ("000", 426),
        ("1", 200),
        ("2", 200),
        ("9" * 5_000, 200),
        ("", 200),
        ("one", 200),
        ("-1", 200),
        ("²", 200),
    ],
)
def test_a_client_is_too_old_if_it_says_so_clearly(version, status):
    exchange = Exchange([b""], {"Annotator-Protocol": version})

    assert exchange.status == status


def test_what_fails_is_told_by_a_number(caplog):
    async def fail(_scope, _receive, _send):
        raise OSError("a secret")  # noqa: EM101

    exchange = Exchange(app=fail)

    detail = json.loads(exchange.body)["detail"]
    assert exchange.status == 500
    assert HEADERS.items() <= exchange.headers.items()
    assert "secret" not in detail
    assert detail.rstrip(".").split()[-1] in caplog.text


def test_what_fails_after_its_beginning_is_broken_off(caplog):
    async def half(_scope, _receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"half", "more_body": True})
        raise OSError("a secret")  # noqa: EM101

    with pytest.raises(OSError, match="a secret"):
        Exchange(app=half)

    assert "failed" in caplog.text


def test_what_is_no_request_comes_through():
    seen = []

    async def note(scope, _receive, _send):
        seen.append(scope["type"])

    Exchange(app=note, kind="lifespan")

    assert seen == ["lifespan"]
