"""Routes: clips, and who reviews them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Self

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field, WithJsonSchema, model_validator

from annotator.hub.api.asking import Asking, Store
from annotator.hub.api.shapes import Answer, Asked, Body, Identity, Row
from annotator.hub.store.clips import ClipInfo

__all__ = [
    "AddedClips",
    "After",
    "Assigned",
    "Assignment",
    "Clip",
    "NewClips",
    "Plan",
    "SentClip",
    "add_clips",
    "assign",
    "get_assignment",
    "list_clips",
    "router",
]

router = APIRouter(prefix="/projects/{uid}", tags=["clips"])

_MOST = 5_000  # in one request


class SentClip(BaseModel):
    """A clip as it is sent; `annotator.hub.clip_rows` checks it, and says which is bad."""

    identity: str = Field(min_length=1, max_length=255, description="In one line.")
    recording: str = Field(min_length=1, max_length=2_000, description="Its address.")
    start_time: float = Field(description="Seconds from the recording's begin.")
    end_time: float = Field(description="Seconds; greater than start_time.")
    row: Row = Field(default={}, description="What else its table says of it.")


class NewClips(Body):
    """Clips to be added."""

    clips: Annotated[
        list[Any],
        Field(max_length=_MOST),
        WithJsonSchema(
            {
                "type": "array",
                "maxItems": _MOST,
                "items": {
                    **SentClip.model_json_schema(),
                    "additionalProperties": False,
                },
            }
        ),
    ]


class Assignment(Body):
    """How often clips are reviewed, and by whom; what is left out stays."""

    reviews_wanted: Annotated[int, Field(ge=1, le=100)] | None = None
    users: (
        Annotated[list[Annotated[str, Field(max_length=80)]], Field(max_length=1_000)]
        | None
    ) = Field(None, description="Members; an empty list: all may review them.")
    blind_share: Annotated[float, Field(ge=0, le=0.2, allow_inf_nan=False)] | None = (
        Field(
            None, description="Of all clips: with one more review, by another person."
        )
    )
    clips: Annotated[list[Identity], Field(max_length=_MOST)] | None = Field(
        None,
        description="Which ones reviews_wanted and users are for; null: all, and those "
        "that are added later.",
    )

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        of_clips = self.reviews_wanted is not None or self.users is not None
        if not of_clips and (self.blind_share is None or self.clips is not None):
            msg = "say reviews_wanted, users or blind_share; clips goes with the first two"
            raise ValueError(msg)
        return self


class Plan(Answer):
    """What was said of all clips: it holds for those that are added later, too."""

    reviews_wanted: int
    users: list[str]
    """Who reviews; nobody: all members who may."""
    blind_share: float
    n_lacking: int
    """Clips that too few people may review to become complete."""


class Clip(Answer):
    """A clip of a project."""

    id: int
    """Rises in the order in which clips were added."""
    identity: str
    recording: str
    start_time: float
    end_time: float
    row: Row
    reviews_wanted: int


class AddedClips(Answer):
    """How many clips were new, and how many were there before."""

    new: int
    known: int


class Assigned(Answer):
    """For how many clips that was said; null: nothing was."""

    reviews_wanted: int | None
    users: int | None
    blind_share: int | None


class After(Asked):
    """Which clips are asked for."""

    after: int = Field(0, ge=0, le=2**63 - 1, description="id of the last one known.")
    limit: int = Field(1_000, ge=1, le=10_000)


@router.get("/clips", response_model=list[Clip])
def list_clips(
    caller: Asking, store: Store, uid: str, asked: Annotated[After, Query()]
) -> Sequence[ClipInfo]:
    """List clips in the order in which they were added."""
    return store.clips.list(caller, uid, after=asked.after, limit=asked.limit)


@router.post("/clips")
def add_clips(caller: Asking, store: Store, uid: str, body: NewClips) -> AddedClips:
    """Add clips, all or none; those whose identity is known stay as they are."""
    n_new = store.clips.add(caller, uid, body.clips)
    return AddedClips(new=n_new, known=len(body.clips) - n_new)


@router.get("/assignment")
def get_assignment(caller: Asking, store: Store, uid: str) -> Plan:
    """Return what was said of all clips."""
    return Plan.model_validate(store.clips.plan(caller, uid))


@router.put("/assignment")
def assign(caller: Asking, store: Store, uid: str, body: Assignment) -> Assigned:
    """Say how often clips are reviewed, and by whom."""
    said = Assigned(reviews_wanted=None, users=None, blind_share=None)
    # First what may be refused for its names: then nothing else was done either.
    if body.users is not None:
        said.users = store.clips.assign(caller, uid, body.users, body.clips)
    if body.reviews_wanted is not None:
        said.reviews_wanted = store.clips.set_reviews(
            caller, uid, body.reviews_wanted, body.clips
        )
    if body.blind_share is not None:
        said.blind_share = store.clips.blind_share(caller, uid, body.blind_share)
    return said
