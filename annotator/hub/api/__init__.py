"""The hub's REST API, under `annotator.hub.protocol.API`.

``uvicorn annotator.hub.api:app --workers 4`` serves it alone, with the database that
``ANNOTATOR_HUB_DB`` names; `annotator hub serve` mounts it beside the pages.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from annotator.hub.api.application import create_app

if TYPE_CHECKING:
    from fastapi import FastAPI

__all__ = ["create_app"]

_DATABASE = "ANNOTATOR_HUB_DB"


def __getattr__(name: str) -> Any:
    if name != "app":
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    globals()["app"] = _open()
    return globals()["app"]


def _open() -> FastAPI:
    from annotator.errors import HubError
    from annotator.hub.store.hub_store import HubStore

    if not os.environ.get(_DATABASE):
        msg = f"Set {_DATABASE} to the address of the hub's database."
        raise HubError(msg)
    return create_app(HubStore.open(os.environ[_DATABASE]))
