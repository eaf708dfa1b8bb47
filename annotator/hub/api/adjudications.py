"""Routes: what annotators disagree about, and what a manager says is right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from annotator.hub.api.asking import Asking, Store
from annotator.hub.api.events import Added, Batch
from annotator.hub.api.shapes import Answer, Asked
from annotator.hub.store.disagreements import State

if TYPE_CHECKING:
    from annotator.hub.store.disagreements import Disagreement as Found

__all__ = [
    "Adjudications",
    "AskedDisagreements",
    "Decision",
    "Disagreement",
    "adjudicate",
    "list_disagreements",
    "router",
]

router = APIRouter(prefix="/projects/{uid}", tags=["adjudications"])

_COLUMN = 200  # characters


class Adjudications(Batch):
    """Events that say what is right about their clips."""

    column: Annotated[str, Field(max_length=_COLUMN)] | None = Field(
        None, description="Whose labels differed; null: not said."
    )


class Decision(Answer):
    """What was decided about a clip."""

    label: str
    """"" if a column that was asked about was left empty."""
    by: str
    at: str
    """UTC."""
    seq: int
    """Number of the event that decided it."""


class Disagreement(Answer):
    """A clip whose annotators gave different labels, or others than the decided one."""

    clip: str
    labels: dict[str, str]
    """By annotator, the latest last."""
    state: State
    decision: Decision | None
    changed_by: list[str]
    """Who said something else after the decision, which opens it again."""


class AskedDisagreements(Asked):
    """Which ones are asked for."""

    column: str = Field(max_length=_COLUMN, description="Whose labels are compared.")
    state: State | None = Field(None, description="Left out: all.")


@router.post("/adjudications")
def adjudicate(caller: Asking, store: Store, uid: str, body: Adjudications) -> Added:
    """Append events that decide about their clips, all or none.

    One that comes again is counted, and changes nothing.
    """
    added = store.events.adjudicate(caller, uid, body.events, body.column)
    return Added(new=added.n_new, known=added.n_known, last_seq=added.last_seq)


@router.get("/disagreements")
def list_disagreements(
    caller: Asking,
    store: Store,
    uid: str,
    asked: Annotated[AskedDisagreements, Query()],
) -> list[Disagreement]:
    """List the clips about which annotators disagree, the oldest first."""
    found = store.progress.disagreements(caller, uid, asked.column, asked.state)
    return [_told(one) for one in found]


def _told(one: Found) -> Disagreement:
    made = one.decision
    return Disagreement(
        clip=one.clip,
        labels=dict(one.labels),
        state=one.state,
        decision=None
        if made is None
        else Decision(label=one.decided, by=made.by, at=made.at, seq=made.seq),
        changed_by=list(one.changed_by),
    )
