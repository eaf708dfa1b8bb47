"""The annotations of one output file: submit, delete, undo, read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from annotator.annotations.cells import row_key
from annotator.annotations.events import Author, Event, Row
from annotator.annotations.folder import is_folder
from annotator.annotations.journal import Journal
from annotator.annotations.layout import Layout
from annotator.annotations.ledger import ReviewedClips
from annotator.annotations.partitions import DAY
from annotator.annotations.snapshot import Snapshot, snapshot_of
from annotator.annotations.table import to_frame
from annotator.annotations.undo import UndoStack
from annotator.errors import AlreadyReviewed, ParameterError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import pandas as pd

    from annotator.annotations.merge import Memo

__all__ = ["AnnotationStore"]


class AnnotationStore:
    """Keeps annotations: durable on return, in a log and in an output table.

    May be used by several threads, and several processes may have stores on
    the same output.

    Parameters
    ----------
    path
        Output file: .csv, .parquet or .pq; any other name is JSON lines. With
        "/" at its end, or if it is there, a folder of Parquet files: one per
        day and person, read all at once by `pandas.read_parquet(folder)`.
    columns
        The form's output columns, without index column and provenance.
    index_column
        Column that says which clip a row is about; the output's first.
    annotator
        Who submits here.
    provenance
        Whether the output file has the columns `annotation_id`, `annotator`,
        `created_at`, `app_version`. The log has them always.
    app_version, config_hash
        Noted in every event.
    match
        Finds the clip of a row whose file has no index column; None: unknown.

    Raises
    ------
    StorageError
        The output or its log is there and cannot be read.
    FormatError
        A file is there that is no such table, and there is no log.
    """

    def __init__(  # noqa: PLR0913 - what one output needs, all but path by name
        self,
        path: str | Path,
        *,
        columns: Sequence[str],
        index_column: str = "clip_id",
        annotator: str,
        provenance: bool = True,
        app_version: str = "",
        config_hash: str = "",
        match: Callable[[Mapping[str, Any]], str | None] | None = None,
    ) -> None:
        self.path = Path(path).expanduser().absolute()
        self.is_folder = is_folder(path)
        if self.is_folder and DAY in {index_column, *columns}:
            msg = (
                f"An output that is a folder has a column {DAY!r} of its own; give "
                "the form's another name."
            )
            raise ParameterError(msg)
        self.provenance = provenance
        self._author = Author(annotator, app_version, config_hash)
        layout = Layout(index_column, columns, provenance=provenance)
        self._journal = Journal(
            self.path, layout, self._author, match, folder=self.is_folder
        )
        self._undo = UndoStack(self._author)
        self._hashes: Memo = {}
        self.reviewed = ReviewedClips(self._journal.ledger)

    def __repr__(self) -> str:
        return f"<AnnotationStore {self.path}: {self.n_rows} annotations>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    @property
    def log_path(self) -> Path:
        """The log: JSON lines, one event each."""
        return self._journal.log.path

    @property
    def columns(self) -> list[str]:
        """Columns of the output file, in order."""
        return self._journal.layout.columns

    @property
    def index_column(self) -> str:
        """Column that says which clip a row is about."""
        return self._journal.layout.index_column

    @property
    def n_rows(self) -> int:
        """Number of annotations."""
        return len(self._journal.ledger.rows)

    @property
    def output_error(self) -> str | None:
        """Why the output file is behind the log; None if it is not."""
        return self._journal.output_error

    # ---- changes ----------------------------------------------------------

    def submit(
        self,
        clip: str,
        rows: Sequence[Mapping[str, object]],
        *,
        only_if_new: bool = False,
        look: Mapping[str, Any] | None = None,
    ) -> Event:
        """Add annotations of a clip; they are on the disk on return.

        Parameters
        ----------
        clip
            The clip's identity.
        rows
            Output rows. One with the annotation_id of an annotation that is
            there replaces it (leave its created_at out, so that it gets a new
            one). Provenance that a row lacks is filled in.
        only_if_new
            Refuse if the clip has an annotation already.
        look
            How the sound was looked at; kept in the log.

        Raises
        ------
        AlreadyReviewed
            It has one, and `only_if_new`.
        StorageError
            The log cannot be written; nothing was recorded.
        """
        if not rows:
            msg = "There is nothing to submit: the answer has no rows."
            raise ParameterError(msg)
        with self._journal.changing() as ledger:
            if only_if_new and clip in self.reviewed:
                msg = f"Clip {clip} has been reviewed already; delete its review first."
                raise AlreadyReviewed(msg)
            given = [{self.index_column: clip, **row} for row in rows]
            rows_now = list(map(self._author.stamp, given))
            event = self._author.event("set", clip, rows_now, look=look)
            before = {key: ledger.rows.get(key) for key in event.ids}
            self._journal.record(event)
            self._undo.push("set", clip, before)
            return event

    def delete(self, clip: str) -> Event | None:
        """Remove all annotations of a clip; None if it has none."""
        with self._journal.changing() as ledger:
            rows = ledger.of_clip(clip)
            if not rows:
                return None
            event = self._author.event("delete", clip, rows)
            self._journal.record(event)
            before = dict(zip(event.ids, rows, strict=True))
            self._undo.push("delete", clip, before)
            return event

    def skip(self, clip: str) -> Event:
        """Note that a clip was passed over."""
        with self._journal.changing():
            event = self._author.event("skip", clip, [])
            self._journal.record(event)
            self._undo.push("skip", clip, {})
            return event

    def undo(self) -> Event | None:
        """Take back what this store did last and did not take back yet.

        Returns
        -------
        Event
            The event that undid it; its clip is the one concerned. None if
            there was nothing to undo.
        """
        with self._journal.changing() as ledger:
            events = self._undo.events(ledger.rows)
            self._journal.record(*events)
            self._undo.pop()
            return events[-1] if events else None

    # ---- reading ----------------------------------------------------------

    def refresh(self) -> bool:
        """Take in what other processes and hands did; True if there was any.

        Cheap when nothing happened: it looks at two files' sizes and times.
        """
        if not self._journal.has_news():
            return False
        with self._journal.reading() as ledger:
            before = ledger.last_event
            with self._journal.changing():
                return ledger.last_event != before

    def rows_of(self, clip: str) -> list[Row]:
        """Give copies of a clip's rows, oldest first, with their provenance."""
        with self._journal.reading() as ledger:
            return [dict(row) for row in ledger.of_clip(clip)]

    def rows(self) -> Iterator[Row]:
        """Give copies of all rows, oldest first, with their provenance."""
        with self._journal.reading() as ledger:
            rows = list(ledger.rows.values())
        return (dict(row) for row in rows)

    def frame(self) -> pd.DataFrame:
        """Give the output as pandas would read it from CSV, integers exact."""
        with self._journal.reading() as ledger:
            rows, columns = list(ledger.rows.values()), self.columns
        return to_frame(columns, rows)

    def flush(self) -> None:
        """Wait until the output file holds everything; failures: `output_error`."""
        self._journal.flush()

    def close(self) -> None:
        """Write what waits; the store is not used any more after it."""
        self._journal.close()

    # ---- for sync ---------------------------------------------------------

    def snapshot(self) -> Snapshot:
        """Give the annotations, and the bytes of the files that hold them."""
        return snapshot_of(self._journal, has_ids=self.provenance, memo=self._hashes)

    def apply_merge(
        self,
        sets: Sequence[Row],
        deletes: Sequence[str] = (),
        *,
        before: Mapping[str, Row] | None = None,
    ) -> int:
        """Take in others' rows, with their own annotator and time.

        Parameters
        ----------
        sets
            Rows with annotation_id.
        deletes
            Ids of annotations to remove.
        before
            Rows by id from which the merge was made: one that changed since
            is left as it is. None: do not look.

        Returns
        -------
        int
            Number of annotations changed.
        """
        with self._journal.changing() as ledger:

            def unchanged(key: str) -> bool:
                now, then = ledger.rows.get(key, {}), (before or {}).get(key, {})
                return before is None or row_key(now) == row_key(then)

            events = [
                Author(str(row.get("annotator") or "")).event("set", clip, [row], at)
                for row in sets
                if unchanged(str(row["annotation_id"]))
                for clip in [self._journal.clip_of(row)]
                for at in [str(row.get("created_at") or "")]
            ]
            events += [
                self._author.event("delete", ledger.clip_of(key) or "", [row])
                for key in deletes
                if (row := ledger.rows.get(key)) is not None and unchanged(key)
            ]
            self._journal.record(*events)
            return len(events)
