"""Routes: what people did."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field, WithJsonSchema

from annotator.hub.api.asking import Asking, Store
from annotator.hub.api.shapes import Answer, Asked, Body, Row
from annotator.hub.protocol import MAX_BATCH
from annotator.hub.store.events import StoredEvent

__all__ = [
    "Added",
    "After",
    "Batch",
    "Event",
    "SentEvent",
    "add_events",
    "list_events",
    "router",
]

router = APIRouter(prefix="/projects/{uid}/events", tags=["events"])


class SentEvent(BaseModel):
    """An event as it is sent; `annotator.hub.checks` checks it, and says which is bad."""

    id: UUID = Field(description="Made by the client, in lower case.")
    clip: str = Field("", max_length=255, description="Identity of the clip.")
    annotator: str = Field("", max_length=80, description="The hub goes by the token.")
    kind: Literal["set", "delete", "skip"]
    rows: list[Row] = Field(
        max_length=2_000, description="Each with its annotation_id, 1 to 80 characters."
    )
    look: Row = Field(default={}, description="How the clip was looked at.")
    created_at: str = Field(min_length=1, max_length=40, description="ISO 8601.")
    app_version: str = Field("", max_length=40)
    config: str = Field("", max_length=80)


class Batch(Body):
    """Events as the annotator's log has them."""

    events: Annotated[
        list[Any],
        Field(max_length=MAX_BATCH),
        WithJsonSchema(
            {
                "type": "array",
                "maxItems": MAX_BATCH,
                "items": {
                    **SentEvent.model_json_schema(),
                    "additionalProperties": False,
                },
            }
        ),
    ]


class Added(Answer):
    """What became of a batch."""

    new: int
    known: int
    """Events that were there already, sent again."""
    last_seq: int
    """Number of the project's last event."""


class Event(Answer):
    """An event, its number, and who sent it when."""

    seq: int
    id: str
    clip: str
    user: str
    annotator: str
    """What the sender's machine called the person."""
    kind: str
    rows: list[Row]
    look: Row
    created_at: str
    received_at: str
    app_version: str
    config: str
    adjudicates: bool
    """Whether it says what is right; see the route of adjudications."""


class After(Asked):
    """Which events are asked for."""

    after: int = Field(0, ge=0, le=2**63 - 1, description="seq of the last one known.")
    limit: int = Field(1_000, ge=1, le=1_000)


@router.post("")
def add_events(caller: Asking, store: Store, uid: str, body: Batch) -> Added:
    """Append events, all or none. One that comes again is counted, and changes nothing."""
    added = store.events.add(caller, uid, body.events)
    return Added(new=added.n_new, known=added.n_known, last_seq=added.last_seq)


@router.get("", response_model=list[Event])
def list_events(
    caller: Asking, store: Store, uid: str, asked: Annotated[After, Query()]
) -> list[StoredEvent]:
    """List events in their order.

    There may be fewer than asked for: go on after the last until there is none.
    """
    return store.events.list(caller, uid, asked.after, asked.limit)
