"""Routes: one's own tokens.

A token that makes others must have the scope `admin`, and hands on no more than it has:
one that leaked is no way to a stronger one.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import Field

from annotator.errors import Forbidden, ProjectNotFound, Refused
from annotator.hub.api.asking import Asking, Store
from annotator.hub.api.shapes import Answer, Body, Uid
from annotator.hub.permissions import require_scope
from annotator.hub.protocol import SCOPES
from annotator.hub.store.tokens import TokenInfo

__all__ = [
    "MadeToken",
    "NewToken",
    "Scope",
    "Token",
    "delete_token",
    "list_tokens",
    "make_token",
    "router",
]

router = APIRouter(prefix="/tokens", tags=["tokens"])

Scope = Literal["project:read", "project:write", "annotate", "snapshot", "admin"]
"""`annotator.hub.protocol.SCOPES`, as a type."""

_KEY_ID = re.compile(r"[0-9A-Za-z]{10}")


class NewToken(Body):
    """A token to be made."""

    name: str = Field(max_length=80, description="What it is for.")
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=20)] | None = Field(
        None, description="Without them: those of this token, but not admin."
    )
    days: Annotated[float, Field(gt=0, le=3_650, allow_inf_nan=False)] | None = Field(
        90, description="How long it is valid; null: until it is deleted."
    )
    project_uids: Annotated[list[Uid], Field(max_length=1_000)] | None = Field(
        None, description="Projects that it is for; null: all that this token is for."
    )


class Token(Answer):
    """What may be known of a token."""

    key_id: str
    name: str
    scopes: list[str]
    project_uids: list[str] | None
    created_at: str
    expires_at: str | None
    last_used_at: str | None


class MadeToken(Answer):
    """A token; it is told this once."""

    token: str
    info: Token


@router.get("", response_model=list[Token])
def list_tokens(caller: Asking, store: Store) -> list[TokenInfo]:
    """List what is known of one's tokens, newest first."""
    require_scope(caller, "admin")
    return store.tokens.list(caller.user)


@router.post("", status_code=201)
def make_token(caller: Asking, store: Store, body: NewToken) -> MadeToken:
    """Make a token that may do no more than the one that asks."""
    require_scope(caller, "admin")
    own = [scope for scope in SCOPES if scope in caller.scopes and scope != "admin"]
    scopes = own if body.scopes is None else body.scopes
    if not caller.scopes.issuperset(scopes):
        msg = "A token makes tokens of its own scopes only."
        raise Forbidden(msg)
    uids = body.project_uids
    if caller.project_uids is not None:
        uids = sorted(caller.project_uids) if uids is None else uids
        if not caller.project_uids.issuperset(uids):
            msg = "A token makes tokens for its own projects only."
            raise Forbidden(msg)
    made = store.tokens.create(
        caller.user, body.name, scopes, days=body.days, project_uids=uids
    )
    return MadeToken(token=made.secret, info=Token.model_validate(made.info))


@router.delete("/{key_id}", status_code=204)
def delete_token(caller: Asking, store: Store, key_id: str) -> None:
    """Make a token invalid: this one, or with the scope admin any of one's own."""
    if key_id != caller.key_id:
        require_scope(caller, "admin")
    try:
        if _KEY_ID.fullmatch(key_id) is None:  # a database may fail at such a text
            raise Refused
        store.tokens.delete(caller.user, key_id)
    except Refused:
        msg = "You have no such token."
        raise ProjectNotFound(msg) from None
