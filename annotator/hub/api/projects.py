"""Routes: projects, their configuration and their members."""

from __future__ import annotations

from fastapi import APIRouter

from annotator.errors import Refused
from annotator.hub.api import bodies
from annotator.hub.api.asking import Asking, Store
from annotator.hub.member_config import problems_of
from annotator.hub.store.members import Member
from annotator.hub.store.projects import ProjectInfo

__all__ = [
    "edit_project",
    "get_config",
    "get_project",
    "list_members",
    "list_projects",
    "make_project",
    "remove_member",
    "router",
    "set_config",
    "set_member",
]

router = APIRouter(prefix="/projects", tags=["projects"])


@router.get("")
def list_projects(
    caller: Asking, store: Store, search: str = "", archived: bool = False
) -> list[ProjectInfo]:
    """List one's own projects and shared ones."""
    return store.projects.list(caller, search, archived=archived)


@router.post("", status_code=201)
def make_project(caller: Asking, store: Store, body: bodies.Project) -> ProjectInfo:
    """Make a project of one's own."""
    return store.projects.create(caller, body.name, body.description)


@router.get("/{uid}")
def get_project(caller: Asking, store: Store, uid: str) -> ProjectInfo:
    """Tell what is known of a project."""
    return store.projects.get(caller, uid)


@router.patch("/{uid}")
def edit_project(
    caller: Asking, store: Store, uid: str, body: bodies.ProjectEdit
) -> ProjectInfo:
    """Give a project another name or description, put it away or take it back."""
    before = store.projects.get(caller, uid)
    changes = body.name is not None or body.description is not None
    if body.archived is False and before.archived:
        store.projects.archive(caller, uid, archived=False)
    if changes:
        store.projects.edit(caller, uid, name=body.name, description=body.description)
    if body.archived and not before.archived:
        store.projects.archive(caller, uid)
    return store.projects.get(caller, uid)


@router.get("/{uid}/config")
def get_config(caller: Asking, store: Store, uid: str) -> bodies.Config:
    """Tell how a project is reviewed."""
    return bodies.Config(yaml=store.projects.config(caller, uid))


@router.put("/{uid}/config", status_code=204)
def set_config(caller: Asking, store: Store, uid: str, body: bodies.Config) -> None:
    """Say how a project is reviewed; places on the hub's disk are refused."""
    store.projects.get(caller, uid)  # before any work is done
    n_problems = len(problems_of(body.yaml, []))
    if n_problems:
        # The sentences name what was sent; a page may show them, an answer here not.
        msg = (
            f"The configuration has {n_problems} problem{'s' * (n_problems > 1)}; the "
            "project's page in the hub says which."
        )
        raise Refused((None, msg))
    store.projects.set_config(caller, uid, body.yaml)


@router.get("/{uid}/members")
def list_members(caller: Asking, store: Store, uid: str) -> list[Member]:
    """List who takes part."""
    return store.members.list(caller, uid)


@router.put("/{uid}/members/{user}", status_code=204)
def set_member(
    caller: Asking, store: Store, uid: str, user: str, body: bodies.Role
) -> None:
    """Invite a user, or give a member another role."""
    store.members.set(caller, uid, user, body.role)


@router.delete("/{uid}/members/{user}", status_code=204)
def remove_member(caller: Asking, store: Store, uid: str, user: str) -> None:
    """End a member's part in a project."""
    store.members.remove(caller, uid, user)
