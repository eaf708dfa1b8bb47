"""Routes: clips, who reviews them, and the events that come of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Response

from annotator.hub.api import bodies
from annotator.hub.api.asking import Asking, Store
from annotator.hub.store.clips import ClipInfo
from annotator.hub.store.events import StoredEvent
from annotator.hub.store.leases import Lease
from annotator.hub.store.progress import DayCount, Overall

__all__ = [
    "AddedClips",
    "AddedEvents",
    "After",
    "Limit",
    "Standing",
    "add_clips",
    "add_events",
    "assign",
    "lease_next",
    "list_clips",
    "list_events",
    "progress",
    "release_lease",
    "renew_lease",
    "router",
]

router = APIRouter(prefix="/projects/{uid}", tags=["work"])

After = Annotated[int, Query(ge=0, le=2**62)]
Limit = Annotated[int, Query(ge=1, le=1_000)]


@dataclass(frozen=True)
class AddedClips:
    """How many clips were new, and how many were there before."""

    new: int
    known: int


@dataclass(frozen=True)
class AddedEvents:
    """How many events were new, how many were there, and the last one's number."""

    new: int
    known: int
    last_seq: int


@dataclass(frozen=True)
class Standing:
    """How far a project is."""

    overall: Overall
    days: list[DayCount]


@router.get("/clips")
def list_clips(
    caller: Asking, store: Store, uid: str, after: After = 0, limit: Limit = 1_000
) -> list[ClipInfo]:
    """List clips in the order of adding; `after` is the id of the last one known."""
    return list(store.clips.list(caller, uid, after=after, limit=limit))


@router.post("/clips")
def add_clips(caller: Asking, store: Store, uid: str, body: bodies.Clips) -> AddedClips:
    """Add clips; those whose identity is known stay as they are."""
    n_new = store.clips.add(caller, uid, body.clips)
    return AddedClips(n_new, len(body.clips) - n_new)


@router.put("/assignment", status_code=204)
def assign(caller: Asking, store: Store, uid: str, body: bodies.Assignment) -> None:
    """Say how often clips are reviewed, and by whom."""
    if body.reviews_wanted is not None:
        store.clips.set_reviews(caller, uid, body.reviews_wanted, body.clips)
    if body.users is not None:
        store.clips.assign(caller, uid, body.users, body.clips)
    if body.blind_share is not None:
        store.clips.blind_share(caller, uid, body.blind_share)
    store.projects.get(caller, uid)


@router.post(
    "/leases",
    response_model=Lease,
    responses={204: {"description": "Nothing is left to review now."}},
)
def lease_next(
    caller: Asking, store: Store, uid: str, body: bodies.Lease | None = None
) -> Lease | Response:
    """Lease the next clip that one shall review."""
    body = body or bodies.Lease()
    lease = store.leases.next(caller, uid, minutes=body.minutes)
    return Response(status_code=204) if lease is None else lease


@router.post("/leases/renew")
def renew_lease(caller: Asking, store: Store, uid: str, body: bodies.Renewal) -> Lease:
    """Keep a clip for longer."""
    return store.leases.renew(caller, uid, body.clip, minutes=body.minutes)


@router.delete("/leases/{identity:path}", status_code=204)
def release_lease(caller: Asking, store: Store, uid: str, identity: str) -> None:
    """Give a clip back."""
    store.leases.release(caller, uid, identity)


@router.post("/events")
def add_events(
    caller: Asking, store: Store, uid: str, body: bodies.Events
) -> AddedEvents:
    """Append events: all of them or none. What comes again is counted, not stored."""
    added = store.events.add(caller, uid, body.events)
    return AddedEvents(added.n_new, added.n_known, added.last_seq)


@router.get("/events")
def list_events(
    caller: Asking, store: Store, uid: str, after: After = 0, limit: Limit = 1_000
) -> list[StoredEvent]:
    """List events in their order; `after` is the number of the last one known."""
    return store.events.list(caller, uid, after, limit)


@router.get("/progress")
def progress(caller: Asking, store: Store, uid: str) -> Standing:
    """Tell how far a project is."""
    days = store.progress.by_annotator_and_day(caller, uid)
    return Standing(store.progress.overall(caller, uid), days)
