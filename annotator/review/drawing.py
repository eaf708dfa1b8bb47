"""What is drawn for one clip, with its history: undo and redo of drawing.

A drawing never changes; each step makes a new one, so that a step back is the one
before. Each tool has a sheet of its own: changing the tool loses nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping

    from annotator.review.shapes import Region

__all__ = ["Drawing", "History"]

_MOST = 500  # steps back


@dataclass(frozen=True)
class Drawing:
    """Regions by tool, which tool is in hand, and which region."""

    tool: str = ""
    sheets: Mapping[str, tuple[Region, ...]] = field(default_factory=dict)
    active: str = ""
    """Key of the region in hand; "": none."""
    length: float = 1.0
    """Of the next window of `fixed_duration`, s."""

    @property
    def regions(self) -> tuple[Region, ...]:
        """What is drawn with the tool in hand."""
        return self.sheets.get(self.tool, ())

    def region(self, key: str) -> Region | None:
        """Return a region by its key, or None."""
        return next((region for region in self.regions if region.key == key), None)

    def holding(self, regions: Iterable[Region], active: str) -> Drawing:
        """Return this drawing with other regions on the sheet in sight."""
        sheets = {**self.sheets, self.tool: tuple(regions)}
        return replace(self, sheets=sheets, active=active)

    def with_region(self, region: Region) -> Drawing:
        """Return this drawing with a region in the place of its former self."""
        regions = [region if r.key == region.key else r for r in self.regions]
        return self.holding(regions, region.key)


class History:
    """A drawing and the ones before it.

    Parameters
    ----------
    now
        The first drawing.
    """

    def __init__(self, now: Drawing) -> None:
        self.now = now
        self._before: list[Drawing] = []
        self._after: list[Drawing] = []
        self._gesture: Hashable = None

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        return bool(self._before)

    @property
    def can_redo(self) -> bool:
        """Whether a step was taken back."""
        return bool(self._after)

    def start_of(self, gesture: Hashable) -> Drawing:
        """Return what there was before a movement of the hand that may go on."""
        goes_on = gesture is not None and gesture == self._gesture and self._before
        return self._before[-1] if goes_on else self.now

    def step(self, drawing: Drawing, gesture: Hashable = None) -> None:
        """Go on to a drawing.

        Parameters
        ----------
        drawing
            What there is now.
        gesture
            Names the movement of the hand; steps of the same one are taken back
            together. None: a step of its own.
        """
        same = gesture is not None and gesture == self._gesture
        if _is_same(drawing, self.now):
            self._gesture = gesture if same else None
        elif same and self._before and _is_same(drawing, self._before[-1]):
            self._before.pop()  # a drag that was let be
            self._gesture = None
        else:
            if not (same and self._before):
                self._before.append(self.now)
                del self._before[:-_MOST]
            self._after.clear()
            self._gesture = gesture
        self.now = drawing

    def hold(self, key: str) -> None:
        """Take a region in hand, which is no step."""
        self.now = replace(self.now, active=key)
        self._gesture = None

    def undo(self) -> bool:
        """Take a step back; whether there was one."""
        return self._go(self._before, self._after)

    def redo(self) -> bool:
        """Take a step again that was taken back; whether there was one."""
        return self._go(self._after, self._before)

    def _go(self, there: list[Drawing], here: list[Drawing]) -> bool:
        self._gesture = None
        if not there:
            return False
        here.append(self.now)
        self.now = there.pop()
        return True


def _is_same(one: Drawing, other: Drawing) -> bool:
    """Tell whether nothing was drawn between two drawings."""
    return replace(one, active="") == replace(other, active="")
