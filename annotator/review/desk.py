"""Where drawings lie: one for each clip, and each element of the form that asks for them.

A person who goes on to another clip finds what was drawn when coming back, also when
a submit was undone or a review deleted.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from annotator.form.drawing import BOUNDS, TIME_TOOLS, TOOLS
from annotator.form.marking import initial_answers, region_inputs
from annotator.review.drawing import Drawing, History
from annotator.review.shapes import Region, number_in

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from annotator.form.fields import Annotation
    from annotator.form.spec import FormSpec
    from annotator.sources.clips import Clip

__all__ = ["Desk"]

_KEPT = 64  # clips whose drawings are kept

_Drawings = OrderedDict[str, dict[str, History]]


class Desk:
    """The drawings of one review.

    Parameters
    ----------
    form
        Says which tools there are, and what is asked about each region.
    """

    def __init__(self, form: FormSpec) -> None:
        self._form = form
        self.clip: Clip | None = None
        self.rows: list[dict[str, Any]] | None = None
        self.annotation: Annotation | None = None
        self.visit = 0
        self._n_keys = 0
        self._kept: _Drawings = OrderedDict()
        self._lay_out()

    def turn_to(
        self, clip: Clip | None, rows: Sequence[Mapping[str, Any]] | None
    ) -> None:
        """Take up a clip, or None; with its output rows where it is reviewed."""
        copies = None if rows is None else [dict(row) for row in rows]
        if self.visit and clip is self.clip and copies == self.rows:
            return
        self.visit += 1
        self._n_keys = 0
        self.clip, self.rows = clip, copies
        self.annotation = self._form.annotation(self._first_answers())
        self._lay_out()

    def turn_over(self, annotation: Annotation | None) -> None:
        """Take up the drawing for another element of the form."""
        if self.annotation is not annotation:
            self.annotation = annotation
            self._lay_out()

    def finish(self, identity: str, *, keep: bool) -> None:
        """Let the steps of a clip's drawings be past: they are submitted.

        Parameters
        ----------
        identity
            The clip.
        keep
            Whether to go on with them if the submit is undone; else the next
            drawing of the clip begins anew.
        """
        drawings = self._kept.pop(identity, {})
        if keep and drawings:
            forgetful = {key: History(old.now) for key, old in drawings.items()}
            _keep(self._kept, identity, forgetful)
        if identity == self._name:
            self.visit += 1
            self._lay_out()

    @property
    def is_open(self) -> bool:
        """Whether regions may be marked."""
        return bool(self.clip and self.rows is None and self.annotation)

    @property
    def now(self) -> Drawing:
        """The drawing in sight."""
        return self.history.now

    def sheet(self, tool: str) -> Drawing:
        """Return the drawing with another tool in hand."""
        now = self.now
        there = now.sheets[tool] if tool in now.sheets else self.fresh(tool)
        return replace(now, tool=tool, active="", sheets={**now.sheets, tool: there})

    def fresh(self, tool: str) -> tuple[Region, ...]:
        """Return what a tool begins with: lines at the clip's times, or nothing."""
        if self.annotation is None or self.clip is None or tool not in TIME_TOOLS:
            return ()
        edges: dict[str, Any] = {}
        for name in TOOLS[tool]:
            bound = self.annotation.bound(name)
            source = bound.source_value if bound else None
            # A cell that holds no time leaves the clip's own.
            given = number_in(self.clip.row.get(source)) if source else None
            own = number_in(getattr(self.clip, name))
            edges[name] = own if given is None else given
        start, end = edges.get("start_time"), edges.get("end_time")
        if start is not None and end is not None and start > end:
            edges = {"start_time": end, "end_time": start}
        return (Region(self.next_key(), **edges, values=self.first_values()),)

    def first_values(self) -> dict[str, Any]:
        """Return what the questions about a new region start with."""
        if self.annotation is None or self.clip is None:
            return {}
        return initial_answers(self.annotation, self._form.sections, self.clip.row)

    def next_key(self) -> str:
        """Return a key that no region of the review has."""
        self._n_keys += 1
        return f"{self.visit}-{self._n_keys}"

    @property
    def _name(self) -> str:
        """What the clip's drawings are kept under; nothing for a reviewed one."""
        return self.clip.identity if self.clip and self.rows is None else ""

    def _lay_out(self) -> None:
        name, key = self._name, self.annotation.key if self.annotation else ""
        drawings = self._kept.get(name, {})
        if key not in drawings:
            drawings[key] = History(self._begin())
        self.history = drawings[key]
        offered = self.annotation.tools if self.annotation else ()
        is_new = self.clip is not None and self.clip.identity not in self._kept
        if self.clip and is_new and self.rows and self.now.tool in offered:
            # If the review is deleted, what is in sight can be gone on with.
            name, drawings = self.clip.identity, {key: History(self.history.now)}
        if name:
            _keep(self._kept, name, drawings)

    def _first_answers(self) -> Mapping[str, Any]:
        if self.rows is not None:
            return self.rows[0] if self.rows else {}
        return self._form.initial(self.clip.row) if self.clip else {}

    def _begin(self) -> Drawing:
        annotation = self.annotation
        if annotation is None or self.clip is None:
            return Drawing()
        if self.rows is not None:
            return self._retraced(annotation, self.rows)
        tool = next(iter(annotation.tools), "")
        length = annotation.window.length
        return Drawing(tool, {tool: self.fresh(tool)}, length=length)

    def _retraced(
        self, annotation: Annotation, rows: Sequence[Mapping[str, Any]]
    ) -> Drawing:
        """Draw what output rows tell; the tool shows in which columns are filled."""
        asked = [e.column for e in region_inputs(annotation, self._form.sections)]
        regions = []
        for row in rows:
            edges = {b.name: number_in(row.get(b.column)) for b in annotation.bounds}
            values = {column: row.get(column) for column in asked}
            regions.append(Region(self.next_key(), **edges, values=values))
        drawn = tuple(region for region in regions if region.is_drawn)
        tool = _tool_of(annotation, drawn)
        return Drawing(tool, {tool: drawn}, length=annotation.window.length)


def _tool_of(annotation: Annotation, regions: Sequence[Region]) -> str:
    """Return the tool that draws such regions, one of the form's if there is one."""
    filled = {
        name
        for region in regions
        for name in BOUNDS
        if getattr(region, name) is not None
    }
    fits = [tool for tool, names in TOOLS.items() if filled <= set(names)]
    if len(regions) > 1:
        fits = ["multibox"]
    # Of those the one that sets the fewest edges besides.
    fewest = min((len(TOOLS[tool]) for tool in fits), default=0)
    fits = [tool for tool in fits if len(TOOLS[tool]) == fewest]
    offered = [tool for tool in annotation.tools if tool in fits]
    return next(iter([*offered, *fits]), "")


def _keep(kept: _Drawings, name: str, drawings: dict[str, History]) -> None:
    kept[name] = drawings
    kept.move_to_end(name)
    while len(kept) > _KEPT:
        kept.popitem(last=False)
