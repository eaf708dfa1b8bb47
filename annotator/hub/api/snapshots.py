"""Routes: the table of annotations as it was, under a name.

`which` is the number of a snapshot or, where it has no slash in it, the name.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import Field

from annotator.hub.api.asking import Asking, Store
from annotator.hub.api.files import TABLE, AskedTable, table
from annotator.hub.api.shapes import Answer, Body, Row
from annotator.hub.store.snapshots import Comparison, SnapshotInfo

__all__ = [
    "Changes",
    "NewSnapshot",
    "Snapshot",
    "compare_snapshots",
    "get_snapshot",
    "get_snapshot_rows",
    "list_snapshots",
    "router",
    "take_snapshot",
]

router = APIRouter(prefix="/projects/{uid}/snapshots", tags=["snapshots"])


class NewSnapshot(Body):
    """A snapshot to be taken."""

    name: Annotated[str, Field(max_length=120)] | None = Field(
        None, description='null: "Snapshot 3", by its number.'
    )
    message: str = Field("", max_length=2_000, description="What it is for.")


class Snapshot(Answer):
    """What is known of a snapshot."""

    number: int
    name: str
    message: str
    through_seq: int
    """Number of the last event in it."""
    n_rows: int
    sha256: str
    by: str
    created_at: str


class Changes(Answer):
    """What changed from one snapshot to another, by annotator and annotation."""

    added: list[Row]
    removed: list[Row]
    changed: list[Row]
    """As they are in the second one."""


@router.get("", response_model=list[Snapshot])
def list_snapshots(caller: Asking, store: Store, uid: str) -> list[SnapshotInfo]:
    """List the snapshots, newest first."""
    return store.snapshots.list(caller, uid)


@router.post("", status_code=201, response_model=Snapshot)
def take_snapshot(
    caller: Asking, store: Store, uid: str, body: NewSnapshot
) -> SnapshotInfo:
    """Take a snapshot of what the project has now."""
    return store.snapshots.create(caller, uid, body.name, body.message)


@router.get("/{which}", response_model=Snapshot)
def get_snapshot(caller: Asking, store: Store, uid: str, which: str) -> SnapshotInfo:
    """Tell what is known of a snapshot."""
    return store.snapshots.get(caller, uid, which)


@router.get("/{which}/rows", response_class=Response, responses=TABLE)
def get_snapshot_rows(
    caller: Asking,
    store: Store,
    uid: str,
    which: str,
    asked: Annotated[AskedTable, Query()],
) -> Response:
    """Give the annotations of a snapshot."""
    number = store.snapshots.get(caller, uid, which).number
    return table(
        lambda: store.snapshots.rows(caller, uid, number), asked, f"snapshot-{number}"
    )


@router.get("/{which}/compare/{other}", response_model=Changes)
def compare_snapshots(
    caller: Asking, store: Store, uid: str, which: str, other: str
) -> Comparison:
    """Tell what changed from one snapshot to another."""
    return store.snapshots.compare(caller, uid, which, other)
