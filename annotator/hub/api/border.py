"""What every request passes: its size, its version, and headers of every answer."""

from __future__ import annotations

import logging
import uuid
from typing import TYPE_CHECKING, Any

from fastapi import HTTPException

from annotator.hub.api.problems import problem, too_large
from annotator.hub.protocol import MAX_BODY, OLDEST, VERSION, VERSION_HEADER

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    Scope = MutableMapping[str, Any]
    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]

__all__ = ["HEADERS", "Border"]

_log = logging.getLogger(__name__)

HEADERS = {
    VERSION_HEADER: str(VERSION),
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""On each answer."""


class Border:
    """An ASGI middleware around the whole application."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer(send)
        refusal = _refusal(dict(scope["headers"]))
        if refusal is not None:
            await refusal(scope, receive, answer.send)
            return
        try:
            await self._app(scope, _counted(receive), answer.send)
        except Exception as error:
            number = uuid.uuid4().hex[:12]
            _log.error("Request %s failed", number, exc_info=error)
            if answer.has_begun:
                raise  # so that the server breaks it off: half must not seem whole
            detail = f"Something went wrong in the hub; its log says more at {number}."
            await problem(500, "trouble", detail)(scope, receive, answer.send)


class _Answer:
    """Adds the headers to an answer on its way."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.has_begun = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.has_begun = True
            own = [(name.encode(), text.encode()) for name, text in HEADERS.items()]
            message = {**message, "headers": [*message["headers"], *own]}
        await self._send(message)


def _counted(receive: Receive) -> Receive:
    """Break a body off where it is too large, whatever its headers say of it."""
    count = 0

    async def counted() -> Message:
        nonlocal count
        message = await receive()
        count += len(message.get("body", b""))
        if count > MAX_BODY:
            raise HTTPException(413)
        return message

    return counted


def _refusal(headers: dict[bytes, bytes]) -> Any:
    version = headers.get(VERSION_HEADER.lower().encode(), b"").strip()
    if version.isdigit() and int(version[:9]) < OLDEST:
        detail = (
            "This version is too old for the hub; update it: "
            "pip install --upgrade bioacoustic-annotator"
        )
        return problem(426, "client-too-old", detail)
    length = headers.get(b"content-length", b"")
    if length.isdigit() and int(length[:20]) > MAX_BODY:
        return too_large()
    return None
