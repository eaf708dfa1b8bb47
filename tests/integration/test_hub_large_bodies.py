"""A body that is too large is answered, whatever its length and its way to come."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from annotator.hub.protocol import MAX_BODY
from tests.integration.hub_people import *  # noqa: F403 (fixtures)

pytestmark = pytest.mark.slow

PIECE = b"x" * 1_000_000
PATH = "/api/v1/projects"
SIZES = [MAX_BODY + 1, 2 * MAX_BODY + 1, 60_000_000]
HEAD = f"POST {PATH} HTTP/1.1\r\nHost: h\r\n"


@pytest.fixture
def connect(hub):
    """Return a function that makes a connection, closed after the test."""
    parts = urlsplit(hub.base)
    with contextlib.ExitStack() as stack:

        def make():
            made = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
            return stack.enter_context(contextlib.closing(made))

        yield make


def sent(connection, kind, size):
    """Send a body, and return status, headers and text of what is answered."""
    headers = {"Transfer-Encoding": "chunked"} if kind is chunked else {}
    connection.request("POST", PATH, headers=headers, **kind(size))
    with connection.getresponse() as answer:
        return answer.status, answer.headers, answer.read()


def sized(size):
    """Send a body whose length is told."""
    return {"body": b"x" * size}


def chunked(size):
    """Send a body in pieces, whose length nobody tells."""
    starts = range(0, size, len(PIECE))
    pieces = (PIECE[: min(len(PIECE), size - start)] for start in starts)
    return {"body": pieces, "encode_chunked": True}


def peak(hub):
    """Return the most bytes of memory that the hub ever had."""
    status = Path(f"/proc/{hub._process.pid}/status")
    if not status.exists():
        pytest.skip("this system does not tell a process's memory")
    (line,) = (one for one in status.read_text().splitlines() if "VmHWM" in one)
    return int(line.split()[1]) * 1024


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kind", [sized, chunked])
def test_it_is_answered_as_a_problem_and_the_connection_ends(connect, kind, size):
    status, headers, text = sent(connect(), kind, size)

    assert (status, json.loads(text)["code"]) == (413, "too-large")
    assert headers["Content-Type"] == "application/problem+json"
    assert headers["Connection"] == "close"
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("kind", [sized, chunked])
def test_a_body_of_just_the_limit_comes_to_the_application(connect, kind):
    connection = connect()

    status, headers, _ = sent(connection, kind, MAX_BODY)
    connection.request("GET", "/health")  # on the same connection

    assert status == 401  # nobody says who asks
    assert "Connection" not in headers
    with connection.getresponse() as answer:
        assert answer.status == 200


def told_early(hub, head, then=b""):
    """Send the beginning of a request, and return what is answered until the end."""
    parts = urlsplit(hub.base)
    with socket.create_connection((parts.hostname, parts.port), timeout=60) as line:
        line.sendall(head.encode() + then)
        said = line.recv(65_536)
        while b"too-large" not in said:
            more = line.recv(65_536)
            assert more, said
            said += more
    return said


def test_one_who_tells_a_length_hears_it_before_the_body_is_sent(hub):
    said = told_early(hub, f"{HEAD}Content-Length: {10**12}\r\n\r\n")

    assert said.startswith(b"HTTP/1.1 413 ")


def test_what_is_dropped_is_not_taken_for_requests(hub):
    parts = urlsplit(hub.base)
    body = b"GET /health HTTP/1.1\r\nHost: h\r\n\r\n".ljust(MAX_BODY + 1)
    said = b""

    with socket.create_connection((parts.hostname, parts.port), timeout=60) as line:
        line.sendall(f"{HEAD}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        while more := line.recv(65_536):
            said += more

    assert said.count(b"HTTP/1.1") == 1
    assert said.startswith(b"HTTP/1.1 413 ")


def test_one_who_asks_whether_to_send_is_told_not_to(hub):
    told = f"{HEAD}Content-Length: {10**12}\r\nExpect: 100-continue\r\n\r\n"

    said = told_early(hub, told)

    assert said.startswith(b"HTTP/1.1 413 ")
    assert b"100 (Continue)" not in said


def test_pieces_without_an_end_are_answered_at_the_limit(hub):
    piece = f"{len(PIECE):x}\r\n".encode() + PIECE + b"\r\n"

    said = told_early(hub, f"{HEAD}Transfer-Encoding: chunked\r\n\r\n", piece * 6)

    assert said.startswith(b"HTTP/1.1 413 ")


def test_a_length_that_is_no_number_is_no_trouble(hub, stranger):
    for length in ("-1", "²", "9" * 500, "5, 6"):
        parts = urlsplit(hub.base)
        with socket.create_connection((parts.hostname, parts.port), timeout=60) as line:
            line.sendall(f"{HEAD}Content-Length: {length}\r\n\r\n".encode())
            assert line.recv(65_536)[9:12] in (b"400", b"413")
    assert stranger.get("/health").ok
    assert "Traceback" not in hub.log.read_text()


def test_it_does_not_come_into_the_memory(hub, connect):
    sent(connect(), sized, MAX_BODY)
    before = peak(hub)

    for kind in (sized, chunked):
        assert sent(connect(), kind, 200_000_000)[0] == 413

    assert peak(hub) - before < 60_000_000
