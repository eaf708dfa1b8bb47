"""The hub's REST API, under `annotator.hub.protocol.API`.

``uvicorn annotator.hub.api:app --workers 4`` serves it alone, with the database that
``ANNOTATOR_HUB_DB`` names; `annotator hub serve` mounts it beside the pages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from annotator.hub.api.application import create_app

if TYPE_CHECKING:
    from fastapi import FastAPI

    app: FastAPI

__all__ = ["app", "create_app"]


def __getattr__(name: str) -> Any:
    # Made when a server asks for it: who only imports the package opens no database.
    if name != "app":
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    from annotator.hub.server.locations import database_url
    from annotator.hub.store.hub_store import HubStore

    made = globals()["app"] = create_app(HubStore.open(database_url()))
    return made
