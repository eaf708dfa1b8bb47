"""Clips that can never get all reviews they want: there are too few people for them.

Who may review a clip is what `queue` says: those it is assigned to, or else everybody;
and the blind review of an assigned one may come from another member. Who reviewed or
skipped a clip does it no more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from annotator.hub.protocol import ROLES
from annotator.hub.store import tables, terms
from annotator.hub.store.tables import assignments, clips, events, members, users

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

__all__ = ["ANNOTATES", "n_lacking"]

ANNOTATES = ROLES[ROLES.index("annotator") :]
"""Roles of those who may review."""

_rows = tables.annotations


def n_lacking(connection: Connection, project_id: int) -> int:
    """Count the clips that want more reviews than there are people left to give them.

    Most clips need no close look: they have people enough, and nobody skipped them.
    """
    able = connection.scalars(_able(sa.select(members.c.user_id), project_id)).all()
    n_people = sa.case(
        (terms.n_assigned() == 0, len(able)),
        else_=terms.n_assigned(assignments.c.user_id.in_(able)),
    )
    skipped = sa.select(events.c.clip).where(
        events.c.project_id == project_id, events.c.kind == "skip"
    )
    is_doubtful = sa.or_(n_people < terms.wanted(), clips.c.identity.in_(skipped))
    n_needed = terms.wanted() - terms.n_given()
    is_lacking = sa.and_(n_needed > 0, _n_may(project_id) < n_needed)
    query = sa.select(sa.func.count()).where(
        clips.c.project_id == project_id,
        # A case keeps to its order: what is dear comes last, and seldom.
        sa.case((sa.not_(is_doubtful), 0), (is_lacking, 1), else_=0) == 1,
    )
    return int(connection.scalar(query) or 0)


def _able(query: sa.Select[Any], project_id: int) -> sa.Select[Any]:
    """Select from the members who may review."""
    return query.join(users, users.c.id == members.c.user_id).where(
        members.c.project_id == project_id,
        members.c.role.in_(ANNOTATES),
        users.c.is_active,
    )


def _n_may(project_id: int) -> sa.ColumnElement[int]:
    """Return how many people may still review a clip, one after the other."""
    one = members.c.user_id
    left = _able(sa.select(sa.func.count()).select_from(members), project_id)
    left = left.where(~terms.is_done_by(one)).correlate(clips)
    assigned = left.where(terms.is_assigned_to(one)).scalar_subquery()
    others = left.where(~terms.is_assigned_to(one)).scalar_subquery()
    return sa.case(
        (terms.n_assigned() == 0, left.scalar_subquery()),
        (sa.and_(terms.is_for_others(), others > 0), assigned + 1),
        else_=assigned,
    )
