"""What requests hold."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from annotator.hub.protocol import MAX_BATCH

__all__ = [
    "Assignment",
    "Clips",
    "Config",
    "Events",
    "Lease",
    "Project",
    "ProjectEdit",
    "Renewal",
    "Role",
    "Snapshot",
    "Token",
]

_MOST_CLIPS = 5_000  # in one request


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Token(_Body):
    """A token to be made."""

    name: str
    scopes: list[str] | None = Field(default=None, max_length=10)
    days: float | None = Field(default=90, allow_inf_nan=False)
    project_uids: list[str] | None = Field(default=None, max_length=1_000)


class Project(_Body):
    """A project to be made."""

    name: str
    description: str = ""


class ProjectEdit(_Body):
    """What is to be changed of a project."""

    name: str | None = None
    description: str | None = None
    archived: bool | None = None


class Config(_Body):
    """How a project is reviewed."""

    yaml: str


class Role(_Body):
    """What a member may do."""

    role: str


class Clips(_Body):
    """Clips to be added: objects with identity, recording, start_time, end_time, row."""

    clips: list[Any] = Field(max_length=_MOST_CLIPS)


class Assignment(_Body):
    """How often clips are reviewed, and by whom; what is left out stays."""

    reviews_wanted: int | None = Field(default=None, ge=1, le=100)
    users: list[str] | None = Field(default=None, max_length=1_000)
    blind_share: float | None = Field(default=None, allow_inf_nan=False)
    clips: list[str] | None = Field(default=None, max_length=_MOST_CLIPS)


class Lease(_Body):
    """How long the next clip is wanted."""

    minutes: float = Field(default=15, allow_inf_nan=False)


class Renewal(Lease):
    """Which clip is wanted longer."""

    clip: str


class Events(_Body):
    """Events as the annotator's log has them."""

    events: list[Any] = Field(max_length=MAX_BATCH)


class Snapshot(_Body):
    """A snapshot to be taken."""

    name: str | None = None
    message: str = ""
