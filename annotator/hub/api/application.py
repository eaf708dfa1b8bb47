"""The FastAPI application: routes, border, errors."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from fastapi import FastAPI

from annotator.hub.api import (
    adjudications,
    clips,
    document,
    events,
    leases,
    me,
    members,
    problems,
    progress,
    projects,
    rows,
    snapshots,
    tokens,
)
from annotator.hub.api.border import Border
from annotator.hub.protocol import API
from annotator.hub.throttle import Throttle

if TYPE_CHECKING:
    from annotator.hub.store.hub_store import HubStore

__all__ = ["create_app"]

_NOUNS = (
    me,
    tokens,
    projects,
    members,
    clips,
    leases,
    events,
    adjudications,
    rows,
    snapshots,
    progress,
)


def create_app(store: HubStore) -> FastAPI:
    """Make the API of a hub.

    Parameters
    ----------
    store
        Its database.

    Returns
    -------
    fastapi.FastAPI
        With its OpenAPI document at ``/api/openapi.json``; the pages that show such
        documents need a network, and are not there.
    """
    app = FastAPI(
        title="Annotator hub",
        description=document.DESCRIPTION,
        version=_version(),
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        # A redirect would repeat whatever host the client named.
        redirect_slashes=False,
        responses=document.ERRORS,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.store = store
    app.state.throttle = Throttle()
    for noun in _NOUNS:
        app.include_router(noun.router, prefix=API)
    problems.install(app)
    document.install(app)
    app.add_middleware(Border)
    return app


def _version() -> str:
    try:
        return version("bioacoustic-annotator")
    except PackageNotFoundError:
        return "0"
