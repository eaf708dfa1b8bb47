"""Route: how far a project is, and how far its annotators agree."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from annotator.hub.agreement import Level
from annotator.hub.api.asking import Asking, Store
from annotator.hub.api.shapes import Answer, Asked

__all__ = [
    "Agreement",
    "AskedProgress",
    "Day",
    "Disagreements",
    "Overall",
    "Pair",
    "Progress",
    "get_progress",
    "router",
]

router = APIRouter(prefix="/projects/{uid}", tags=["progress"])


class Overall(Answer):
    """How far the whole is."""

    n_clips: int
    n_reviewed: int
    """Clips with a review that stands."""
    n_complete: int
    """Clips with as many as they want."""
    n_reviews: int
    """Pairs of clip and annotator."""
    n_lacking: int
    """Clips that too few people may review to become complete."""


class Day(Answer):
    """What one annotator did on one day."""

    annotator: str
    day: str
    """UTC."""
    n_clips: int
    n_events: int


class Pair(Answer):
    """How far two annotators agree."""

    first: str
    second: str
    n_clips: int
    n_same: int
    kappa: float | None
    """Cohen's; null: it cannot be told."""


class Agreement(Answer):
    """How far all annotators agree on a column."""

    n_clips: int
    """Clips with labels of two annotators or more."""
    alpha: float | None
    """Krippendorff's; null: it cannot be told."""
    pairs: list[Pair]


class Disagreements(Answer):
    """How many clips have different labels in a column."""

    open: int
    adjudicated: int


class Progress(Answer):
    """How far a project is."""

    overall: Overall
    days: list[Day]
    labels: dict[str, int] | None = None
    """How often by label of the asked column, the most frequent first."""
    agreement: Agreement | None = None
    disagreements: Disagreements | None = None


class AskedProgress(Asked):
    """What is to be told beside the numbers of clips."""

    column: str | None = Field(
        None, max_length=200, description="Whose labels are counted and compared."
    )
    level: Level = Field("nominal", description="What these labels are.")


@router.get("/progress")
def get_progress(
    caller: Asking, store: Store, uid: str, asked: Annotated[AskedProgress, Query()]
) -> Progress:
    """Tell how far a project is and, of a column, its labels and their agreement."""
    counts = store.progress
    found = Progress(
        overall=Overall.model_validate(counts.overall(caller, uid)),
        days=[
            Day.model_validate(day) for day in counts.by_annotator_and_day(caller, uid)
        ],
    )
    if asked.column is not None:
        found.labels = counts.label_counts(caller, uid, asked.column)
        found.agreement = Agreement.model_validate(
            counts.agreement(caller, uid, asked.column, level=asked.level)
        )
        states = [one.state for one in counts.disagreements(caller, uid, asked.column)]
        found.disagreements = Disagreements(
            open=states.count("open"), adjudicated=states.count("adjudicated")
        )
    return found
