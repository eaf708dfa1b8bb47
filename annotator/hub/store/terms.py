"""What is known of one clip, as parts of queries that look at clips.

Scalar subqueries, and no joins: whatever a database believes about its tables, it then
looks at one clip after the other, each by index, and stops at the first that fits.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from annotator.hub.store import tables
from annotator.hub.store.tables import assignments, clips, events, leases, members

__all__ = [
    "is_assigned_to",
    "is_done_by",
    "is_for_others",
    "n_assigned",
    "n_given",
    "standing",
    "wanted",
]

_rows = tables.annotations
_around = (clips, leases, members, _rows)
"""What a part may refer to, however far out that is: databases find one level alone."""
_Condition = sa.ColumnElement[bool]


def wanted() -> sa.ColumnElement[int]:
    """Return how many reviews a clip wants, the blind one included."""
    return clips.c.reviews_wanted + sa.case((clips.c.is_blind, 1), else_=0)


def standing() -> _Condition:
    """Tell which annotations are of a clip, and stand."""
    return sa.and_(
        _rows.c.project_id == clips.c.project_id,
        _rows.c.clip == clips.c.identity,
        _rows.c.until_seq.is_(None),
    )


def n_given(*where: _Condition) -> sa.ColumnElement[int]:
    """Return how many people reviewed a clip."""
    count = sa.func.count(sa.distinct(_rows.c.user_id))
    query = sa.select(count).where(standing(), *where)
    return query.correlate(clips).scalar_subquery()


def n_assigned(*where: _Condition) -> sa.ColumnElement[int]:
    """Return to how many people a clip is assigned."""
    count = sa.select(sa.func.count()).select_from(assignments)
    where = (assignments.c.clip_id == clips.c.id, *where)
    return count.where(*where).correlate(*_around).scalar_subquery()


def is_assigned_to(user_id: Any) -> _Condition:
    """Tell whether a clip is assigned to a person, or to the one of a query around."""
    return n_assigned(assignments.c.user_id == user_id) == 1


def is_for_others() -> _Condition:
    """Tell whether a clip is for people to whom it is not assigned.

    It is if it is assigned to nobody, and while it lacks a blind review: one by another
    member will do.
    """
    return sa.or_(
        n_assigned() == 0,
        sa.and_(clips.c.is_blind, n_given(~is_assigned_to(_rows.c.user_id)) == 0),
    )


def is_done_by(user_id: Any) -> _Condition:
    """Tell whether a person reviewed a clip, or skipped it as their last deed."""
    # The user is asked for in the sums, not in the conditions: of a clip there are few
    # events, and a database that looked for those of the user would read very many.
    is_own = sa.case((_rows.c.user_id == user_id, 1))
    own = sa.select(sa.func.count(is_own)).where(standing())
    is_skip = sa.case((events.c.kind == "skip", 1), else_=0)
    own_seq = sa.case((events.c.user_id == user_id, events.c.seq * 2 + is_skip))
    last = (  # odd: what they did last to the clip was to skip it
        sa.select(sa.func.coalesce(sa.func.max(own_seq), 0)).where(
            events.c.project_id == clips.c.project_id,
            events.c.clip == clips.c.identity,
        )
    )
    n_own = own.correlate(clips, members).scalar_subquery()
    last_seq = last.correlate(clips, members).scalar_subquery()
    return sa.or_(n_own > 0, last_seq % 2 == 1)
