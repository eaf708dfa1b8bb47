"""A server on this machine that answers what the test tells it to.

::

    with ScriptedServer() as server:
        server.answers = lambda request: Answer(503)
        ...
        assert server.methods == ["GET", "GET", "GET"]
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tests.doubles.quiet import Double, QuietHandler

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

__all__ = [
    "S3_KEYS",
    "Answer",
    "Request",
    "ScriptedServer",
    "forward",
    "free_port",
    "s3_error",
]

S3_KEYS = {
    "aws_access_key_id": "AKIA-key-id",
    "aws_secret_access_key": "secret-key",
    "aws_session_token": "session-token",
    "region_name": "us-east-1",
}


@dataclass
class Request:
    """What was asked."""

    method: str
    path: str
    """With the query."""
    headers: Any
    body: bytes


@dataclass
class Answer:
    """What is answered.

    A ``Content-Length`` beyond the body's breaks the transfer off, after `hold`
    was set; with `reset` the connection ends before any answer.
    """

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    reset: bool = False
    hold: threading.Event | None = None


@dataclass
class ScriptedServer(Double):
    """A context manager; `answers` is called with each request."""

    answers: Callable[[Request], Answer] = lambda request: Answer()
    requests: list[Request] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Its address, without a slash behind."""
        return self.origin

    @property
    def methods(self) -> list[str]:
        """The requests' methods, in order."""
        return [request.method for request in self.requests]


class _Handler(QuietHandler):
    def answer(self) -> None:
        script = self.server.double
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        request = Request(self.command, self.path, self.headers, body)
        script.requests.append(request)
        answer = script.answers(request)
        if answer.reset:
            # Lingering for 0 s: the other side hears "connection reset".
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.connection.close()
            self.close_connection = True
            return
        self.send_response(answer.status)
        headers = {"Content-Length": str(len(answer.body)), **answer.headers}
        for name, value in headers.items():
            if value:
                self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)
        if answer.hold:
            answer.hold.wait(30)
        broken = int(headers["Content-Length"]) > len(answer.body)
        self.close_connection = broken and self.command != "HEAD"

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = answer


def forward(request: Request, endpoint: str) -> Answer:
    """Ask another server the same, and return its answer: a proxy in one line."""
    server = http.client.HTTPConnection(urlsplit(endpoint).netloc, timeout=60)
    with contextlib.closing(server):
        server.request(request.method, request.path, request.body, request.headers)
        answer = server.getresponse()
        body = answer.read()
        dropped = {"connection", "date", "server", "transfer-encoding"}
        headers = {
            name: value
            for name, value in answer.getheaders()
            if name.lower() not in dropped
        }
        headers = {
            "Content-Length" if name.lower() == "content-length" else name: value
            for name, value in headers.items()
        }
        return Answer(answer.status, body, headers)


def s3_error(status: int, code: str) -> Answer:
    """Return an error as S3 words it."""
    text = f"<Error><Code>{code}</Code><Message>no</Message></Error>"
    return Answer(status, text.encode())


def free_port() -> int:
    """Return a port where nobody listens."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


ScriptedServer.handler = _Handler
