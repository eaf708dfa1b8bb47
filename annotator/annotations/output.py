"""The output file on the disk, and the note of what we last wrote into it.

The note (`reviews.csv.state.json`) holds the file's size and time as we left
it and the last event in it: it tells a hand's edit from a crash, and a file
that is up to date from one that waits to be rewritten.
"""

from __future__ import annotations

import glob
import json
import logging
import os
import shutil
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from annotator.annotations.table import CsvFormat, Table, format_of
from annotator.errors import FormatError, StorageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from annotator.annotations.events import Row

__all__ = [
    "Beside",
    "OutputFile",
    "OutputState",
    "remove_leftovers",
    "write_temporary",
]

logger = logging.getLogger(__name__)

Beside = list[tuple[Path | None, Path]]
"""Files written under hidden names, and the names they are to get; None: to go."""

_BINARY: int = getattr(os, "O_BINARY", 0)
_STALE = 3600.0  # s after which another process's temporary file is a leftover


@dataclass(frozen=True)
class OutputState:
    """What we last wrote: bytes, ns since 1970, last event, columns in order."""

    size: int
    mtime_ns: int
    event: str | None
    columns: tuple[str, ...]


class OutputFile:
    """The output file; all methods are called with the log's lock held.

    Parameters
    ----------
    path
        Where it is; the extension says which format it has.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.format = format_of(path)
        self._state_path = path.with_name(path.name + ".state.json")
        self.taken_in: tuple[int, int] | None = None
        """What `stat` said of the edited file that the log has the edits of."""
        self._seen: tuple[int, int] | None = None

    def state(self) -> OutputState | None:
        """Read what was last written, by us or another process."""
        try:
            found = json.loads(self._state_path.read_bytes())
            return OutputState(**{**found, "columns": tuple(found["columns"])})
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def stat(self) -> tuple[int, int] | None:
        """Give size (bytes) and time of change (ns); None if there is no content."""
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return None
        except OSError as err:
            msg = f"The output {self.path} cannot be read ({err.strerror})."
            raise StorageError(msg) from err
        if self.path.is_dir():
            msg = (
                f"The output {self.path} is a folder; give the name of a file, or "
                f'end the path with "/" to have Parquet files in it.'
            )
            raise StorageError(msg)
        return (found.st_size, found.st_mtime_ns) if found.st_size else None

    def changed_at(self) -> float | None:
        """Give when the content was last written, s since 1970; None: no content."""
        found = self.stat()
        return found[1] / 1e9 if found else None

    def has_news(self) -> bool:
        """Tell, without a lock, whether the file changed since this was asked."""
        found = self.stat()
        changed = found != self._seen
        self._seen = found
        return changed

    def is_ours(self) -> bool:
        """Tell whether the file is still what we last wrote, or was never there."""
        found, state = self.stat(), self.state()
        if found is None or state is None:
            return found is None
        return found == (state.size, state.mtime_ns)

    def was_edited(self) -> bool:
        """Tell whether the file is neither what we wrote nor taken in already."""
        if self.is_ours():
            self.taken_in = None
            return False
        return self.stat() != self.taken_in

    def is_current(self, event: str | None) -> bool:
        """Tell whether the file is ours and holds everything up to this event."""
        state = self.state()
        if state is not None and event is not None and state.event != event:
            return False  # without a look at the files, which may be many
        found = self.stat()
        if state is None or found is None:
            return event is None and found is None
        return state.event == event and found == (state.size, state.mtime_ns)

    def forget(self) -> None:
        """Drop the note: the log that it speaks of is gone."""
        self._state_path.unlink(missing_ok=True)

    def read(self) -> Table:
        """Read the file; FormatError if it is no table, StorageError if no access."""
        try:
            return self._read()
        except FormatError as err:
            msg = f"{self.path} cannot be used as output: {err}"
            raise FormatError(msg) from err
        except OSError as err:
            msg = f"The output {self.path} cannot be read ({err.strerror})."
            raise StorageError(msg) from err

    def _read(self) -> Table:
        return self.format.read(self.path.read_bytes())

    def read_or_set_aside(self) -> Table | None:
        """Read the file; one that is no table of ours is moved out of the way: None."""
        try:
            table, state = self.read(), self.state()
            if state and table.columns and not {*table.columns} & {*state.columns}:
                # Else each of its rows would be new, and each of ours deleted.
                msg = f"{self.path} has none of the columns that it had."
                raise FormatError(msg)
            return table
        except FormatError as err:
            stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
            name = f"{self.path.stem}.broken-{stamp}{self.path.suffix}"
            self._move_to(self.path.with_name(name))
            logger.warning(
                "%s It was moved to %s and is written anew from the log.", err, name
            )
            return None

    def _move_to(self, aside: Path) -> None:
        os.replace(self.path, aside)

    def can_append(self, columns: Sequence[str]) -> bool:
        """Tell whether rows with these columns fit under the file's header."""
        state = self.state()
        if state is None or self.format.render_rows([], []) is None:
            return False
        has_header = isinstance(self.format, CsvFormat)
        return set(state.columns) == set(columns) or not has_header

    def append(self, rows: Sequence[Row], columns: Sequence[str], event: str) -> None:
        """Add rows to a current file that they fit into; OSError if it fails."""
        state = self.state()
        if state is not None and set(state.columns) == set(columns):
            columns = state.columns
        data = self.format.render_rows(columns, rows) or b""
        fd = os.open(self.path, os.O_WRONLY | os.O_APPEND | _BINARY)
        try:
            if os.write(fd, data) < len(data):
                msg = "the disk is full"
                raise OSError(msg)
        finally:
            os.close(fd)
        self.note(event, columns)

    def write_beside(self, columns: Sequence[str], rows: Sequence[Row]) -> Beside:
        """Write all rows into new files under other names; needs no lock."""
        target = Path(os.path.realpath(self.path))
        # Beside the file itself: the output may be a link to another disk.
        return [(write_temporary(target, self.format.render(columns, rows)), target)]

    def replace(
        self, beside: Beside, columns: Sequence[str], event: str | None
    ) -> None:
        """Give the files that were written beside their names."""
        for temporary, target in beside:
            if temporary is None:
                target.unlink(missing_ok=True)
                continue
            if target.exists():
                shutil.copymode(target, temporary)
            os.replace(temporary, target)
        self.note(event, columns)
        remove_leftovers(self.path.parent, self.path.name)

    def discard(self, beside: Beside) -> None:
        """Remove what was written beside."""
        for temporary, _ in beside:
            if temporary is not None:
                temporary.unlink()

    def note(self, event: str | None, columns: Sequence[str] | None = None) -> None:
        """Note that the file, as it is now, holds everything up to this event."""
        found = self.stat()
        if found is None:
            return
        if columns is None:
            state = self.state()
            columns = state.columns if state else ()
        state = OutputState(*found, event, tuple(columns))
        beside = self._state_path.with_name(f".{self._state_path.name}.tmp")
        beside.write_text(json.dumps(asdict(state)), encoding="utf-8")
        os.replace(beside, self._state_path)
        self.taken_in, self._seen = None, found


def write_temporary(target: Path, data: bytes) -> Path:
    """Write bytes into a hidden file beside the one that they are for."""
    name = f".{target.name}.{os.getpid()}-{threading.get_ident()}.tmp"
    temporary = target.with_name(name)
    temporary.write_bytes(data)
    return temporary


def remove_leftovers(folder: Path, name: str = "*") -> None:
    """Remove temporary files of processes that were killed long ago."""
    name = name if name == "*" else glob.escape(name)
    for left in folder.glob(f".{name}.*.tmp"):
        try:
            if time.time() - left.stat().st_mtime > _STALE:
                left.unlink()
        except OSError:
            continue  # another process was faster
