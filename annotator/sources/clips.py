"""The clips under review, one per row of the table.

A clip is a contiguous part of a recording: [start_time, end_time), in seconds.
"""

from __future__ import annotations

import math
import operator
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from annotator.errors import DataError, ParameterError
from annotator.sources.columns import check_column, seconds
from annotator.sources.identities import as_python, identity, is_missing, texts
from annotator.sources.names import ClipNames

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

    from annotator.sources.recordings import Recordings

__all__ = ["Clip", "ClipTable", "identity"]


@dataclass(frozen=True)
class Clip:
    """One row of the table, ready to be shown."""

    position: int
    """Row in the table, from 0."""
    identity: str
    """What its reviews are kept under."""
    index_value: object
    """What stands in the output's first column."""
    recording: str
    """Path or address; empty where the row names none."""
    start_time: float
    """Seconds from the recording's start; NaN where the table has no number."""
    end_time: float
    """Seconds, exclusive."""
    row: Mapping[str, object] = field(compare=False)
    """Every column's value as a Python object; None for a blank cell."""
    problem: str = ""
    """Why the clip cannot be shown, in one sentence; empty where it can."""

    def __getitem__(self, column: str) -> object:
        return self.row[column]

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return self.end_time - self.start_time


class ClipTable:
    """All clips of a review.

    Opening it costs next to nothing however long the table is: identities are
    computed when reviews have to be found among the rows.

    Parameters
    ----------
    frame
        Table with `start_time` and `end_time`, as `load_table` returns it.
    recordings
        Finds the recording of a row.
    index_column
        Column whose values name the clips. None: see `annotator.sources.identities`.
    pass_values
        Pairs (source column, output column) that a form copies; `match` knows an
        output row without a clip's name by them.

    Raises
    ------
    UnknownColumn
        `index_column`, or the column that names the recordings, is not there.
    DataError
        `index_column` has blank or repeated values.
    """

    def __init__(
        self,
        frame: pd.DataFrame,
        recordings: Recordings,
        *,
        index_column: str | None = None,
        pass_values: Sequence[tuple[str, str]] = (),
    ) -> None:
        self.frame = frame
        self.index_column = index_column or None
        self._recordings = recordings
        self._pass_values = tuple(pass_values)
        self._lookups: dict[tuple[str, ...], dict[tuple[str, ...], int]] = {}
        if len(frame):
            self._check_columns()
        self._starts = self._seconds("start_time")
        self._ends = self._seconds("end_time")
        self._names = ClipNames(
            frame, recordings, self._starts, self._ends, self.index_column
        )
        self._arrays = {str(name): frame[name].array for name in frame.columns}

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def columns(self) -> list[str]:
        """Names of the table's columns."""
        return list(self._arrays)

    @property
    def index_name(self) -> str:
        """Name of the output's column that holds the clip's name."""
        return self.index_column or "clip_id"

    def clip(self, position: int) -> Clip:
        """Return the clip of a row, counted from 0.

        Raises
        ------
        ParameterError
            There is no such row.
        """
        position = self._checked(position)
        row = {name: as_python(array[position]) for name, array in self._arrays.items()}
        name = self.identity_of(position)
        recording, problem = "", self._time_problem(position, row)
        try:
            recording = self._recordings.resolve(row)
        except DataError as err:
            problem = problem or str(err)
        return Clip(
            position=position,
            identity=name,
            index_value=row[self.index_column] if self.index_column else name,
            recording=recording,
            start_time=float(self._starts[position]),
            end_time=float(self._ends[position]),
            row=MappingProxyType(row),
            problem=problem,
        )

    @property
    def middles(self) -> np.ndarray:
        """The middle of every clip, s from its recording's start; NaN: no time."""
        middles: np.ndarray = (self._starts + self._ends) / 2
        return middles

    def rows_sharing_recording(self, position: int) -> np.ndarray:
        """Return the rows, from 0, whose clips are in the same recording as one."""
        position = self._checked(position)
        return np.flatnonzero(self._recordings.sharing(self.frame, position))

    @property
    def identities(self) -> list[str]:
        """The identity of every row."""
        return self._names.all

    def identity_of(self, position: int) -> str:
        """Return the identity of one row, without computing those of all."""
        return self._names.of(position)

    def positions_of(self, identity: str) -> list[int]:
        """Return the rows of a clip: one, or none where the table lost it."""
        position = self._names.position_of(identity)
        return [] if position is None else [position]

    def recognise(self, identity: str, rows: Iterable[Mapping[str, object]]) -> bool:
        """Give a clip back the identity under which it was reviewed once.

        Without an index column, a clip's identity grows when a row with its times
        is added to the table. Its output rows tell by the columns that the form
        copies which of these rows it is; where they do not, nothing changes.

        Parameters
        ----------
        identity
            One that is kept in the annotations and that no row has.
        rows
            Its output rows.
        """
        found = set(self._names.once(identity))
        for row in rows:
            pairs = self._pairs_in(row)
            fits = {p for p in found if pairs and self._fits(p, pairs, row)}
            found &= fits
        if len(found) != 1:
            return False
        self._names.keep(found.pop(), identity)
        return True

    def match(self, row: Mapping[str, object]) -> str | None:
        """Return the identity of the one clip that an output row can be about.

        It is found by the columns that the form copies into the output. None where
        they fit no clip, or several.
        """
        pairs = self._pairs_in(row)
        if not pairs:
            return None
        sources = tuple(source for source, _ in pairs)
        if sources not in self._lookups:
            self._lookups[sources] = self._lookup(sources)
        key = tuple(identity(row[output]) for _, output in pairs)
        position = self._lookups[sources].get(key, -1)
        return self.identity_of(position) if position >= 0 else None

    def _pairs_in(self, row: Mapping[str, object]) -> list[tuple[str, str]]:
        """Return the copied columns that an output row has a value for."""
        pairs = [pair for pair in self._pass_values if not is_missing(row.get(pair[1]))]
        return pairs if all(source in self._arrays for source, _ in pairs) else []

    def _fits(
        self, position: int, pairs: list[tuple[str, str]], row: Mapping[str, object]
    ) -> bool:
        return all(
            identity(self._arrays[source][position]) == identity(row[output])
            for source, output in pairs
        )

    def _lookup(self, sources: tuple[str, ...]) -> dict[tuple[str, ...], int]:
        """Map the values of columns to the row; to -1 where several rows have them."""
        found: dict[tuple[str, ...], int] = {}
        columns = [texts(self.frame[source]) for source in sources]
        for position, key in enumerate(zip(*columns, strict=True)):
            found[key] = -1 if key in found else position
        return found

    def _seconds(self, column: str) -> np.ndarray:
        if column not in self.frame.columns:
            if not len(self.frame):
                return np.zeros(0)
            check_column(column, self.frame.columns, what="The review")
        values: np.ndarray = seconds(self.frame[column]).to_numpy()
        return values

    def _check_columns(self) -> None:
        columns = self.frame.columns
        if self._recordings.column:
            check_column(self._recordings.column, columns, what="audio: column")
        if not self.index_column:
            return
        check_column(self.index_column, columns, what="data: index_column")
        values = self.frame[self.index_column]
        blank = np.flatnonzero((values.isna() | (values == "")).to_numpy(dtype=bool))
        if len(blank):
            rows = ", ".join(str(row + 1) for row in blank[:5])
            msg = (
                f"{len(blank)} rows have no value in the index column "
                f"{self.index_column!r}: row {rows}{' and more' * (len(blank) > 5)}."
            )
            raise DataError(msg)
        again = values[values.duplicated()].unique()
        if len(again):
            some = ", ".join(repr(as_python(value)) for value in again[:5])
            msg = (
                f"Values of the index column {self.index_column!r} are there twice, "
                f"so reviews could not be told apart: {some}"
                f"{' and more' * (len(again) > 5)}. "
                "Choose a column of unique values, or none."
            )
            raise DataError(msg)

    def _checked(self, position: int) -> int:
        row = operator.index(position)
        if 0 <= row < len(self):
            return row
        last = len(self) - 1
        there = f"rows are 0 to {last}" if len(self) else "the table is empty"
        msg = f"There is no row {row} in the table: {there}."
        raise ParameterError(msg)

    def _time_problem(self, position: int, row: Mapping[str, object]) -> str:
        start, end = float(self._starts[position]), float(self._ends[position])
        for column, value in (("start_time", start), ("end_time", end)):
            if not math.isfinite(value):
                there = row.get(column)
                said = "is blank" if there is None else f"says {there!r}"
                return (
                    f"Row {position + 1} of the table has no usable {column}: "
                    f"it {said}, and a number of seconds is needed."
                )
        if end < start:
            return (
                f"Row {position + 1} of the table ends at {end:g} s, "
                f"before its start at {start:g} s."
            )
        return ""
