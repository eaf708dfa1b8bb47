"""One person's review of one table: the state machine above all data.

It shows nothing and knows no file: it is given clips, a form, a store of annotations
and a loader of recordings. Views watch its Parameters and call its methods; a script
or a notebook may do the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import param

from annotator.annotations.events import Event
from annotator.errors import AlreadyReviewed, SubmitError
from annotator.session.cursor import ClipCursor

if TYPE_CHECKING:
    from annotator.annotations.store import AnnotationStore
    from annotator.form.spec import FormSpec
    from annotator.session.prepare import ClipLoader
    from annotator.sources.clips import ClipTable

__all__ = ["ReviewSession"]

Values = Mapping[str, Any]


class ReviewSession(ClipCursor):
    """The review of a table of clips; methods may be called from any thread.

    Parameters
    ----------
    clips, form, store
        What is reviewed, what is asked, where the answers are kept. Undo asks the
        store for its own last event, so each session has a store of its own.
    loader
        Makes clips ready to be shown; None where nothing is shown.
    params
        `display_columns`, `duplicate_entries`, `sort_column`, `sort_descending`,
        `view`.

    Raises
    ------
    UnknownColumn
        A display or sort column is not in the table.
    """

    duplicate_entries = param.Boolean(
        default=False, constant=True, doc="Whether a clip may be reviewed repeatedly."
    )
    is_finished = param.Boolean(
        default=False, constant=True, doc="No clip that meets the filters is pending."
    )
    last_event = param.ClassSelector(
        class_=Event, constant=True, doc="What was done last in this session."
    )
    n_reviewed = param.Integer(
        default=0, bounds=(0, None), constant=True, doc="Clips with an annotation."
    )
    n_session = param.Integer(
        default=0, bounds=(0, None), constant=True, doc="Submits of this session."
    )
    revision = param.Integer(
        default=0, bounds=(0, None), constant=True, doc="Grows as annotations change."
    )

    def __init__(
        self,
        clips: ClipTable,
        form: FormSpec,
        store: AnnotationStore,
        *,
        loader: ClipLoader | None = None,
        **params: Any,
    ) -> None:
        if params.get("duplicate_entries"):
            # Then a review changes nothing about what there is to do.
            params.setdefault("view", "all")
        self.form = form
        self.store = store
        self.loader = loader
        self._event: Event | None = None
        self._n_session = 0
        self._revision = 0
        self._submitted: tuple[int, list[dict[str, Any]]] | None = None
        self._done: list[tuple[int, str]] = []
        super().__init__(clips, **params)
        self._mark_reviewed()
        self._reorder()

    def submit(
        self,
        values: Values,
        regions: Sequence[Values] | None = None,
        *,
        clip: int | None = None,
    ) -> list[str]:
        """Keep the answers about a clip, safely on disk, and go to the next.

        Parameters
        ----------
        values
            Answers by output column.
        regions
            Further answers for each region marked in the clip: one output row each.
            None or empty: one row.
        clip
            Row of the table that the answers are about; None: the current clip.
            A view says it, so that a second click is not taken for the next clip.

        Returns
        -------
        list of str
            The ids of the annotations, one per row.

        Raises
        ------
        SubmitError
            Answers are missing or out of range; the message lists all. Nothing
            was written.
        AlreadyReviewed
            The clip has its review, for example because Submit was clicked twice.
        """
        # What is current at the call counts, not what is when the lock is had:
        # the call before this one moves on.
        current = self._clip
        position = current.position if clip is None and current else clip
        if position is None:
            msg = "There is no clip to review: the table is empty or all are reviewed."
            raise SubmitError(msg)
        try:
            with self._lock:
                event = self._submit(position, values, regions)
        finally:
            self._publish()
        return event.ids

    def skip(self) -> None:
        """Note that the clip was passed over, and go to the next."""
        with self._lock:
            if self._clip is None:
                return
            here = self._clip.position
            self._note(self.store.skip(self._clip.identity), here)
            after = self._queue.after(here)
            self._go_to(self._queue.first(pending=True) if after is None else after)
        self._publish()

    def undo(self) -> Event | None:
        """Take back this session's last submit, skip or deletion, and go there.

        Returns
        -------
        Event or None
            What was noted; None if there was nothing to take back.
        """
        with self._lock:
            event = self.store.undo() if self._done else None
            if event is not None:
                position, kind = self._done.pop()
                self._n_session -= kind == "set"
                self._submitted = None
                self._changed(event, position)
                self._go_to(position)
        self._publish()
        return event

    def delete_review(self, row: int | None = None) -> Event | None:
        """Delete all annotations of a clip, so that it can be reviewed again.

        Parameters
        ----------
        row
            Row of the table; None: the current clip.

        Returns
        -------
        Event or None
            None if there was nothing to delete.
        """
        with self._lock:
            clip = self._clip if row is None else self.clips.clip(row)
            event = self.store.delete(clip.identity) if clip else None
            if event is not None and clip is not None:
                self._submitted = None
                self._note(event, clip.position)
        self._publish()
        return event

    def refresh(self) -> bool:
        """Take in what other sessions and programs wrote; whether there was any."""
        with self._lock:
            changed = self.store.refresh()
            if changed:
                self._revision += 1
                self._mark_reviewed()
        self._publish()
        return changed

    def is_reviewed(self, position: int) -> bool:
        """Whether a row of the table has an annotation."""
        return bool(self._queue.reviewed[position])

    def values_of(self, position: int) -> list[dict[str, Any]]:
        """Return the output rows of a row of the table, oldest first."""
        return list(self.store.rows_of(self.clips.identity_of(position)))

    def output_rows(self) -> Iterable[Mapping[str, Any]]:
        """Return all output rows, oldest first, made as they are asked for."""
        return self.store.rows()

    def _state(self) -> Mapping[str, Any]:
        return {
            **super()._state(),
            "is_finished": len(self.clips) > 0 and not self._queue.n_pending,
            "last_event": self._event,
            "n_reviewed": int(np.count_nonzero(self._queue.reviewed)),
            "n_session": self._n_session,
            "revision": self._revision,
        }

    def _submit(
        self, position: int, values: Values, regions: Sequence[Values] | None
    ) -> Event:
        clip = self.clips.clip(position)
        answers = [{**values, **region} for region in regions or [{}]]
        is_current = self._clip is not None and self._clip.position == position
        if not is_current and self._submitted == (position, answers):
            msg = "These answers were just submitted; nothing was written twice."
            raise AlreadyReviewed(msg)
        if not self.duplicate_entries and self.is_reviewed(position):
            msg = "This clip is reviewed already. Delete its review to do it again."
            raise AlreadyReviewed(msg)
        self._check(answers)
        index = {self.store.index_column: clip.index_value}
        rows = [{**index, **self.form.to_row(row, clip.row)} for row in answers]
        try:
            event = self.store.submit(
                clip.identity, rows, only_if_new=not self.duplicate_entries
            )
        except AlreadyReviewed:
            self._revision += 1
            self._mark_reviewed()  # another process was faster
            raise
        self._n_session += 1
        self._submitted = (position, answers)
        self._note(event, position)
        if is_current:
            self._advance(position)
        return event

    def _check(self, answers: Sequence[Values]) -> None:
        problems: dict[str, None] = {}
        for values in answers:
            for label in self.form.missing(values):
                problems[f"{label}: an answer is needed."] = None
            problems |= dict.fromkeys(self.form.check(values))
        if problems:
            raise SubmitError("\n".join(problems))

    def _advance(self, position: int) -> None:
        """Go to the next clip without a review, round to the first; or stay."""
        if self.duplicate_entries:
            self._go_to(self._queue.after(position))
            return
        after = self._queue.after(position, pending=True)
        self._go_to(self._queue.first(pending=True) if after is None else after)

    def _note(self, event: Event, position: int) -> None:
        """Remember what this session did, for undo."""
        self._done.append((position, event.kind))
        self._changed(event, position)

    def _changed(self, event: Event, position: int) -> None:
        self._event = event
        self._revision += 1
        identity = self.clips.identity_of(position)
        self._queue.mark(position, reviewed=identity in self.store.reviewed)

    def _mark_reviewed(self) -> None:
        """Look up for all clips whether they have an annotation."""
        reviewed = self.store.reviewed
        n_clips = len(self.clips)
        if not len(reviewed):
            self._queue.mark_all(np.zeros(n_clips, dtype=bool))
            return
        found = (name in reviewed for name in self.clips.identities)
        self._queue.mark_all(np.fromiter(found, dtype=bool, count=n_clips))
