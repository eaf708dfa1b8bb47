"""The REST API inside the pages' server: one port, one process, threads of its own."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, cast

from a2wsgi import ASGIMiddleware
from tornado.ioloop import IOLoop
from tornado.iostream import StreamClosedError
from tornado.web import HTTPError, RequestHandler, stream_request_body
from tornado.wsgi import WSGIContainer

from annotator.hub.protocol import MAX_BODY

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ApiHandler", "Mount"]

_OURS = {"connection", "server", "transfer-encoding"}
"""Headers that the server itself writes."""

_ANY = sys.maxsize
"""Bytes of a body that Tornado lets pass."""

_PATIENCE = 5.0
"""Seconds that the application's thread has to end."""


class Mount:
    """An ASGI application that Tornado can call.

    It runs in an event loop of its own thread, so that the pages' loop stays free.

    Parameters
    ----------
    app
        ASGI application.
    n_threads
        Requests under way at once; more wait for their turn.
    """

    def __init__(self, app: Any, n_threads: int = 16) -> None:
        self.executor: Executor = ThreadPoolExecutor(
            n_threads, thread_name_prefix="hub-api"
        )
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="hub-api", daemon=True
        )
        self._thread.start()
        self._wsgi = cast("Any", ASGIMiddleware(app, loop=self._loop))
        self._container = WSGIContainer(self._wsgi, self.executor)

    def environ(self, handler: RequestHandler, length: int) -> dict[str, Any]:
        """Return a request as WSGI has it.

        Parameters
        ----------
        handler
            Its handler.
        length
            Bytes of its body.

        Raises
        ------
        HTTPError
            400: what the request says about its host makes no sense.
        """
        request = handler.request
        headers = request.headers
        request.headers = headers.copy()  # it takes out what says where the body ends
        try:
            environ = self._container.environ(request)
        except ValueError as error:
            raise HTTPError(400) from error
        finally:
            request.headers = headers
        # Else the application does not hear whose address it is, nor of a body that came
        # in chunks.
        environ["REMOTE_PORT"] = "0"
        # Bytes that are no UTF-8, or that nobody quoted (curl does not), would fail before
        # the application can take or refuse them.
        path = environ["PATH_INFO"].encode("latin-1").decode(errors="replace")
        environ["PATH_INFO"] = path.encode().decode("latin-1")
        environ["QUERY_STRING"] = "".join(
            c if c.isascii() else f"%{ord(c):02X}" for c in environ["QUERY_STRING"]
        )
        environ["CONTENT_LENGTH"] = str(length)
        return environ

    def answer(self, environ: dict[str, Any], start: Any) -> Iterator[bytes]:
        """Call the application; what it answers comes piece by piece."""
        return iter(self._wsgi(environ, start))

    def stop(self) -> None:
        """End its threads; what is under way is not waited for."""
        self.executor.shutdown(wait=False, cancel_futures=True)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_PATIENCE)
        if not self._thread.is_alive():
            self._loop.close()


@stream_request_body
class ApiHandler(RequestHandler):
    """Hands a request to the mounted application, and its answer on as it comes.

    A body is taken in up to `MAX_BODY`. Of a larger one nothing is kept: the application
    is told its length alone, and what it says goes out at once. Then the rest is read and
    dropped, since a connection that is closed while the other side still sends takes the
    answer with it.
    """

    def initialize(self, mount: Mount) -> None:
        """Take what is mounted."""
        self._mount = mount
        self._body = bytearray()
        self._is_refused = False

    def check_xsrf_cookie(self) -> None:
        """Check nothing: the API takes tokens in a header, never a cookie."""

    async def prepare(self) -> None:
        """Refuse a body that says itself that it is too large."""
        connection: Any = self.request.connection
        connection.set_max_body_size(_ANY)  # it is counted here
        length = self.request.headers.get("Content-Length", "")
        if length.isdecimal() and int(length[:20]) > MAX_BODY:
            await self._refuse(int(length[:20]))
            if self.request.headers.get("Expect"):
                self.finish()  # nothing was sent yet, and nothing is to come

    async def data_received(self, chunk: bytes) -> None:
        """Take in a piece of the body, or drop it."""
        if self._is_refused:
            return
        self._body += chunk
        if len(self._body) > MAX_BODY:
            await self._refuse(len(self._body))

    async def _refuse(self, length: int) -> None:
        self._is_refused = True
        self._body.clear()
        self.set_header("Connection", "close")
        with contextlib.suppress(StreamClosedError):  # nobody waits for it
            await self._answer(length)

    async def _hand_over(self, *_: str) -> None:
        if not self._is_refused:
            self.request.body = bytes(self._body)
            self._body.clear()
            await self._answer(len(self.request.body))
            return
        await self.finish()
        connection: Any = self.request.connection
        connection.close()

    get = head = post = put = patch = delete = options = _hand_over

    async def _answer(self, length: int) -> None:
        loop, executor = IOLoop.current(), self._mount.executor
        self.clear_header("Content-Type")
        environ = self._mount.environ(self, length)
        pieces = self._mount.answer(environ, self._start)
        while (
            piece := await loop.run_in_executor(executor, next, pieces, None)
        ) is not None:
            if piece:
                self.write(piece)
                await self.flush()

    def _start(
        self, status: str, headers: list[tuple[str, str]], _: Any = None
    ) -> None:
        # Called in another thread, while this handler waits for the first piece.
        code, _, reason = status.partition(" ")
        self.set_status(int(code), reason)
        for name, value in headers:
            if name.lower() not in _OURS:
                self.add_header(name, value)
