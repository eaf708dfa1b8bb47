"""A place in a table of clips: which is shown, which comes next, which are listed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import param

from annotator.review.publishing import Publisher
from annotator.review.queue import Page, Queue
from annotator.sources.clips import Clip
from annotator.sources.columns import check_column

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import numpy as np

    from annotator.review.filters import Filter
    from annotator.sources.clips import ClipTable

__all__ = ["ClipCursor"]


class ClipCursor(Publisher):
    """Where a person is in a table of clips.

    Parameters
    ----------
    clips
        The table.
    params
        `display_columns`, `sort_column`, `sort_descending`, `view`.

    Raises
    ------
    UnknownColumn
        A display or sort column is not in the table.
    """

    clip = param.ClassSelector(
        class_=Clip, constant=True, doc="Clip under review; None: there is none."
    )
    display_columns = param.List(
        item_type=str, constant=True, doc="Columns of a page; empty: all."
    )
    filters = param.List(
        constant=True, doc="Conditions (column, operator, value) that all must hold."
    )
    n_clips = param.Integer(
        default=0, bounds=(0, None), constant=True, doc="Clips in the table."
    )
    n_queue = param.Integer(
        default=0, bounds=(0, None), constant=True, doc="Clips in the current view."
    )
    notice = param.String(
        default="",
        constant=True,
        doc="What the person should be told about the clips they get; empty: nothing.",
    )
    sort_column: param.Selector[str | None] = param.Selector(
        objects=[None], doc="Column that orders the clips; None: as in the table."
    )
    sort_descending = param.Boolean(default=False, doc="Largest values first.")
    view: param.Selector[str] = param.Selector(
        default="pending",
        objects=["pending", "reviewed", "all"],
        doc="Clips without a review, those with one, or all.",
    )

    def __init__(self, clips: ClipTable, **params: Any) -> None:
        sort_column = params.pop("sort_column", None) or None
        columns = params.get("display_columns", [])
        if len(clips):
            for column in columns:
                check_column(column, clips.columns, what="display_columns")
            if sort_column:
                check_column(sort_column, clips.columns, what="sort")
        else:
            # An empty file may lack even its header: it opens, and shows nothing.
            columns = [column for column in columns if column in clips.columns]
            sort_column = sort_column if sort_column in clips.columns else None
        super().__init__(**params)
        self.clips = clips
        self._queue = Queue(clips.frame, columns)
        self._clip: Clip | None = None
        self._filters: list[Filter] = []
        self._notice = ""
        self._visit = 0  # grows as the person goes to a clip
        self.param.sort_column.objects = [None, *clips.columns]
        with param.parameterized.discard_events(self):
            self.sort_column = sort_column

    def select(self, row: int) -> None:
        """Make a row of the table, from 0, the clip under review.

        Raises
        ------
        ParameterError
            There is no such row.
        """
        with self._lock:
            self._go_to(row)
            self._visit += 1
        self._publish()

    def ask(self) -> None:
        """Ask for a clip, where somebody gives them one by one; see `notice`."""

    def next(self) -> bool:
        """Go to the next clip of the view; False at its end."""
        return self._step(forward=True)

    def previous(self) -> bool:
        """Go to the clip before in the view; False at its start."""
        return self._step(forward=False)

    @property
    def reviewed_rows(self) -> np.ndarray:
        """Whether each row of the table has a review; booleans."""
        return self._queue.reviewed

    def filter_by(self, filters: Iterable[Filter]) -> None:
        """Keep only the clips that meet all conditions.

        Parameters
        ----------
        filters
            Triples such as ("confidence", ">=", 0.5); none to see all. See
            `annotator.review.filters` for the operators.

        Raises
        ------
        UnknownColumn, ParameterError
            A condition is impossible; the filters before stay.
        """
        wanted = [(column, condition, value) for column, condition, value in filters]
        with self._lock:
            self._queue.filter(wanted)
            self._filters = wanted
            self._go_if_nowhere()
        self._publish()

    def page(self, page: int, page_size: int) -> Page:
        """Return some rows of the view.

        Parameters
        ----------
        page
            Number of the page, from 0; beyond the last, the last.
        page_size
            Rows on a page.

        Returns
        -------
        Page
            frame: the display columns, then `_position` (row in the table) and
            `_reviewed`; n_pages, at least 1; n_rows of all pages.
        """
        with self._lock:
            return self._queue.page(page, page_size)

    def page_of(self, page_size: int, position: int | None = None) -> int | None:
        """Return the page, from 0, that lists a row; None if none does.

        Parameters
        ----------
        page_size
            Rows on a page.
        position
            Row of the table; None: the current clip's.
        """
        with self._lock:
            if position is None:
                position = self._clip.position if self._clip else None
            place = None if position is None else self._queue.place_of(position)
        return None if place is None else place // max(1, page_size)

    def upcoming(self, count: int = 3) -> list[Clip]:
        """Return the clips that come next, to be prepared ahead."""
        with self._lock:
            place = self._clip.position if self._clip else None
            found: list[Clip] = []
            while place is not None and len(found) < count:
                place = self._queue.after(place)
                if place is not None:
                    found.append(self.clips.clip(place))
            return found

    @param.depends("view", "sort_column", "sort_descending", watch=True)
    def _reorder(self) -> None:
        with self._lock:
            self._queue.show(self.view)
            self._queue.sort(self.sort_column, descending=self.sort_descending)
            self._go_if_nowhere()
        self._publish()

    def _state(self) -> Mapping[str, Any]:
        return {
            "clip": self._clip,
            "filters": self._filters,
            "n_clips": len(self.clips),
            "n_queue": len(self._queue.positions),
            "notice": self._notice,
        }

    def _step(self, *, forward: bool) -> bool:
        with self._lock:
            if self._clip is None:
                place = self._queue.first()
            elif forward:
                place = self._queue.after(self._clip.position)
            else:
                place = self._queue.before(self._clip.position)
            self._go_to(place)
            self._visit += 1
        self._publish()
        return place is not None

    def _go_to(self, place: int | None) -> None:
        """Make a row the current clip; None: stay."""
        if place is None or (self._clip and self._clip.position == place):
            return
        self._clip = self.clips.clip(place)

    def _go_if_nowhere(self) -> None:
        if self._clip is None:
            self._go_to(self._queue.first())
