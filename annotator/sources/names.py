"""The identities of a table's clips, computed when they are asked for.

A table of 100,000 rows opens without any; one clip's name looks only at the rows
that share its times.
"""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from annotator.sources.identities import clip_hash, identity, numbered, texts

if TYPE_CHECKING:
    from annotator.sources.recordings import Recordings

__all__ = ["ClipNames"]

_FEW = 1_000  # rows with the same times that are told apart one clip at a time


class ClipNames:
    """Names the rows of a table.

    Parameters
    ----------
    frame
        The table.
    recordings
        Tells what the table says about a row's recording.
    starts, ends
        Seconds, shape (rows,); NaN where the table has no number.
    index_column
        Column whose values are the names; None: see
        `annotator.sources.identities`.
    """

    def __init__(
        self,
        frame: pd.DataFrame,
        recordings: Recordings,
        starts: np.ndarray,
        ends: np.ndarray,
        index_column: str | None,
    ) -> None:
        self._frame = frame
        self._recordings = recordings
        self._starts = starts
        self._ends = ends
        self._index_column = index_column
        self._known: dict[int, str] = {}

    @cached_property
    def all(self) -> list[str]:
        """The name of every row."""
        if self._index_column:
            rows = len(self._frame)
            return texts(self._frame[self._index_column]) if rows else []
        found = list(self._by_times)
        positions = self._shared
        for position, name in zip(positions, self._told_apart(positions), strict=True):
            found[position] = name
        for position, name in self._known.items():
            found[position] = name
        return found

    def of(self, position: int) -> str:
        """Return the name of one row, without computing those of all."""
        if "all" in self.__dict__:
            return self.all[position]
        if position not in self._known:
            self._known[position] = self._of(position)
        return self._known[position]

    def position_of(self, name: str) -> int | None:
        """Return the row that a name stands for; None if there is none."""
        return self._positions.get(name)

    def once(self, name: str) -> list[int]:
        """Return the rows one of which had a name before others came beside it.

        A clip that is alone with its recording and times is named by these. When a
        row that shares them is added to the table, its name grows.
        """
        return [] if self._index_column else self._groups.get(name, [])

    def keep(self, position: int, name: str) -> None:
        """Let a row have the name that it had once."""
        self._known[position] = name
        if "all" in self.__dict__:
            self.all[position] = name
        self.__dict__.pop("_positions", None)

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {name: position for position, name in enumerate(self.all)}

    @cached_property
    def _by_times(self) -> list[str]:
        """What every row is called by its recording and times alone."""
        names = self._recordings.names(self._frame)
        starts, ends = self._starts.tolist(), self._ends.tolist()
        return list(map(clip_hash, names, starts, ends))

    @cached_property
    def _shared(self) -> np.ndarray:
        """The rows whose recording and times others have, too."""
        shared = pd.Series(self._by_times, dtype=object).duplicated(keep=False)
        return np.flatnonzero(shared.to_numpy())

    @cached_property
    def _groups(self) -> dict[str, list[int]]:
        groups: dict[str, list[int]] = {}
        for position in self._shared.tolist():
            groups.setdefault(self._by_times[position], []).append(position)
        return groups

    def _of(self, position: int) -> str:
        if self._index_column:
            return identity(self._frame[self._index_column].array[position])
        alike = _equal(self._starts, position) & _equal(self._ends, position)
        positions = np.flatnonzero(alike)
        if len(positions) > 1:
            rows = self._frame.iloc[positions]
            place = int(np.searchsorted(positions, position))
            positions = positions[self._recordings.sharing(rows, place)]
        if len(positions) > _FEW:
            return self.all[position]
        if len(positions) > 1:
            place = int(np.searchsorted(positions, position))
            return self._told_apart(positions)[place]
        (name,) = self._recordings.names(self._frame.iloc[[position]])
        return clip_hash(name, self._starts[position], self._ends[position])

    def _told_apart(self, positions: np.ndarray) -> list[str]:
        """Return names for rows that share their recording and times with others."""
        times = {"start_time", "end_time", self._recordings.column}
        columns = sorted(name for name in self._frame.columns if name not in times)
        rest = self._frame.iloc[positions]
        cells = [[f"{name}={cell}" for cell in texts(rest[name])] for name in columns]
        rows = zip(*cells, strict=True) if cells else [()] * len(positions)
        recordings = self._recordings.names(rest)
        names = (
            clip_hash(recording, self._starts[p], self._ends[p], *others)
            for p, recording, others in zip(positions, recordings, rows, strict=True)
        )
        return list(numbered(names))


def _equal(values: np.ndarray, position: int) -> np.ndarray:
    """Where a column has the value of one row; NaN equals NaN."""
    value = values[position]
    same: np.ndarray = np.isnan(values) if math.isnan(value) else values == value
    return same
