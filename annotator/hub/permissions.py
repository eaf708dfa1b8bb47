"""Who may do what: a role in the project, and a scope of the token, for each action.

A page acts with all scopes; a token with those it was made with. Both must allow it.
"""

from __future__ import annotations

from dataclasses import dataclass

from annotator.errors import Forbidden
from annotator.hub.protocol import ROLES, SCOPES

__all__ = [
    "ACTIONS",
    "ALL_SCOPES",
    "Caller",
    "User",
    "is_at_least",
    "require",
    "require_scope",
]

ALL_SCOPES = frozenset(SCOPES)

ACTIONS: dict[str, tuple[str, str]] = {
    # action: (least role, scope)
    "view": ("viewer", "project:read"),
    "annotate": ("annotator", "annotate"),
    "adjudicate": ("manager", "annotate"),
    "snapshot": ("annotator", "snapshot"),
    "edit": ("manager", "project:write"),  # name, description, configuration, clips
    "assign": ("manager", "project:write"),
    "plan": ("manager", "project:read"),  # to see what was assigned
    "members": ("manager", "project:write"),
    "dismiss": ("manager", "project:write"),  # members, also of an archived project
    "audit": ("manager", "project:read"),
    "archive": ("owner", "project:write"),
}
"""Least role in the project and scope of the token, by action."""


@dataclass(frozen=True)
class User:
    """A person who may log in."""

    id: int
    name: str
    is_admin: bool = False


@dataclass(frozen=True)
class Caller:
    """Who asks, and with what."""

    user: User
    scopes: frozenset[str] = ALL_SCOPES
    project_uids: frozenset[str] | None = None
    """Projects that the token is for; None: all of the person's."""
    key_id: str | None = None
    """Of the token; None: a page."""


def is_at_least(role: str, least: str) -> bool:
    """Tell whether a role may all that another one may.

    Examples
    --------
    >>> is_at_least("owner", "manager"), is_at_least("viewer", "annotator")
    (True, False)
    """
    return ROLES.index(role) >= ROLES.index(least)


def require(caller: Caller, role: str, action: str) -> None:
    """Raise `Forbidden` unless a member of this role may do that with this token.

    Parameters
    ----------
    caller
        Who asks.
    role
        The caller's role in the project; one who has none does not come this far.
    action
        One of `ACTIONS`.
    """
    least, scope = ACTIONS[action]
    if not is_at_least(role, least):
        msg = f"Your role in this project is {role}; this takes {least} or more."
        raise Forbidden(msg)
    require_scope(caller, scope)


def require_scope(caller: Caller, scope: str) -> None:
    """Raise `Forbidden` unless the token is for such things."""
    if scope not in caller.scopes:
        msg = f"This token lacks the scope {scope!r}; make another one that has it."
        raise Forbidden(msg)
