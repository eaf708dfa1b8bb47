"""Route: the table of annotations as it is now."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from annotator.hub.api.asking import Asking, Store
from annotator.hub.api.files import TABLE, AskedTable, table

__all__ = ["get_annotations", "router"]

router = APIRouter(prefix="/projects/{uid}", tags=["annotations"])


@router.get("/annotations", response_class=Response, responses=TABLE)
def get_annotations(
    caller: Asking, store: Store, uid: str, asked: Annotated[AskedTable, Query()]
) -> Response:
    """Give the annotations of all members as they are now."""
    seq = store.projects.get(caller, uid).last_seq
    return table(lambda: store.annotations.rows(caller, uid, seq), asked, "annotations")
