"""One person's review of one table: the state machine above all data.

It shows nothing and knows no file: it is given clips, a form and a store. Views watch
its Parameters and call its methods; a script or a notebook may do the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import param

from annotator.annotations.events import Event
from annotator.errors import AlreadyReviewed, SubmitError
from annotator.review.answers import Answer, answers_of, check, rows_of
from annotator.review.cursor import ClipCursor
from annotator.review.listening import Listening
from annotator.review.look import Look
from annotator.review.regions import RegionEditor

if TYPE_CHECKING:
    from annotator.annotations.store import AnnotationStore
    from annotator.form.spec import FormSpec
    from annotator.review.prepare import ClipLoader
    from annotator.sources.clips import ClipTable

__all__ = ["ReviewSession"]

Values = Mapping[str, Any]


class _Deed(NamedTuple):
    clip: str
    position: int
    kind: str


class ReviewSession(ClipCursor):
    """The review of a table of clips; methods may be called from any thread.

    Parameters
    ----------
    clips, form, store
        What is reviewed, asked, and kept. Each session has a store of its own: undo
        takes back what that did last.
    loader
        Makes clips ready to be shown; None where nothing is shown.
    params
        `display_columns`, `duplicate_entries`, `sort_column`, `sort_descending`,
        `view`.
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
        self.form, self.store, self.loader = form, store, loader
        self.listening, self.look = Listening(), Look()  # type: ignore[no-untyped-call]
        self.regions = RegionEditor(form)
        self._event: Event | None = None
        self._n_session = self._revision = 0
        self._n_known = 0  # clips with an annotation, of this table or another
        self._submitted: tuple[int, list[Answer]] | None = None
        self._submitted_at = 0  # visit
        self._done: list[_Deed] = []
        super().__init__(clips, **params)
        self._mark_reviewed()
        self._reorder()
        self.regions.follow(self)

    def submit(
        self,
        values: Values,
        regions: Sequence[Any] | None = None,
        *,
        clip: int | None = None,
    ) -> list[str]:
        """Keep the answers about a clip, safely on disk, and go to the next.

        Parameters
        ----------
        values
            Answers by output column.
        regions
            What is marked, one output row each: `start_time`, `end_time` (s),
            `min_frequency`, `max_frequency` (Hz), answers about it by output column;
            see `regions.as_rows`. None or empty: one row.
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
            Answers are missing or wrong; it lists all. Nothing was written.
        AlreadyReviewed
            The clip has its review, for example because Submit was clicked twice.
        """
        # What is current at the call counts: the call before this one moves on.
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
            self._note(self.store.skip(self.clips.identity_of(here)), here)
            after = self._queue.after(here)
            self._go_to(self._queue.first(pending=True) if after is None else after)
        self._publish()

    def undo(self) -> Event | None:
        """Take back the last submit, skip or deletion, and go there; None: nothing."""
        with self._lock:
            event = self.store.undo() if self._done else None
            position = self._forget(event.clip) if event else None
            if event is not None and position is not None:
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
            Row of the table; None: the current clip. None is returned if there was
            nothing to delete.
        """
        with self._lock:
            if row is None:
                row = self._clip.position if self._clip else None
            if row is None:
                return None
            clip = self.clips.clip(row)
            event = self.store.delete(clip.identity)
            if event is not None:
                self._submitted = None
                self._note(event, clip.position)
        self._publish()
        return event

    def refresh(self) -> bool:
        """Take in what other sessions and programs wrote; whether there was any."""
        with self._lock:
            changed = self.store.refresh()
            if changed or self._n_known != len(self.store.reviewed):
                changed = True
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
        self, position: int, values: Values, regions: Sequence[Any] | None
    ) -> Event:
        clip = self.clips.clip(position)
        answers = answers_of(values, regions)
        is_current = self._clip is not None and self._clip.position == position
        came_back = is_current and self._visit != self._submitted_at
        if not came_back and self._submitted == (position, answers):
            msg = "These answers were just submitted; nothing was written twice."
            raise AlreadyReviewed(msg)
        if not self.duplicate_entries and self.is_reviewed(position):
            msg = "This clip is reviewed already. Delete its review to do it again."
            raise AlreadyReviewed(msg)
        check(self.form, answers)
        rows = rows_of(self.form, answers, clip, self.store.index_column)
        try:
            new, look = not self.duplicate_entries, self.look.as_dict()
            event = self.store.submit(clip.identity, rows, only_if_new=new, look=look)
        except AlreadyReviewed:
            self._revision += 1
            self._mark_reviewed()  # another process was faster
            raise
        self._n_session += 1
        self._submitted, self._submitted_at = (position, answers), self._visit
        self._note(event, position)
        if is_current:
            self._advance(position)
        return event

    def _advance(self, position: int) -> None:
        """Go to the next clip without a review, round to the first; or stay."""
        if self.duplicate_entries:
            self._go_to(self._queue.after(position))
            return
        after = self._queue.after(position, pending=True)
        self._go_to(self._queue.first(pending=True) if after is None else after)

    def _note(self, event: Event, position: int) -> None:
        """Remember what this session did, for undo."""
        self._done.append(_Deed(event.clip, position, event.kind))
        self._changed(event, position)

    def _forget(self, clip: str) -> int | None:
        """Drop the deeds from the last one about a clip on; return the clip's row."""
        # The store passes over what others took back already: so do we.
        while self._done:
            deed = self._done.pop()
            self._n_session -= deed.kind == "set"
            if deed.clip == clip:
                return deed.position
        return None

    def _changed(self, event: Event, position: int) -> None:
        self._event = event
        self._revision += 1
        reviewed = self.store.reviewed
        before = self.is_reviewed(position)
        now = self.clips.identity_of(position) in reviewed
        self._queue.mark(position, reviewed=now)
        self._n_known += now - before
        if self._n_known != len(reviewed):
            self._mark_reviewed()  # the store took in what others wrote as well

    def _mark_reviewed(self) -> None:
        """Look up for all clips whether they have an annotation."""
        clips, reviewed = self.clips, self.store.reviewed
        self._n_known = len(reviewed)
        if not self._n_known:
            self._queue.mark_all(np.zeros(len(clips), dtype=bool))
            return
        marks = [name in reviewed for name in clips.identities]
        if sum(marks) < self._n_known and not clips.index_column:
            lost = [name for name in reviewed if not clips.positions_of(name)]
            for name in lost:
                clips.recognise(name, self.store.rows_of(name))
            marks = [name in reviewed for name in clips.identities]
        self._queue.mark_all(np.array(marks, dtype=bool))
