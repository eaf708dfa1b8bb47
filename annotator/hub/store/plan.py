"""What was said of all clips of a project: it holds for those that are added later."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from annotator.hub.store.tables import projects, reviewers, users

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.engine import Connection

__all__ = ["Plan", "is_marked", "plan_of", "remember", "remember_reviewers"]


@dataclass(frozen=True)
class Plan:
    """How often, by whom, and which share once more."""

    reviews_wanted: int
    """Reviews by different people; a blind one comes on top."""
    users: Sequence[str]
    """Who reviews the clips; nobody: all who may."""
    blind_share: float
    """0 to 0.2."""
    n_lacking: int
    """Clips that lack a person; see `lacking`."""


def plan_of(connection: Connection, project_id: int, n_lacking: int = 0) -> Plan:
    """Return what was said."""
    said = connection.execute(
        sa.select(projects.c.reviews_wanted, projects.c.blind_share).where(
            projects.c.id == project_id
        )
    ).one()
    names = connection.scalars(
        sa.select(users.c.name)
        .join(reviewers, reviewers.c.user_id == users.c.id)
        .where(reviewers.c.project_id == project_id)
        .order_by(users.c.name)
    )
    return Plan(said.reviews_wanted, list(names), said.blind_share, n_lacking)


def remember(connection: Connection, project_id: int, **said: float) -> None:
    """Keep `reviews_wanted` or `blind_share`."""
    own = projects.c.id == project_id
    connection.execute(sa.update(projects).where(own).values(**said))


def remember_reviewers(
    connection: Connection, project_id: int, user_ids: Sequence[int]
) -> None:
    """Keep who reviews."""
    own = reviewers.c.project_id == project_id
    connection.execute(sa.delete(reviewers).where(own))
    if user_ids:
        rows = [{"project_id": project_id, "user_id": one} for one in user_ids]
        connection.execute(sa.insert(reviewers), rows)


def is_marked(identity: str, share: float) -> bool:
    """Tell whether a clip is in the blind share: the same for the same clip, always."""
    digest = hashlib.sha256(identity.encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48 < share
