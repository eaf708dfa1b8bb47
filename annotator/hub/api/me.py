"""Route: who one is."""

from __future__ import annotations

from fastapi import APIRouter

from annotator.hub.api.asking import Asking
from annotator.hub.api.shapes import Answer
from annotator.hub.protocol import SCOPES, VERSION

__all__ = ["Me", "me", "router"]

router = APIRouter(tags=["me"])


class Me(Answer):
    """Who asks, and with which token."""

    name: str
    is_admin: bool
    key_id: str
    """Of the token."""
    scopes: list[str]
    project_uids: list[str] | None
    """Projects that the token is for; null: all of the person's."""
    protocol: int


@router.get("/me")
def me(caller: Asking) -> Me:
    """Tell whose token it is, and what it is for. It takes no scope."""
    only = caller.project_uids
    return Me(
        name=caller.user.name,
        is_admin=caller.user.is_admin,
        key_id=caller.key_id or "",
        scopes=[scope for scope in SCOPES if scope in caller.scopes],
        project_uids=None if only is None else sorted(only),
        protocol=VERSION,
    )
