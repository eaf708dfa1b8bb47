"""Who asks: from the header of a request to a `Caller`."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from annotator.errors import InvalidToken, Throttled
from annotator.hub.permissions import Caller
from annotator.hub.store.hub_store import HubStore
from annotator.hub.throttle import Throttle

__all__ = ["Asking", "Store"]

_bearer = HTTPBearer(
    auto_error=False,
    scheme_name="token",
    bearerFormat="annh_...",
    description="A token of the hub's page Tokens.",
)


async def _store(request: Request) -> HubStore:
    store: HubStore = request.app.state.store
    return store


Store = Annotated[HubStore, Depends(_store)]


def _caller(
    request: Request,
    store: Store,
    shown: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Caller:
    if shown is None:
        msg = "Send a token in the header Authorization: Bearer annh_..."
        raise InvalidToken(msg)
    throttle: Throttle = request.app.state.throttle
    # As the server knows it. Whether a proxy is believed that names another one is the
    # server's setting: --behind-proxy, or uvicorn's --forwarded-allow-ips.
    address = request.client.host if request.client else None
    try:
        # A good token comes through whoever else is at its address: nobody guesses 190
        # random bits, and one forgotten script must not shut out a whole team.
        return store.tokens.check(shown.credentials)
    except InvalidToken:
        try:
            throttle.begin(address)
        except Throttled as error:
            raise error from None
        raise


Asking = Annotated[Caller, Depends(_caller)]
"""The one who shows a token; without a good one no route is entered."""
