"""What a person marks in the current clip: the truth that views draw.

Regions are in seconds from the recording's start and in Hz, whatever the axis that
they are drawn on.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from annotator.errors import ParameterError
from annotator.review.board import RegionBoard
from annotator.review.shapes import Region

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

    from annotator.review.drawing import Drawing, History

__all__ = ["RegionEditor"]

_SAME = 1e-9  # s: two lengths are one


class RegionEditor(RegionBoard):
    """Marks regions; methods may be called from any thread.

    Each step can be taken back. Where nothing may be marked (no clip, one that is
    reviewed, a form that does not ask for regions) they do nothing.
    """

    def choose_tool(self, tool: str) -> None:
        """Take another tool in hand; each has its own regions.

        Raises
        ------
        ParameterError
            The form does not offer the tool.
        """
        with self._lock:
            annotation = self._desk.annotation
            tools = annotation.tools if annotation else ()
            if tool not in tools:
                offered = ", ".join(tools) or "none"
                msg = f"There is no tool {tool!r} here; the form offers {offered}."
                raise ParameterError(msg)
            if self._desk.is_open and self._now.tool != tool:
                self._step(self._desk.sheet(tool))
        self._publish()

    def add(self, *, gesture: Hashable = None, **edges: float | None) -> Region | None:
        """Mark a region; a tool for a single one puts it in the place of the former.

        Parameters
        ----------
        gesture
            The movement of the hand that this belongs to: undone with it.
        edges
            `start_time`, `end_time` (s), `min_frequency`, `max_frequency` (Hz).

        Returns
        -------
        Region
            As it is within the limits; None: nothing may be marked.

        Raises
        ------
        ParameterError
            An edge is no number.
        """
        with self._lock:
            region = self._add(edges, gesture) if self._desk.is_open else None
        self._publish()
        return region

    def change(
        self, key: str, *, gesture: Hashable = None, **edges: float | None
    ) -> Region | None:
        """Move edges of a region, others stay; None: there is no such region.

        Parameters
        ----------
        key
            The region's.
        gesture, edges
            As for `add`. An edge that is None is taken away.

        Raises
        ------
        ParameterError
            An edge is no number.
        """
        with self._lock:
            # A drag says where its edges are, not how they went there: what was put in
            # order on the way, as edges crossed, does not count.
            start = self._desk.history.start_of(gesture)
            region = start.region(key) if self._desk.is_open else None
            if region is not None:
                region = self._rules.apply(region, edges, self._now.length)
                self._step(self._lengthened(self._now.with_region(region)), gesture)
        self._publish()
        return region

    def remove(self, key: str) -> bool:
        """Take a region away, a line back to its start; whether it was there."""
        with self._lock:
            now = self._now
            found = self._desk.is_open and now.region(key) is not None
            if found:
                rest = tuple(region for region in now.regions if region.key != key)
                self._step(now.holding(rest or self._desk.fresh(now.tool), ""))
        self._publish()
        return found

    def activate(self, key: str | None) -> None:
        """Take a region in hand; None, or a key that is not there: none."""
        with self._lock:
            known = bool(key) and self._now.region(str(key)) is not None
            self._desk.history.hold(str(key) if known else "")
        self._publish()

    def answer(self, key: str, column: str, value: Any) -> None:
        """Keep an answer about a region."""
        with self._lock:
            region = self._now.region(key) if self._desk.is_open else None
            if region is not None and region.values.get(column) != value:
                answered = replace(region, values={**region.values, column: value})
                active = self._now.active
                now = self._now.with_region(answered)
                self._step(replace(now, active=active), ("answer", key, column))
        self._publish()

    def set_window(self, seconds: float, *, gesture: Hashable = None) -> None:
        """Set how long windows are; the one that is there grows at its end.

        Raises
        ------
        ParameterError
            It is no number.
        """
        with self._lock:
            rules = self._rules
            length = rules.length(seconds)
            if self._desk.is_open and rules.window.editable:
                now = replace(self._now, length=length)
                for region in now.regions if now.tool == "fixed_duration" else ():
                    edges = {"start_time": region.start_time}
                    now = now.with_region(rules.apply(region, edges, length))
                self._step(replace(now, active=self._now.active), gesture)
        self._publish()

    def undo(self) -> bool:
        """Take back the last step of drawing; whether there was one."""
        return self._move(lambda history: history.undo())

    def redo(self) -> bool:
        """Take a step again that was taken back; whether there was one."""
        return self._move(lambda history: history.redo())

    def _add(
        self, edges: Mapping[str, float | None], gesture: Hashable
    ) -> Region | None:
        rules, now = self._rules, self._now
        former = now.regions[0] if rules.is_single and now.regions else None
        # A single region that is drawn anew keeps the answers given about it.
        values = former.values if former else self._desk.first_values()
        new = Region(self._desk.next_key(), values=values)
        region = rules.apply(new, edges, now.length)
        if not region.is_drawn:
            return None
        rest = () if rules.is_single else now.regions
        self._step(self._lengthened(now.holding([*rest, region], region.key)), gesture)
        return region

    def _lengthened(self, drawing: Drawing) -> Drawing:
        """Let the next window be as long as the one that was changed."""
        region = drawing.region(drawing.active)
        if drawing.tool != "fixed_duration" or region is None or not region.is_drawn:
            return drawing
        length = float(region.end_time or 0.0) - float(region.start_time or 0.0)
        if abs(length - drawing.length) < _SAME:
            return drawing
        return replace(drawing, length=length)

    def _step(self, drawing: Drawing, gesture: Hashable = None) -> None:
        self._desk.history.step(drawing, gesture)

    def _move(self, how: Callable[[History], bool]) -> bool:
        with self._lock:
            moved = self._desk.is_open and how(self._desk.history)
        self._publish()
        return moved
