"""A file object over ranges, as libsndfile wants it."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from annotator.audio.remote.file import RemoteFile

__all__ = ["BLOCK", "RangeFile"]

BLOCK = 1 << 16
"""Bytes fetched where nothing is known of what comes next."""


class RangeFile(io.RawIOBase):
    """Read a remote file as if it were here; position in bytes.

    libsndfile swallows what its file raises and goes on with silence or less, so
    nothing is raised inside of it: call `check` after each of its functions.

    Attributes
    ----------
    jump, ahead
        Bytes to fetch at least where something is missing: after a jump, which
        may have been a look only, and where reading goes on from there.
    horizon
        Where the file seems to break off, for a look at its start alone; its
        size stays the true one.
    """

    def __init__(self, remote: RemoteFile, *, horizon: int | None = None) -> None:
        self.jump = self.ahead = BLOCK
        self.horizon = horizon
        self._remote = remote
        self._position = 0
        self._start, self._window = 0, memoryview(b"")
        self._failure: BaseException | None = None
        self.fill(0, remote.head)  # it is here already

    def check(self) -> None:
        """Raise what went wrong since the file was opened."""
        if self._failure is not None:
            raise self._failure

    def fill(self, start: int, stop: int) -> None:
        """Fetch what will be read next, in one piece."""
        self._start, self._window = start, memoryview(self._remote.read(start, stop))

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def seekable(self) -> bool:
        """Tell that it can be read from anywhere."""
        return True

    def tell(self) -> int:
        """Return the position."""
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to another position; it may lie past the end."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position}
        self._position = max(0, base.get(whence, self._remote.size) + offset)
        return self._position

    def readinto(self, buffer: Any) -> int:
        """Read all that fits, up to the end; nothing after a failure."""
        if self._failure is not None:
            return 0
        end = self._remote.size if self.horizon is None else self.horizon
        stop = min(self._position + len(buffer), end)
        if stop <= self._position:
            return 0
        try:
            content = self._content(self._position, stop)
        except BaseException as err:  # noqa: BLE001 - raised by `check`
            self._failure = err
            return 0
        buffer[: len(content)] = content
        self._position += len(content)
        return len(content)

    def _content(self, start: int, stop: int) -> memoryview:
        if not self._start <= start <= stop <= self._start + len(self._window):
            goes_on = self._start < start <= self._start + len(self._window)
            size = self.ahead if goes_on else self.jump
            self.fill(start, max(stop, start + size))
        return self._window[start - self._start : stop - self._start]
