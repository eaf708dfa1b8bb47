"""The regions of the current clip, as views show them and a submit takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import param

from annotator.form.fields import Annotation, Window
from annotator.form.marking import missing_of_region
from annotator.review.desk import Desk
from annotator.review.publishing import Publisher
from annotator.review.shapes import Limits, Region, Rules

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from annotator.form.spec import FormSpec
    from annotator.review.drawing import Drawing
    from annotator.review.session import ReviewSession
    from annotator.sources.clips import Clip

__all__ = ["RegionBoard"]


class RegionBoard(Publisher):
    """What is marked in the clip under review; it follows the session.

    Parameters
    ----------
    form
        Says which tools there are, and what is asked about each region.
    """

    active = param.String(
        default="", constant=True, doc='Key of the region in hand; "": none.'
    )
    annotation = param.ClassSelector(
        class_=Annotation, constant=True, doc="What regions are for; None: for nothing."
    )
    can_redo = param.Boolean(default=False, constant=True, doc="A step was taken back.")
    can_undo = param.Boolean(
        default=False, constant=True, doc="There is a step to take back."
    )
    limits = param.ClassSelector(
        class_=Limits, constant=True, doc="How far regions may reach, s and Hz."
    )
    read_only = param.Boolean(
        default=False, constant=True, doc="Nothing may be drawn: no clip, or reviewed."
    )
    regions = param.List(
        item_type=Region, constant=True, doc="What is drawn, in order of drawing."
    )
    tool = param.String(default="", constant=True, doc="The tool in hand.")
    visit = param.Integer(
        default=0, constant=True, doc="Counts the drawings taken up, clip by clip."
    )
    window = param.Number(
        default=1.0, constant=True, doc="Length of windows of `fixed_duration`, s."
    )

    def __init__(self, form: FormSpec) -> None:
        self._form = form
        self._desk = Desk(form)
        self._limits = Limits()
        super().__init__()
        self._publish()

    def follow(self, session: ReviewSession) -> None:
        """Turn to the clip that a session is at, now and from now on."""
        names = ["clip", "last_event", "revision"]
        session.param.watch(lambda *events: self._look(session, events), names)
        self._look(session, ())

    def start(
        self, clip: Clip | None, rows: Sequence[Mapping[str, Any]] | None = None
    ) -> None:
        """Turn to a clip.

        Parameters
        ----------
        clip
            What is marked from now on; None: nothing.
        rows
            Its output rows where it is reviewed: they are drawn, and stay as they
            are. None: it is to be marked; what was drawn before is there again.
        """
        with self._lock:
            if clip is not self._desk.clip:
                self._limits = Limits()
            self._desk.turn_to(clip, rows)
        self._publish()

    def use(self, annotation: Annotation | None) -> None:
        """Mark for this element of the form, which an answer brought into sight."""
        with self._lock:
            if self._desk.rows is None:
                self._desk.turn_over(annotation)
        self._publish()

    def limit(self, limits: Limits) -> None:
        """Say how far the clip's picture and its sound reach."""
        with self._lock:
            self._limits = limits
        self._publish()

    def _look(self, session: ReviewSession, events: Sequence[Any]) -> None:
        news = [e.new for e in events if e.name == "last_event" and e.new]
        again, clip = session.duplicate_entries, session.clip
        with self._lock:
            for event in news:
                if event.kind == "set":
                    self._desk.finish(event.clip, keep=not again)
        if clip is None or again or not session.is_reviewed(clip.position):
            self.start(clip)
        else:
            self.start(clip, session.values_of(clip.position))

    @property
    def current(self) -> Region | None:
        """The region that numbers and questions are about: in hand, or the only one."""
        with self._lock:
            now = self._now
            found = now.region(now.active)
            if found is None and self._rules.is_single:
                found = next(iter(now.regions), None)
            return found

    def as_rows(self) -> list[Region]:
        """Return what `ReviewSession.submit` takes: a region for each output row.

        Without boxes multibox gives none; other tools give an empty one, whose
        cells stay empty.
        """
        with self._lock:
            if self._desk.annotation is None:
                return []
            regions = list(self._now.regions)
            return regions or ([Region()] if self._rules.is_single else [])

    def missing(self) -> list[str]:
        """Return what is to be marked or answered before Submit."""
        with self._lock:
            annotation, regions = self._desk.annotation, self._now.regions
            if annotation is None:
                return []
            if not regions and not self._rules.is_single:
                return ["at least one box"]
            sections = self._form.sections
            return [
                f"{label} (box {number})" if len(regions) > 1 else label
                for number, region in enumerate(regions, 1)
                if region.is_drawn
                for label in missing_of_region(annotation, sections, region.values)
            ]

    def _state(self) -> Mapping[str, Any]:
        desk, now = self._desk, self._now
        return {
            "active": now.active,
            "annotation": desk.annotation,
            "can_redo": desk.is_open and desk.history.can_redo,
            "can_undo": desk.is_open and desk.history.can_undo,
            "limits": self._limits,
            "read_only": not desk.is_open,
            "regions": list(now.regions),
            "tool": now.tool,
            "visit": desk.visit,
            "window": now.length,
        }

    @property
    def _now(self) -> Drawing:
        return self._desk.now

    @property
    def _rules(self) -> Rules:
        annotation = self._desk.annotation
        window = annotation.window if annotation else Window()
        return Rules(self._now.tool, self._limits, window)
