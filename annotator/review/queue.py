"""The order in which clips come up: sorted, filtered, paged.

Everything is kept as NumPy arrays over the rows of the table, so that a table of
100,000 rows answers within milliseconds and never leaves the server whole.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
import pandas as pd

from annotator.review.filters import kind_of, mask_of
from annotator.sources.columns import check_column

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from annotator.review.filters import Filter

__all__ = ["Page", "Queue", "View"]

View = Literal["pending", "reviewed", "all"]

_ORDERS_KEPT = 8


class Page(NamedTuple):
    """Some rows of the queue, as they are shown."""

    frame: pd.DataFrame
    """Display columns, then `_position` (row in the table) and `_reviewed`."""
    n_pages: int
    """At least 1."""
    n_rows: int
    """Rows of all pages."""


class Queue:
    """Rows of a table in the order of their review.

    Parameters
    ----------
    frame
        The table of clips.
    columns
        Columns of a page; empty for all.

    Attributes
    ----------
    reviewed
        One boolean per row of the table; change it with `mark`.
    """

    def __init__(self, frame: pd.DataFrame, columns: Sequence[str] = ()) -> None:
        self._frame = frame
        self._shown = frame[list(columns)] if columns else frame
        self._allowed = np.ones(len(frame), dtype=bool)
        self._given: np.ndarray | None = None
        self._order = np.arange(len(frame))
        self._places = self._order
        self._sorted_by: tuple[str | None, bool] = (None, False)
        self._view: View = "all"
        self._positions: np.ndarray | None = None
        # Per object, not on the method: the cache must go when the table goes.
        self._ranks = lru_cache(maxsize=_ORDERS_KEPT)(self._compute_ranks)
        self.reviewed = np.zeros(len(frame), dtype=bool)

    @property
    def positions(self) -> np.ndarray:
        """Rows of the table that are in the queue, in its order."""
        if self._positions is None:
            self._positions = self._order[self._members()[self._order]]
        return self._positions

    @property
    def n_pending(self) -> int:
        """Rows without a review that meet the filters, in any view."""
        return int(np.count_nonzero(self._open() & ~self.reviewed))

    def mark(self, position: int, *, reviewed: bool) -> None:
        """Note whether a row has a review."""
        self.reviewed[position] = reviewed
        self._positions = None

    def mark_all(self, reviewed: np.ndarray) -> None:
        """Note for all rows whether they have a review."""
        self.reviewed = reviewed
        self._positions = None

    def restrict(self, given: np.ndarray | None) -> None:
        """Hold no rows but these, whatever the filters say; None: all."""
        self._given = given
        self._positions = None

    def show(self, view: View) -> None:
        """Let the queue hold the rows without a review, those with one, or all."""
        self._view = view
        self._positions = None

    def sort(self, column: str | None, *, descending: bool = False) -> None:
        """Order the rows by a column; equal ones stay as in the table, blanks last."""
        if (column, descending) == self._sorted_by:
            return
        if column is None:
            order = np.arange(len(self._frame))
        else:
            check_column(column, self._frame.columns, what="The sort order")
            ranks, last = self._ranks(column)
            key = np.where(ranks < 0, last, -ranks if descending else ranks)
            order = np.argsort(key, kind="stable")
        self._order = order
        self._places = np.empty_like(order)
        self._places[order] = np.arange(len(order))
        self._sorted_by = (column, descending)
        self._positions = None

    def filter(self, filters: Iterable[Filter]) -> None:
        """Keep only the rows that meet all conditions; nothing changes on an error."""
        allowed = np.ones(len(self._frame), dtype=bool)
        for column, condition, value in filters:
            check_column(column, self._frame.columns, what="A filter")
            allowed &= mask_of(self._frame[column], condition, value)
        self._allowed = allowed
        self._positions = None

    def first(self, *, pending: bool = False) -> int | None:
        """Return the first row, or the first without a review."""
        return self._next_from(0, pending=pending)

    def after(self, position: int, *, pending: bool = False) -> int | None:
        """Return the row after a place, which need not be in the queue itself."""
        return self._next_from(int(self._places[position]) + 1, pending=pending)

    def before(self, position: int) -> int | None:
        """Return the row before a place, which need not be in the queue itself."""
        ahead = self._order[: int(self._places[position])]
        found = np.flatnonzero(self._members()[ahead])
        return int(ahead[found[-1]]) if len(found) else None

    def place_of(self, position: int) -> int | None:
        """Return which row of the queue this is, from 0; None if it is not in it."""
        found = np.flatnonzero(self.positions == position)
        return int(found[0]) if len(found) else None

    def page(self, number: int, size: int) -> Page:
        """Return one page, counted from 0; beyond the last, the last."""
        n_rows = len(self.positions)
        size = max(1, size)
        n_pages = max(1, -(-n_rows // size))
        number = min(max(0, number), n_pages - 1)
        some = self.positions[number * size : (number + 1) * size]
        frame = self._shown.iloc[some].assign(
            _position=some, _reviewed=self.reviewed[some]
        )
        return Page(frame.reset_index(drop=True), n_pages, n_rows)

    def _open(self) -> np.ndarray:
        return self._allowed if self._given is None else self._allowed & self._given

    def _members(self) -> np.ndarray:
        if self._view == "all":
            return self._open()
        wanted = self.reviewed if self._view == "reviewed" else ~self.reviewed
        members: np.ndarray = self._open() & wanted
        return members

    def _next_from(self, place: int, *, pending: bool) -> int | None:
        members = self._members()
        if pending:
            members = members & ~self.reviewed
        rest = self._order[place:]
        ahead = members[rest]
        found = int(np.argmax(ahead)) if len(ahead) else 0
        return int(rest[found]) if len(ahead) and ahead[found] else None

    def _compute_ranks(self, column: str) -> tuple[np.ndarray, int]:
        """Return each row's rank by a column, -1 for blanks, and a rank beyond all."""
        values = self._frame[column]
        if values.dtype == object and kind_of(values) == "number":
            values = pd.to_numeric(values, errors="coerce")
        elif kind_of(values) != "number" and not _is_time(values):
            codes, different = pd.factorize(values)
            folded = [str(cell).casefold() for cell in different]
            ranks, _ = pd.factorize(np.array(folded, dtype=object), sort=True)
            return np.append(ranks, -1)[codes], len(different)
        ranks, different = pd.factorize(values, sort=True)
        return ranks.astype(np.int64), len(different)


def _is_time(values: pd.Series) -> bool:
    return bool(pd.api.types.is_datetime64_any_dtype(values.dtype))
