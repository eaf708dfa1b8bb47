"""What all servers of the tests have in common: a free port, no words, a clean end."""

from __future__ import annotations

import contextlib
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, ClassVar, Self

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["Double", "QuietHandler", "QuietServer"]


class QuietServer(ThreadingHTTPServer):
    """A server on 127.0.0.1, at a free port; begins to answer when it is made.

    Parameters
    ----------
    double
        What the handler asks what to answer.
    handler
        Made for each connection.
    """

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, double: Any, handler: type[QuietHandler]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.double = double
        self.connections = 0
        self._open: set[Any] = set()
        self._thread = threading.Thread(
            target=self.serve_forever, args=(0.01,), daemon=True
        )
        self._thread.start()

    @property
    def port(self) -> int:
        """The port it listens at."""
        return int(self.server_address[1])

    def stop(self) -> None:
        """End it, with the connections that a client keeps for later."""
        self.shutdown()
        for request in list(self._open):
            with contextlib.suppress(OSError):
                request.shutdown(socket.SHUT_RDWR)
        self.server_close()
        self._thread.join()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Count a connection, and remember it."""
        self.connections += 1
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget a connection that ended."""
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a client that hangs up in the middle is no news."""


class QuietHandler(BaseHTTPRequestHandler):
    """Base of what answers; `self.server.double` says what."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each answer waits 40 ms for an ACK
    server: QuietServer

    def log_message(self, *arguments: object) -> None:
        """Write no log."""


class Double:
    """Stands in for a service while a `with` block lasts."""

    handler: ClassVar[type[QuietHandler]]
    _server: QuietServer

    def __enter__(self) -> Self:
        self._server = QuietServer(self, self.handler)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.stop()

    @property
    def port(self) -> int:
        """The port it listens at."""
        return self._server.port

    @property
    def origin(self) -> str:
        """Where it answers, without a slash behind."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def connections(self) -> int:
        """How many there were."""
        return self._server.connections
