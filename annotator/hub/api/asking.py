"""Who asks: from the header of a request to a `Caller`."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from annotator.errors import InvalidToken, Throttled
from annotator.hub.permissions import Caller
from annotator.hub.store.hub_store import HubStore

__all__ = ["Asking", "Store"]

_bearer = HTTPBearer(
    auto_error=False, description="A token of the hub's page Tokens: annh_..."
)


def _store(request: Request) -> HubStore:
    store: HubStore = request.app.state.store
    return store


Store = Annotated[HubStore, Depends(_store)]


def _caller(
    request: Request,
    store: Store,
    shown: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Caller:
    throttle = request.app.state.throttle
    address = request.client.host if request.client else None
    if shown is None:
        msg = "Send a token in the header Authorization: Bearer annh_..."
        raise InvalidToken(msg)
    try:
        # One who shows a good token is let in, whoever else is at that address.
        return store.tokens.check(shown.credentials)
    except InvalidToken:
        try:
            throttle.begin(address)
        except Throttled as error:
            raise error from None
        raise


Asking = Annotated[Caller, Depends(_caller)]
