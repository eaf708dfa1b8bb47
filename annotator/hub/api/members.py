"""Routes: who takes part in a project."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter

from annotator.hub.api.asking import Asking, Store
from annotator.hub.api.shapes import Answer, Body
from annotator.hub.store.members import Member as StoredMember

__all__ = [
    "Member",
    "MemberEdit",
    "Role",
    "list_members",
    "remove_member",
    "router",
    "set_member",
]

router = APIRouter(prefix="/projects/{uid}/members", tags=["members"])

Role = Literal["viewer", "annotator", "manager"]
"""`annotator.hub.protocol.ROLES` without the owner's, as a type."""


class MemberEdit(Body):
    """What a member may do."""

    role: Role


class Member(Answer):
    """Somebody who takes part."""

    user: str
    role: str
    added_at: str


@router.get("", response_model=list[Member])
def list_members(caller: Asking, store: Store, uid: str) -> list[StoredMember]:
    """List who takes part, the owner first."""
    return store.members.list(caller, uid)


@router.put("/{user}", status_code=204)
def set_member(
    caller: Asking, store: Store, uid: str, user: str, body: MemberEdit
) -> None:
    """Invite a user, or give a member another role; managers are made by the owner."""
    store.members.set(caller, uid, user, body.role)


@router.delete("/{user}", status_code=204)
def remove_member(caller: Asking, store: Store, uid: str, user: str) -> None:
    """End a member's part in a project, or one's own; what they reviewed stays."""
    store.members.remove(caller, uid, user)
