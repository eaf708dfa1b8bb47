"""The FastAPI application: routes, border, errors."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from fastapi import FastAPI

from annotator.hub.api import people, problems, projects, results, work
from annotator.hub.api.border import Border
from annotator.hub.protocol import API
from annotator.hub.throttle import Throttle

if TYPE_CHECKING:
    from annotator.hub.store.hub_store import HubStore

__all__ = ["create_app"]


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
        version=_version(),
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        responses=problems.ERRORS,
    )
    app.state.store = store
    app.state.throttle = Throttle()
    for module in (people, projects, work, results):
        app.include_router(module.router, prefix=API)
    problems.install(app)
    app.add_middleware(Border)
    return app


def _version() -> str:
    try:
        return version("bioacoustic-annotator")
    except PackageNotFoundError:
        return "0"
