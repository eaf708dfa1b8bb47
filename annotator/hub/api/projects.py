"""Routes: projects, and how they are reviewed."""

from __future__ import annotations

from typing import Annotated, Self

from fastapi import APIRouter, Query
from pydantic import Field, model_validator

from annotator.errors import Refused
from annotator.hub.api.asking import Asking, Store
from annotator.hub.api.shapes import Answer, Asked, Body
from annotator.hub.member_config import LONGEST, problems_of
from annotator.hub.store.projects import ProjectInfo

__all__ = [
    "Config",
    "NewProject",
    "Project",
    "ProjectEdit",
    "Search",
    "edit_project",
    "get_config",
    "get_project",
    "list_projects",
    "make_project",
    "router",
    "set_config",
]

router = APIRouter(prefix="/projects", tags=["projects"])

Name = Annotated[str, Field(max_length=120)]
Description = Annotated[str, Field(max_length=10_000)]


class NewProject(Body):
    """A project to be made."""

    name: Name
    description: Description = ""


class ProjectEdit(Body):
    """What is to be changed of a project; what is left out stays."""

    name: Name | None = None
    description: Description | None = None
    archived: bool | None = None

    @model_validator(mode="after")
    def _is_one_change(self) -> Self:
        # Managers may do the one, owners the other, and half of a request is none.
        told = self.name is not None or self.description is not None
        if told == (self.archived is not None):
            msg = "change name and description, or archived, in a request of its own"
            raise ValueError(msg)
        return self


class Config(Body):
    """How a project is reviewed."""

    yaml: str = Field(max_length=LONGEST, description="Empty: nobody said.")


class Project(Answer):
    """A project as one of its members has it."""

    uid: str
    name: str
    owner: str
    role: str
    """Of the one who asks."""
    description: str
    archived: bool
    last_seq: int
    """Number of its last event."""
    created_at: str


class Search(Asked):
    """Which projects are asked for."""

    search: str = Field("", max_length=200, description="Part of a name or an owner's.")
    archived: bool = Field(False, description="The archived ones, and no others.")


@router.get("", response_model=list[Project])
def list_projects(
    caller: Asking, store: Store, asked: Annotated[Search, Query()]
) -> list[ProjectInfo]:
    """List one's own projects and shared ones, in the order of becoming a member."""
    return store.projects.list(caller, asked.search, archived=asked.archived)


@router.post("", status_code=201, response_model=Project)
def make_project(caller: Asking, store: Store, body: NewProject) -> ProjectInfo:
    """Make a project of one's own."""
    return store.projects.create(caller, body.name, body.description)


@router.get("/{uid}", response_model=Project)
def get_project(caller: Asking, store: Store, uid: str) -> ProjectInfo:
    """Tell what is known of a project."""
    return store.projects.get(caller, uid)


@router.patch("/{uid}", response_model=Project)
def edit_project(
    caller: Asking, store: Store, uid: str, body: ProjectEdit
) -> ProjectInfo:
    """Give a project another name or description; or put it away, or take it back.

    It takes the scope project:read too, since the answer is the project.
    """
    store.projects.get(caller, uid)  # or nothing was changed, when that is told
    if body.archived is None:
        store.projects.edit(caller, uid, name=body.name, description=body.description)
    else:
        store.projects.archive(caller, uid, archived=body.archived)
    return store.projects.get(caller, uid)


@router.get("/{uid}/config")
def get_config(caller: Asking, store: Store, uid: str) -> Config:
    """Tell how a project is reviewed."""
    return Config(yaml=store.projects.config(caller, uid))


@router.put("/{uid}/config", status_code=204)
def set_config(caller: Asking, store: Store, uid: str, body: Config) -> None:
    """Say how a project is reviewed; what names a place on the hub's disk is refused."""
    n_problems = len(problems_of(body.yaml, []))
    if n_problems:
        # The sentences name what was sent: a page may show them, an answer here not.
        msg = (
            f"The configuration has {n_problems} problem{'s' * (n_problems > 1)}; the "
            "project's page in the hub says which."
        )
        raise Refused((None, msg))
    store.projects.set_config(caller, uid, body.yaml)
