"""Routes: the annotations, now and as snapshots."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, Literal

from fastapi import APIRouter
from fastapi.responses import Response, StreamingResponse

from annotator.annotations.cells import dumps
from annotator.hub.api import bodies
from annotator.hub.api.asking import Asking, Store
from annotator.hub.exports import FORMATS, export
from annotator.hub.store.snapshots import Comparison, SnapshotInfo

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "Kind",
    "compare",
    "get_snapshot",
    "list_annotations",
    "list_snapshots",
    "router",
    "snapshot_rows",
    "take_snapshot",
]

router = APIRouter(prefix="/projects/{uid}", tags=["results"])

Kind = Literal["jsonl", "csv", "parquet"]
_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A table of annotations.",
        "content": {known.mime.partition(";")[0]: {} for known in FORMATS.values()},
    }
}
_AT_ONCE = 500  # lines in a piece of an answer


@router.get("/annotations", response_class=Response, responses=_FILE)
def list_annotations(
    caller: Asking, store: Store, uid: str, format: Kind = "jsonl"
) -> Response:
    """Give the annotations as they are now."""
    return _table(store.annotations.rows(caller, uid), format)


@router.get("/snapshots")
def list_snapshots(caller: Asking, store: Store, uid: str) -> list[SnapshotInfo]:
    """List the snapshots, newest first."""
    return store.snapshots.list(caller, uid)


@router.post("/snapshots", status_code=201)
def take_snapshot(
    caller: Asking, store: Store, uid: str, body: bodies.Snapshot
) -> SnapshotInfo:
    """Take a snapshot of what the project has now."""
    return store.snapshots.create(caller, uid, body.name, body.message)


@router.get("/snapshots/{which}")
def get_snapshot(caller: Asking, store: Store, uid: str, which: str) -> SnapshotInfo:
    """Tell what is known of a snapshot, by its number or name."""
    return store.snapshots.get(caller, uid, which)


@router.get("/snapshots/{which}/rows", response_class=Response, responses=_FILE)
def snapshot_rows(
    caller: Asking, store: Store, uid: str, which: str, format: Kind = "jsonl"
) -> Response:
    """Give the annotations of a snapshot."""
    return _table(store.snapshots.rows(caller, uid, which), format)


@router.get("/snapshots/{which}/compare/{other}")
def compare(
    caller: Asking, store: Store, uid: str, which: str, other: str
) -> Comparison:
    """Tell what changed from one snapshot to another."""
    return store.snapshots.compare(caller, uid, which, other)


def _table(rows: Iterator[dict[str, Any]], kind: str) -> Response:
    mime = FORMATS[kind].mime
    if kind != "jsonl":
        name = f'attachment; filename="annotations.{kind}"'
        headers = {"Content-Disposition": name}
        return Response(export(rows, kind), media_type=mime, headers=headers)
    # The first row now: what is not to be had must not begin as an answer.
    first = list(itertools.islice(rows, 1))
    return StreamingResponse(_lines(itertools.chain(first, rows)), media_type=mime)


def _lines(rows: Iterator[dict[str, Any]]) -> Iterator[bytes]:
    while piece := list(itertools.islice(rows, _AT_ONCE)):
        yield "".join(f"{dumps(row)}\n" for row in piece).encode()
