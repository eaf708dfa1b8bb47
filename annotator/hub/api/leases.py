"""Routes: the next clip, one's own for a while."""

from __future__ import annotations

from fastapi import APIRouter, Response
from pydantic import Field

from annotator.hub.api.asking import Asking, Store
from annotator.hub.api.clips import Clip
from annotator.hub.api.shapes import Answer, Body, Identity
from annotator.hub.store.leases import Lease as StoredLease

__all__ = [
    "Lease",
    "Renewal",
    "Wish",
    "next_clip",
    "release_lease",
    "renew_lease",
    "router",
]

router = APIRouter(prefix="/projects/{uid}/leases", tags=["leases"])

_USUAL = 15.0  # minutes


class Wish(Body):
    """How long a clip is wanted."""

    minutes: float = Field(_USUAL, gt=0, le=24 * 60, allow_inf_nan=False)


class Renewal(Wish):
    """Which clip is wanted longer."""

    clip: Identity


class Lease(Answer):
    """A clip that is one's own for a while."""

    clip: Clip
    until: str
    """UTC, ISO 8601."""


@router.post(
    "",
    response_model=Lease,
    responses={204: {"description": "Nothing is left to review at this time."}},
)
def next_clip(
    caller: Asking, store: Store, uid: str, body: Wish | None = None
) -> StoredLease | Response:
    """Lease the next clip that one shall review; the one that one has is given again."""
    found = store.leases.next(
        caller, uid, minutes=_USUAL if body is None else body.minutes
    )
    return Response(status_code=204) if found is None else found


@router.post("/renew", response_model=Lease)
def renew_lease(caller: Asking, store: Store, uid: str, body: Renewal) -> StoredLease:
    """Keep a clip for so many minutes from now on."""
    return store.leases.renew(caller, uid, body.clip, minutes=body.minutes)


@router.delete("/{identity:path}", status_code=204)
def release_lease(caller: Asking, store: Store, uid: str, identity: str) -> None:
    """Give a clip back, so that others can have it; one that is not leased is none."""
    store.leases.release(caller, uid, identity)
