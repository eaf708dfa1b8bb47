"""The tail of a log, for one who only reads it: the events behind a place in it.

A *place* is a number of bytes from the log's start, always the end of a line.
"""

from __future__ import annotations

import mmap
from typing import TYPE_CHECKING

from annotator.annotations.events import Event
from annotator.annotations.log import EventLog

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["LogTail"]

_NEAR = 1 << 20  # bytes before a place where an event's line begins, usually


class LogTail:
    """Reads the log of an output, and leaves it alone.

    Parameters
    ----------
    output
        Path of the output file.
    """

    def __init__(self, output: Path) -> None:
        # Its lock is another than the store's, so that it keeps even that one out.
        self._log = EventLog(output)
        self.path = self._log.path
        self._seen: tuple[int, int, int] | None = None
        self._end = 0

    def look(self) -> tuple[int, bool]:
        """Give the number of bytes that are surely written, and if it is another log.

        Raises
        ------
        StorageError
            Another program holds the log's lock for 30 s.
        """
        before, found = self._seen, self._stat()
        if found != before:
            if found is not None:
                # While somebody appends, the end is not yet sure: it may be taken back.
                with self._log.locked():
                    found = self._stat()
            self._seen, self._end = found, found[2] if found else 0
        if before is None or found is None:
            return self._end, before is not found
        return self._end, before[:2] != found[:2] or found[2] < before[2]

    def _stat(self) -> tuple[int, int, int] | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino, found.st_size

    def events(self, start: int, stop: int) -> Iterator[tuple[Event, int]]:
        """Read the events between two places, each with the place behind it.

        A broken line is passed over, and so is a last one that was cut.
        """
        if stop <= start:
            return
        with self.path.open("rb") as file:
            file.seek(start)
            place = start
            for line in file:
                place += len(line)
                if place > stop or not line.endswith(b"\n"):
                    return
                try:
                    event = Event.from_json(line)
                except ValueError:
                    continue  # the store sets it aside
                yield event, place

    def find(self, event_id: str, near: int = 0) -> int | None:
        """Give the place behind an event; None if it is not in the log.

        Parameters
        ----------
        event_id
            The event's.
        near
            Where it was last time, to be looked at first.
        """
        wanted = f'"id":"{event_id}"'.encode()
        try:
            with (
                self.path.open("rb") as file,
                mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data,
            ):
                at = data.rfind(wanted, max(0, near - _NEAR), max(0, near))
                at = data.rfind(wanted) if at < 0 else at
                end = data.find(b"\n", at) if at >= 0 else -1
        except (OSError, ValueError):  # no log, or an empty one
            return None
        return end + 1 if end >= 0 else None
