"""What every request passes: its size, its version, and headers of every answer."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from annotator.hub.api.problems import problem
from annotator.hub.protocol import MAX_BODY, OLDEST, VERSION, VERSION_HEADER

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Scope = dict[str, Any]
    Message = dict[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]

__all__ = ["Border"]

_HEADERS = {
    VERSION_HEADER: str(VERSION),
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class _TooLarge(Exception):
    """The body went over the limit while it came."""


class Border:
    """An ASGI middleware around the whole application.

    Parameters
    ----------
    app
        The application.
    max_body
        Bytes of a request at most; counted as they come, whatever its headers say.
    """

    def __init__(self, app: Any, max_body: int = MAX_BODY) -> None:
        self._app, self._max_body = app, max_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {name.lower(): value for name, value in scope["headers"]}
        body = _Body(receive, self._max_body)

        async def answer(message: Message) -> None:
            if body.is_over:
                return  # the application's own words about a body that broke off
            if message["type"] == "http.response.start":
                message = _with_headers(message)
            await send(message)

        refusal = self._refusal(headers)
        if refusal is not None:
            await refusal(scope, receive, answer)
            return
        with contextlib.suppress(_TooLarge):
            await self._app(scope, body.receive, answer)
        if body.is_over:
            body.is_over = False
            await _too_large(self._max_body)(scope, receive, answer)

    def _refusal(self, headers: dict[bytes, bytes]) -> Any:
        version = headers.get(VERSION_HEADER.lower().encode(), b"")
        if version.isdigit() and len(version) < 6 and int(version) < OLDEST:
            detail = "This client is too old for the hub; update it."
            return problem(426, "client-too-old", detail)
        length = headers.get(b"content-length", b"")
        if length.isdigit() and int(length[:20]) > self._max_body:
            return _too_large(self._max_body)
        return None


class _Body:
    """Counts a body while it comes, and breaks it off where it is too large."""

    def __init__(self, receive: Receive, most: int) -> None:
        self._receive, self._most, self._count = receive, most, 0
        self.is_over = False

    async def receive(self) -> Message:
        """Give the next piece."""
        message = await self._receive()
        self._count += len(message.get("body", b""))
        if self._count > self._most:
            self.is_over = True
            raise _TooLarge
        return message


def _with_headers(message: Message) -> Message:
    own = [(name.encode(), value.encode()) for name, value in _HEADERS.items()]
    return {**message, "headers": [*message["headers"], *own]}


def _too_large(limit: int) -> Any:
    detail = f"A request has at most {limit:,} bytes; send less at a time."
    return problem(413, "too-large", detail)
