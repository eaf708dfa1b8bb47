"""What is sent to S3 in one request, telling how much of it is on its way.

botocore reads a body more than once: for its signature, and to send it. Only the
sending counts; two handlers around the signing say when that begins.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from annotator.audio.backends.base import Progress

__all__ = ["Body", "Stopped", "watch"]

_STEP = 1 << 18  # bytes between two reports


class Stopped(BaseException):
    """Carries what `progress` raised past botocore, which would try again."""

    def __init__(self, reason: BaseException) -> None:
        super().__init__()
        self.reason = reason


class Body(io.BytesIO):
    """Bytes to send.

    Parameters
    ----------
    data
        All of them.
    tell
        Called with the bytes sent before and with this body, and those in all.
    before, total
        Bytes of the file that went with earlier bodies, and its size.
    """

    def __init__(self, data: bytes, tell: Progress, *, before: int, total: int) -> None:
        super().__init__(data)
        self.is_sent = False
        self._tell, self._before, self._total = tell, before, total
        self._told = 0

    def read(self, size: int | None = -1, /) -> bytes:
        """Read; what `tell` raises comes out as `Stopped`."""
        data = super().read(size)
        if self.is_sent and self.tell() - self._told >= _STEP:
            self._told = self.tell()
            try:
                # The last byte is told of when the server has said that all is well.
                self._tell(min(self._before + self._told, self._total - 1), self._total)
            except BaseException as err:
                raise Stopped(err) from err
        return data


def watch(client: Any) -> None:
    """Let the bodies that a client sends know when they are sent."""
    events, name = client.meta.events, "request-created.s3"
    events.register_first(name, _before_signing, unique_id="annotator-body-read")
    events.register_last(name, _after_signing, unique_id="annotator-body-sent")


def _before_signing(request: Any, **_: Any) -> None:
    _mark(request, is_sent=False)


def _after_signing(request: Any, **_: Any) -> None:
    _mark(request, is_sent=True)


def _mark(request: Any, *, is_sent: bool) -> None:
    # Over https botocore wraps the body, to send a checksum behind it.
    body = getattr(request.body, "_raw", request.body)
    if isinstance(body, Body):
        body.is_sent = is_sent
