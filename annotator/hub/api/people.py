"""Routes: oneself, and one's tokens."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter

from annotator.errors import Forbidden
from annotator.hub.api import bodies
from annotator.hub.api.asking import Asking, Store
from annotator.hub.permissions import require_scope
from annotator.hub.protocol import SCOPES, VERSION
from annotator.hub.store.tokens import TokenInfo

__all__ = [
    "MadeToken",
    "Me",
    "delete_token",
    "list_tokens",
    "make_token",
    "me",
    "router",
]

router = APIRouter(tags=["people"])


@dataclass(frozen=True)
class Me:
    """Who asks, and with which token."""

    name: str
    is_admin: bool
    key_id: str
    scopes: tuple[str, ...]
    protocol: int


@dataclass(frozen=True)
class MadeToken:
    """A token; it is told this once."""

    token: str
    info: TokenInfo


@router.get("/me")
def me(caller: Asking) -> Me:
    """Tell who the token's user is."""
    scopes = tuple(scope for scope in SCOPES if scope in caller.scopes)
    user = caller.user
    return Me(user.name, user.is_admin, caller.key_id or "", scopes, VERSION)


@router.get("/tokens")
def list_tokens(caller: Asking, store: Store) -> list[TokenInfo]:
    """List what is known of one's tokens."""
    require_scope(caller, "admin")
    return store.tokens.list(caller.user)


@router.post("/tokens", status_code=201)
def make_token(caller: Asking, store: Store, body: bodies.Token) -> MadeToken:
    """Make a token: one that may do no more than the one that asks."""
    require_scope(caller, "admin")
    scopes = [s for s in SCOPES if s in caller.scopes and s != "admin"]
    wanted = scopes if body.scopes is None else body.scopes
    if not set(wanted) & set(SCOPES) <= caller.scopes:
        msg = "A token makes tokens of its own scopes only."
        raise Forbidden(msg)
    uids = body.project_uids
    if caller.project_uids is not None:
        uids = [*caller.project_uids] if uids is None else uids
        if not set(uids) <= caller.project_uids:
            msg = "A token makes tokens for its own projects only."
            raise Forbidden(msg)
    made = store.tokens.create(
        caller.user, body.name, wanted, days=body.days, project_uids=uids
    )
    return MadeToken(made.secret, made.info)


@router.delete("/tokens/{key_id}", status_code=204)
def delete_token(caller: Asking, store: Store, key_id: str) -> None:
    """Make a token invalid: any of one's own with the scope admin, or this one."""
    if key_id != caller.key_id:
        require_scope(caller, "admin")
    store.tokens.delete(caller.user, key_id)
