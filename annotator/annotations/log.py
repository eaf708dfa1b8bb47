"""The log: every event, one line of JSON each, only ever appended to.

It lies beside the output (`reviews.csv` -> `reviews.csv.log`) and is the truth
on this machine: an event is there, on the disk, before anything else happens.
Several processes may append: each holds `reviews.csv.lock` while it does.
"""

from __future__ import annotations

import logging
import os
import time
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

import filelock

from annotator.annotations.events import Event
from annotator.annotations.news import tell
from annotator.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

__all__ = ["EventLog"]

logger = logging.getLogger(__name__)

_BINARY: int = getattr(os, "O_BINARY", 0)  # Windows would write \r\n
_LOCK_TIMEOUT = 30.0  # s


class EventLog:
    """The log of one output file.

    Parameters
    ----------
    output
        Path of the output file; the log's and the lock's are made from it.
    """

    def __init__(self, output: Path) -> None:
        self.path = output.with_name(output.name + ".log")
        self._lock = filelock.FileLock(
            output.with_name(output.name + ".lock"), mode=0o666, thread_local=False
        )
        self._offset = 0  # bytes read so far, always the end of a line
        self._file_id: tuple[int, int] | None = None

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes out; may be nested.

        Raises
        ------
        StorageError
            The lock cannot be made, or another process holds it for 30 s.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(timeout=_LOCK_TIMEOUT, poll_interval=0.005)
        except filelock.Timeout as err:
            msg = (
                f"Another program has held {self._lock.lock_file} for "
                f"{_LOCK_TIMEOUT:.0f} s; close it and try again."
            )
            raise StorageError(msg) from err
        except OSError as err:
            raise self._unwritable(err) from err
        try:
            yield
        finally:
            self._lock.release()

    def has_news(self) -> bool:
        """Tell, without the lock, whether there may be lines not read yet."""
        try:
            found = self.path.stat()
        except OSError:
            return self._offset > 0
        return found.st_size != self._offset or self._is_another(found)

    def was_replaced(self) -> bool:
        """Tell whether the log is not the one read so far, so must be read anew."""
        try:
            found = self.path.stat()
        except OSError:
            return self._offset > 0
        return found.st_size < self._offset or self._is_another(found)

    def _is_another(self, found: os.stat_result) -> bool:
        return self._file_id not in (None, (found.st_dev, found.st_ino))

    def rewind(self) -> None:
        """Read from the beginning next time."""
        self._offset = 0
        self._file_id = None

    def read_new(self) -> list[Event]:
        """Read the events appended since the last call; hold the lock.

        What a crash left of a last line is set aside and cut off. A broken
        line among good ones is set aside too and passed over.
        """
        try:
            with self.path.open("rb") as file:
                found = os.fstat(file.fileno())
                file.seek(self._offset)
                data = file.read()
            end = data.rfind(b"\n") + 1
            if data[end:]:
                data = data[:end] + self._mend(data[end:], at=self._offset + end)
        except FileNotFoundError:
            self.rewind()
            return []
        except OSError as err:
            msg = f"The log of annotations {self.path} cannot be read ({_reason(err)})."
            raise StorageError(msg) from err
        self._file_id = (found.st_dev, found.st_ino)
        self._offset += len(data)
        return list(self._events(data))

    def split(self, event_id: str | None) -> tuple[list[Event], list[Event]]:
        """Read all events anew: those up to one, and those after it; hold the lock.

        If there is no such event, all come after it.
        """
        before: list[Event] = []
        after: list[Event] = []
        if self._offset:
            with self.path.open("rb") as file:
                after.extend(self._events(file))
        for position, event in enumerate(after, start=1):
            if event.id == event_id:
                before, after = after[:position], after[position:]
                break
        return before, after

    def _events(self, data: bytes | Iterator[bytes]) -> Iterator[Event]:
        lines = data.split(b"\n") if isinstance(data, bytes) else data
        for line in lines:
            if not line.strip():
                continue
            try:
                yield Event.from_json(line)
            except ValueError:
                self._set_aside_line(line)

    def _mend(self, tail: bytes, *, at: int) -> bytes:
        """Finish a last line that lacks only its end; cut any other one off."""
        try:
            Event.from_json(tail)
        except ValueError:
            return self._cut(tail, at=at)
        fd = os.open(self.path, os.O_WRONLY | os.O_APPEND | _BINARY)
        try:
            os.write(fd, b"\n")
        finally:
            os.close(fd)
        return tail + b"\n"

    def _cut(self, tail: bytes, *, at: int) -> bytes:
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        aside = self.path.with_name(f"{self.path.name}.torn-{stamp}")
        with aside.open("ab") as file:
            file.write(tail + b"\n")
        os.truncate(self.path, at)
        logger.warning(
            "The last line of %s was not finished (a crash or a power cut); "
            "it was moved to %s.",
            self.path,
            aside.name,
        )
        return b""

    def _set_aside_line(self, line: bytes) -> None:
        line = line.strip()
        # Named by its content: reading again does not set it aside again.
        name = f"{self.path.name}.broken-{zlib.crc32(line):08x}"
        aside = self.path.with_name(name)
        if aside.exists():
            return
        aside.write_bytes(line + b"\n")
        logger.warning(
            "A line of %s cannot be read and is left out; a copy is in %s.",
            self.path,
            name,
        )

    def append(self, events: Sequence[Event]) -> None:
        """Write events to the disk; hold the lock, with everything read.

        On return they are there even if the power fails; on an error none is.

        Raises
        ------
        StorageError
            The log cannot be written.
        """
        data = "".join(event.to_json() + "\n" for event in events).encode()
        created = not self.path.exists()
        try:
            fd = os.open(
                self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | _BINARY, 0o666
            )
            try:
                if created:
                    _sync_folder(self.path.parent)
                found = os.fstat(fd)
                self._write(fd, data)
            finally:
                os.close(fd)
        except OSError as err:
            raise self._unwritable(err) from err
        self._file_id = (found.st_dev, found.st_ino)
        self._offset += len(data)
        tell(self.path)

    def _write(self, fd: int, data: bytes) -> None:
        try:
            written = os.write(fd, data)
            if written < len(data):
                msg = "the disk is full"
                raise OSError(msg)
            os.fsync(fd)
        except OSError:
            # Not acknowledged, so it must not come back later either.
            os.ftruncate(fd, self._offset)
            raise

    def _unwritable(self, err: OSError) -> StorageError:
        msg = (
            f"The annotation was not saved: {self.path} cannot be written "
            f"({_reason(err)}). Make room or choose another output, then submit again."
        )
        return StorageError(msg)


def _reason(err: OSError) -> str:
    return err.strerror or str(err)


def _sync_folder(folder: Path) -> None:
    """Put a new file's name on the disk, where the system can (not Windows)."""
    if os.name == "nt":
        return
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
