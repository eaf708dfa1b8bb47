"""The journal: keeps log, ledger and output file in step.

The log has an event before anything else happens; the output file follows it.
Appending to CSV or JSON lines is done at once. What needs the whole file
written anew (a deletion, a new column, Parquet) is done a moment later, by a
thread, and by `flush` and `close`.
"""

from __future__ import annotations

import atexit
import functools
import logging
import threading
import weakref
from contextlib import contextmanager
from typing import TYPE_CHECKING

from annotator.annotations.edits import find_edits, since_written, without_torn_row
from annotator.annotations.events import Author, Event, Kind, Row, identity, timestamp
from annotator.annotations.folder import OutputFolder
from annotator.annotations.ledger import Ledger, uncollected
from annotator.annotations.log import EventLog
from annotator.annotations.output import OutputFile
from annotator.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from annotator.annotations.layout import Layout

__all__ = ["Journal"]

logger = logging.getLogger(__name__)

_DEBOUNCE = 0.2  # s: several deletions in a row are one rewrite


class Journal:
    """Log, ledger and output file of one output path.

    Parameters
    ----------
    path
        The output file.
    layout
        Its columns.
    author
        Who makes events here.
    match
        Finds the clip of a row that has no index column; None if unknown.
    folder
        Whether the output is a folder of Parquet files.
    """

    def __init__(
        self,
        path: Path,
        layout: Layout,
        author: Author,
        match: Callable[[Mapping[str, object]], str | None] | None = None,
        *,
        folder: bool = False,
    ) -> None:
        self.log = EventLog(path)
        self.output = OutputFolder(path) if folder else OutputFile(path)
        self.layout = layout
        self.ledger = Ledger()
        self.output_error: str | None = None
        self._author = author
        self._match = match
        self._lock = threading.RLock()
        self._writing = threading.Lock()  # taken before _lock, never after
        self._timer: threading.Timer | None = None
        self._at_exit = functools.partial(_flush_if_alive, weakref.ref(self))
        atexit.register(self._at_exit)
        self._open()

    def _open(self) -> None:
        if self.output.stat() is None and not self.log.path.exists():
            return  # nothing there yet: the disk is not touched
        with self._lock, self.log.locked():
            self._read_log()
            if self.output.was_edited():
                self._take_in_edits()
            if not self.output.is_current(self.ledger.last_event):
                self.mark_dirty()

    @contextmanager
    def reading(self) -> Iterator[Ledger]:
        """Keep other threads of this store out."""
        with self._lock:
            yield self.ledger

    @contextmanager
    def changing(self) -> Iterator[Ledger]:
        """Keep all others out, with everything that they did taken in."""
        with self._lock, self.log.locked():
            self._read_log()
            try:
                if self.output.was_edited():
                    self._take_in_edits()
            except (OSError, FormatError) as err:
                # The log can still be written, and it is what counts.
                self._output_failed(err)
            yield self.ledger

    def has_news(self) -> bool:
        """Tell, without a lock, whether another process or a hand wrote."""
        return self.log.has_news() | self.output.has_news()

    def _read_log(self) -> None:
        if self.log.was_replaced():
            self.log.rewind()
            self.ledger.clear()
        first_time = self.ledger.last_event is None
        with uncollected():
            events = self.log.read_new()
            for event in events:
                self._apply(event)
        state = self.output.state() if first_time else None
        if state and state.event and state.event not in {e.id for e in events}:
            # Without this, the rows of an output whose log was removed would
            # pass for rows that were deleted.
            self.output.forget()

    def _apply(self, event: Event) -> None:
        self.ledger.apply(event)
        for row in event.rows:
            self.layout.learn(row)

    def record(self, *events: Event) -> None:
        """Append events to the log, then let the output follow; within `changing`.

        Raises
        ------
        StorageError
            The log cannot be written; nothing happened.
        """
        if not events:
            return
        previous = self.ledger.last_event
        rows = [row for event in events if event.kind == "set" for row in event.rows]
        simple = not any(event.kind == "delete" and event.rows for event in events)
        simple &= not any(row["annotation_id"] in self.ledger.rows for row in rows)
        self.log.append(events)
        for event in events:
            self._apply(event)
        try:
            if not simple or not self._follow(previous, rows):
                self.mark_dirty()
        except OSError as err:
            self._output_failed(err)
            self.mark_dirty()

    def _follow(self, previous: str | None, rows: Sequence[Row]) -> bool:
        """Bring the output from one event to the last by appending, if possible."""
        last, columns = self.ledger.last_event or "", self.layout.columns
        if not self.output.is_current(previous):
            return False
        if self.output.stat() is None:
            if rows:
                self._write(columns, rows, last)
        elif not rows:
            self.output.note(last)
        elif self.output.can_append(columns):
            self.output.append(rows, columns, last)
        else:
            return False
        self.output_error = None
        return True

    def _write(
        self, columns: Sequence[str], rows: Sequence[Row], event: str | None
    ) -> None:
        self.output.replace(self.output.write_beside(columns, rows), columns, event)

    def _output_failed(self, err: Exception) -> None:
        self.output_error = (
            f"The output {self.output.path} cannot be written now "
            f"({getattr(err, 'strerror', None) or err}). Every annotation is kept in "
            f"{self.log.path.name} and will be in the output when it can be written."
        )
        logger.warning(self.output_error)

    # ---- the file written anew -------------------------------------------

    def mark_dirty(self) -> None:
        """Have the output written anew in a moment."""
        with self._lock:
            if self._timer is None:
                timer = self._timer = threading.Timer(_DEBOUNCE, self.flush)
                timer.daemon = True  # at exit, _flush_if_alive does it
                timer.start()

    def flush(self) -> None:
        """Wait until the output file holds everything; failures: `output_error`."""
        with self._writing:
            with self._lock:
                if self._timer is not None:
                    self._timer.cancel()
                self._timer = None
            if self.ledger.last_event is None:
                return
            try:
                # Others may write meanwhile; the third time they have to wait.
                if not (self._rewrite() or self._rewrite()):
                    self._rewrite(hold=True)
            except OSError as err:
                self._output_failed(err)
            else:
                self.output_error = None

    def _rewrite(self, *, hold: bool = False) -> bool:
        """Write the output anew unless it is current; False if it is not after it."""
        with self.changing() as ledger:
            event = ledger.last_event
            empty = not ledger.rows and self.output.stat() is None
            if empty or self.output.is_current(event):
                return True
            before = (self.output.stat(), self.output.state())
            rows, columns = list(ledger.rows.values()), self.layout.columns
            if hold:
                self._write(columns, rows, event)
                return True
        beside = self.output.write_beside(columns, rows)
        with self._lock, self.log.locked():
            if (self.output.stat(), self.output.state()) != before:
                self.output.discard(beside)
                return False
            self.output.replace(beside, columns, event)
            return self.ledger.last_event == event

    def close(self) -> None:
        """Write what waits and stop."""
        self.flush()
        atexit.unregister(self._at_exit)

    # ---- what others did to the output file ------------------------------

    @uncollected()
    def _take_in_edits(self) -> None:
        """Adopt a file without a log, or turn a hand's edits into events."""
        found, adopting = self.output.stat(), self.ledger.last_event is None
        table = self.output.read() if adopting else self.output.read_or_set_aside()
        if table is None:
            self.mark_dirty()
            return
        self.output.taken_in = found
        self.layout.learn(table.columns)
        state = self.output.state()
        base, since = since_written(self.log, self.ledger, state.event if state else "")
        if not adopting:
            table = without_torn_row(table, since, self.output.format)
        when = self.output.changed_at() if adopting else None
        author, moment = Author("") if adopting else self._author, timestamp(when)
        edits = find_edits(
            table,
            base=base,
            since=since,
            now=self.ledger.rows,
            index_column=self.layout.index_column,
            annotator=author.annotator,
        )
        rows = [author.stamp(row, created_at=moment) for row in edits.sets]
        for row in rows:
            row.setdefault(self.layout.index_column, self.clip_of(row))
        gone = [self.ledger.rows[key] for key in edits.deletes]
        deletes = self._by_clip(gone, "delete", author, moment)
        self.record(*deletes, *self._by_clip(rows, "set", author, moment))
        if self.ledger.last_event is None:
            self.output.note(None, table.columns)
        else:
            self.mark_dirty()

    def _by_clip(
        self, rows: Sequence[Row], kind: Kind, author: Author, moment: str
    ) -> Iterator[Event]:
        clips: dict[str, list[Row]] = {}
        for row in rows:
            clips.setdefault(self.clip_of(row), []).append(row)
        for clip, found in clips.items():
            yield author.event(kind, clip, found, moment)

    def clip_of(self, row: Row) -> str:
        """Find the clip that a row is about; "" if it is about none we know."""
        key, name = row["annotation_id"], self.layout.index_column
        named = identity(row[name]) if name in row else None
        known = self.ledger.clip_of(key)
        if known is not None and named == identity(self.ledger.rows[key].get(name)):
            return known
        if named is not None:
            return named
        return (self._match(row) if self._match else None) or ""


def _flush_if_alive(journal: weakref.ref[Journal]) -> None:
    if (alive := journal()) is not None:
        alive.flush()
