"""What the API is asked and answers comes through the pages' server unchanged."""

from __future__ import annotations

import asyncio
import json
import socket
import threading

import pytest
import requests
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application

from annotator.hub.server.headers import HEADERS, SafeHeaders
from annotator.hub.server.mount import ApiHandler, Mount


class Echo:
    """An ASGI application that tells what it was asked."""

    def __init__(self):
        self.hold = threading.Event()

    async def __call__(self, scope, receive, send):
        name = scope["path"].removeprefix("/api/").partition("/")[0]
        await getattr(self, name)(scope, receive, send)

    async def path(self, scope, receive, send):
        await answer(send, 200, scope["path"].encode(), b"text/plain; charset=utf-8")

    async def said(self, scope, receive, send):
        body = b""
        while True:
            message = await receive()
            body += message["body"]
            if not message["more_body"]:
                break
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        said = {
            "method": scope["method"],
            "query": scope["query_string"].decode(),
            "client": scope["client"][0],
            "token": headers.get("authorization"),
            "n_bytes": len(body),
        }
        await answer(send, 200, json.dumps(said).encode(), b"application/json")

    async def pieces(self, scope, receive, send):
        await head(send, 200, b"text/csv")
        await send({"type": "http.response.body", "body": b"first,", "more_body": True})
        await asyncio.to_thread(self.hold.wait, 30)
        await send({"type": "http.response.body", "body": b"second"})

    async def nothing(self, scope, receive, send):
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    async def strict(self, scope, receive, send):
        extra = [(b"content-security-policy", b"default-src 'none'")]
        await head(send, 418, b"application/problem+json", *extra)
        await send({"type": "http.response.body", "body": b"{}"})

    async def broken(self, scope, receive, send):
        raise RuntimeError("a secret")  # noqa: EM101


async def head(send, status, kind, *extra):
    headers = [(b"content-type", kind), *extra]
    await send({"type": "http.response.start", "status": status, "headers": headers})


async def answer(send, status, body, kind):
    await head(send, status, kind, (b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.body", "body": body})


@pytest.fixture(scope="module")
def echo():
    return Echo()


@pytest.fixture(scope="module")
def address(echo):
    loop = asyncio.new_event_loop()
    started, mount = threading.Event(), Mount(echo, n_threads=4)
    socket, port = bind_unused_port()

    async def serve():
        routes = [(r"/api(?:/.*)?", ApiHandler, {"mount": mount})]
        app = Application(routes, transforms=[SafeHeaders], xsrf_cookies=True)
        server = HTTPServer(app)
        server.add_sockets([socket])
        started.set()
        await stop.wait()
        server.stop()
        await server.close_all_connections()

    async def prepared():
        nonlocal stop
        stop = asyncio.Event()
        await serve()

    stop = None
    thread = threading.Thread(target=loop.run_until_complete, args=(prepared(),))
    thread.start()
    assert started.wait(30)
    yield f"http://127.0.0.1:{port}/api"
    loop.call_soon_threadsafe(stop.set)
    thread.join()
    loop.close()
    mount.stop()


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_a_request_comes_through_whole(address, method):
    said = requests.request(
        method,
        f"{address}/said?after=1&limit=2",
        data=b"x" * 100_000,
        headers={"Authorization": "Bearer annh_x"},
        timeout=30,
    ).json()

    assert said == {
        "method": method,
        "query": "after=1&limit=2",
        "client": "127.0.0.1",
        "token": "Bearer annh_x",
        "n_bytes": 100_000,
    }


def test_a_body_in_chunks_comes_through_too(address):
    pieces = (b"x" * 50_000 for _ in range(3))

    said = requests.post(f"{address}/said", data=pieces, timeout=30).json()

    assert said["n_bytes"] == 150_000


def test_the_first_piece_does_not_wait_for_the_last(address, echo):
    with requests.get(f"{address}/pieces", stream=True, timeout=30) as response:
        pieces = response.iter_content(None)

        assert next(pieces) == b"first,"
        echo.hold.set()
        assert b"".join(pieces) == b"second"


def test_an_answer_without_a_body_stays_one(address):
    response = requests.delete(f"{address}/nothing", timeout=30)

    assert response.status_code == 204
    assert "Content-Type" not in response.headers
    assert response.content == b""


def test_the_answer_s_own_headers_are_kept_and_the_rest_added(address):
    response = requests.get(f"{address}/strict", timeout=30)

    assert response.status_code == 418
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.headers["Content-Security-Policy"] == "default-src 'none'"
    assert response.headers["X-Frame-Options"] == HEADERS["X-Frame-Options"]
    assert "Strict-Transport-Security" not in response.headers


def test_an_error_is_told_without_what_it_said(address):
    response = requests.get(f"{address}/broken", timeout=30)

    assert response.status_code == 500
    assert "secret" not in response.text


@pytest.mark.parametrize(
    ("sent", "seen"),
    [("a%20b%2Fc", "a b/c"), ("%C3%A4", "ä"), ("%252F", "%2F"), ("%FF", "\ufffd")],
)
def test_an_address_is_what_was_meant_even_if_it_is_no_text(address, sent, seen):
    response = requests.get(f"{address}/path/{sent}", timeout=30)

    assert (response.status_code, response.text) == (200, f"/api/path/{seen}")


def test_a_question_that_nobody_quoted_is_quoted(address):
    host, port = address.removesuffix("/api").removeprefix("http://").split(":")
    asked = (
        "GET /api/said?search=ä&x=%20 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
    )

    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(asked.encode())  # as curl does, and requests does not
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))

    assert (
        json.loads(answer.partition(b"\r\n\r\n")[2])["query"] == "search=%C3%A4&x=%20"
    )


@pytest.mark.parametrize("host", ["a:b", "a:b:c"])
def test_a_host_that_makes_no_sense_is_no_error_of_ours(address, host):
    response = requests.get(f"{address}/said", headers={"Host": host}, timeout=30)

    assert response.status_code in (200, 400)
