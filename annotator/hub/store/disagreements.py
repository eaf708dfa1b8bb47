"""Clips about which annotators disagree, and what became of them.

A disagreement is *adjudicated* once a manager decided what is right, and *open* before;
also again, when somebody says something else after the decision.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from annotator.hub.store.adjudications import Decision

__all__ = ["Disagreement", "Label", "State", "disagreement"]

State = Literal["open", "adjudicated"]


@dataclass(frozen=True)
class Label:
    """What an annotator says of a clip."""

    text: str
    seq: int
    """Number of the event that says so."""


@dataclass(frozen=True)
class Disagreement:
    """A clip whose annotators gave different labels, or others than the decided one."""

    clip: str
    """Its identity."""
    labels: Mapping[str, str]
    """By annotator, the latest last; decisions are not among them."""
    decided: str = ""
    """The label that is right, if it was decided."""
    decision: Decision | None = None
    changed_by: Sequence[str] = ()
    """Who said something else since."""

    @property
    def state(self) -> State:
        """Whether somebody has to look at it."""
        is_open = self.decision is None or self.changed_by
        return "open" if is_open else "adjudicated"


def disagreement(
    clip: str, labels: Mapping[str, Label], decision: Decision | None, column: str
) -> Disagreement | None:
    """Return how annotators disagree about a clip; None: they do not.

    Parameters
    ----------
    clip
        Its identity.
    labels
        By annotator, none of them empty.
    decision
        Made about the clip, if one holds.
    column
        Whose labels they are.
    """
    texts = {name: label.text for name, label in labels.items()}
    if decision is None or not decision.settles(column):
        return Disagreement(clip, texts) if len({*texts.values()}) > 1 else None
    right = decision.label(column)
    if {*texts.values()} == {right} or (not right and len({*texts.values()}) < 2):
        return None
    since = [
        name
        for name, label in labels.items()
        if label.seq > decision.seq and label.text != right
    ]
    return Disagreement(clip, texts, right, decision, since)
