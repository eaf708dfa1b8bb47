"""Regions of a clip, and what each tool allows them to be.

A region is a span of time, of frequency, or both; an edge may be missing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from annotator.errors import ParameterError
from annotator.form.drawing import BOUNDS, TIME_TOOLS, TOOLS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from annotator.form.fields import Window

__all__ = ["Limits", "Region", "Rules", "number_in"]

_START, _END, _MIN, _MAX = BOUNDS


@dataclass(frozen=True)
class Region:
    """What a person marked; seconds from the recording's start, and Hz."""

    key: str = ""
    start_time: float | None = None
    end_time: float | None = None
    min_frequency: float | None = None
    max_frequency: float | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    """Answers about this region, by output column."""

    @property
    def edges(self) -> dict[str, float | None]:
        """The four edges by their names."""
        return {name: getattr(self, name) for name in BOUNDS}

    @property
    def is_drawn(self) -> bool:
        """Whether it has an edge anywhere."""
        return any(edge is not None for edge in self.edges.values())


@dataclass(frozen=True)
class Limits:
    """How far regions may reach, s and Hz."""

    start_time: float = 0.0
    end_time: float = math.inf
    min_frequency: float = 0.0
    max_frequency: float = math.inf

    def clamp(self, name: str, value: float) -> float:
        """Move an edge inside."""
        if name in (_START, _END):
            return min(max(value, self.start_time), self.end_time)
        return min(max(value, self.min_frequency), self.max_frequency)


@dataclass(frozen=True)
class Rules:
    """What a tool makes of edges that a person drags or types.

    Parameters
    ----------
    tool
        One of `annotator.form.drawing.TOOLS`.
    limits
        Edges that are moved stay inside.
    window
        How long the regions of `fixed_duration` may be.
    """

    tool: str
    limits: Limits
    window: Window

    @property
    def names(self) -> tuple[str, ...]:
        """The edges that the tool sets."""
        return TOOLS.get(self.tool, ())

    @property
    def is_single(self) -> bool:
        """Whether there is one region at most."""
        return self.tool != "multibox"

    @property
    def is_prefilled(self) -> bool:
        """Whether its region is there from the start and cannot be removed."""
        return self.tool in TIME_TOOLS

    def apply(
        self, region: Region, edges: Mapping[str, float | None], length: float
    ) -> Region:
        """Return the region with some edges moved.

        Parameters
        ----------
        region
            As it was.
        edges
            Where the moved edges shall be; None takes one away. Edges that the tool
            does not set are passed over.
        length
            Of a window of `fixed_duration`, s.

        Raises
        ------
        ParameterError
            An edge is no finite number.
        """
        moved = {name: _number(edges[name]) for name in self.names if name in edges}
        if self.tool == "fixed_duration":
            return self._move_window(region, moved, length)
        now = {
            name: None if value is None else self.limits.clamp(name, value)
            for name, value in moved.items()
        }
        both: dict[str, Any] = {**region.edges, **now}
        for low, high in ((_START, _END), (_MIN, _MAX)):
            both |= self._in_order(low, high, both, now)
        return replace(region, **both)

    def _in_order(
        self,
        low: str,
        high: str,
        edges: Mapping[str, float | None],
        moved: Mapping[str, float | None],
    ) -> dict[str, float | None]:
        below, above = edges[low], edges[high]
        if below is None or above is None or below <= above:
            return {}
        if self.tool == "start_end_time_select" and len(moved) == 1:
            # The two lines do not cross: the one that is moved stops at the other.
            stop = above if low in moved else below
            return {low: stop, high: stop}
        return {low: above, high: below}

    def _move_window(
        self, region: Region, moved: Mapping[str, float | None], length: float
    ) -> Region:
        if None in moved.values():
            return replace(region, start_time=None, end_time=None)
        start, end = moved.get(_START), moved.get(_END)
        if start is not None and end is not None:
            start, end = min(start, end), max(start, end)
            if self.window.editable:
                length = self.length(end - start)
                # Dragged at its left edge, a window that is long enough stays at its right.
                start = end - length if end == region.end_time else start
        elif end is not None:
            start = end - length
        if start is None:
            return region
        start = max(min(start, self.limits.end_time - length), self.limits.start_time)
        return replace(region, start_time=start, end_time=start + length)

    def length(self, seconds: float) -> float:
        """Return the length nearest to this one that a window may have.

        Raises
        ------
        ParameterError
            It is no finite number.
        """
        window, seconds = self.window, _number(seconds) or 0.0
        if not window.editable:
            return window.length
        longest = math.inf if window.max is None else window.max
        return min(max(seconds, window.min), longest)


def number_in(cell: Any) -> float | None:
    """Return the number that a cell of a table holds, also as a text; else None."""
    try:
        number = math.nan if isinstance(cell, bool) else float(cell)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _number(value: Any) -> float | None:
    if value is None:
        return None
    number = None if isinstance(value, str) else number_in(value)
    if number is None:
        msg = f"An edge is {value!r}; it must be a finite number of seconds or Hz."
        raise ParameterError(msg)
    return number
