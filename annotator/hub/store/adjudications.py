"""Adjudications: reviews by which a manager says what is right.

They are events like any other; a table beside them says which these are. The *decision*
about a clip is its last adjudication whose rows stand. Nothing is ever written to take
one back: when its rows are replaced or removed, as after an undo, it holds no more.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from annotator.annotations.events import identity as text_of
from annotator.errors import Refused
from annotator.hub.checks import is_text
from annotator.hub.store import tables
from annotator.hub.store.assigning import chunks
from annotator.hub.store.standing import stands_at
from annotator.hub.store.tables import adjudications, events, users

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.engine import Connection

    from annotator.hub.store.appending import Line

__all__ = [
    "Decision",
    "check_column",
    "decisions_at",
    "is_adjudication",
    "keep_reviews",
    "mark",
]

_rows = tables.annotations
_LONGEST_COLUMN = 200
_ADD = sa.insert(adjudications)


@dataclass(frozen=True)
class Decision:
    """What was decided about a clip."""

    seq: int
    """Number of the event that decided it."""
    clip: str
    by: str
    at: str
    """By the hub's clock."""
    column: str | None
    """Whose labels differed, if that was said."""
    row: Mapping[str, Any]
    """The last of the rows that say what is right."""

    def label(self, column: str) -> str:
        """Return what it says there; "" if nothing."""
        return text_of(self.row.get(column))

    def settles(self, column: str) -> bool:
        """Tell whether it is about this column: asked for it, or answering it."""
        return column == self.column or bool(self.label(column))


def check_column(column: str | None) -> None:
    """Raise `Refused` unless this may be the column of an adjudication."""
    if column is not None and not is_text(column, _LONGEST_COLUMN):
        msg = f"The column is a text of at most {_LONGEST_COLUMN} characters."
        raise Refused((None, msg))


def mark(
    connection: Connection, project_id: int, seqs: range, column: str | None
) -> None:
    """Say of events, which the same transaction appended, that they adjudicate."""
    own = {"project_id": project_id, "label_column": column}
    if seqs:
        connection.execute(_ADD, [{**own, "seq": seq} for seq in seqs])


def is_adjudication(
    project_id: sa.ColumnElement[int], seq: sa.ColumnElement[int]
) -> sa.ColumnElement[bool]:
    """Return the condition that the event of a number, in two columns, is one."""
    return sa.exists().where(
        adjudications.c.project_id == project_id, adjudications.c.seq == seq
    )


def keep_reviews(
    connection: Connection,
    project_id: int,
    user_id: int,
    lines: Sequence[tuple[int, Line]],
) -> None:
    """Raise `Refused` if an adjudication would replace the person's own review.

    What they say as one annotator of several must not go when they say what is right:
    how far annotators agree would change.

    Parameters
    ----------
    connection, project_id, user_id
        Within whose transaction, where, and who adjudicates.
    lines
        New events, each with its place in what was sent.
    """
    places = {one: place for place, line in lines for one, _row in line.rows}
    wrong: set[int] = set()
    for some in chunks([*places]):
        taken = connection.scalars(
            sa.select(_rows.c.annotation_id).where(
                _rows.c.project_id == project_id,
                _rows.c.user_id == user_id,
                _rows.c.annotation_id.in_(some),
                _rows.c.until_seq.is_(None),
                ~is_adjudication(_rows.c.project_id, _rows.c.from_seq),
            )
        )
        wrong.update(places[one] for one in taken)
    if wrong:
        reason = "Your own review has that annotation_id; give the row another one."
        raise Refused(*((place, reason) for place in sorted(wrong)))


def decisions_at(
    connection: Connection, project_id: int, seq: int
) -> dict[str, Decision]:
    """Return the decisions that held after an event, by clip.

    Parameters
    ----------
    connection
        Within whose transaction.
    project_id
        Where.
    seq
        Number of the event.
    """
    found = connection.execute(
        sa.select(
            adjudications.c.seq,
            adjudications.c.label_column,
            _rows.c.clip,
            _rows.c.row,
            events.c.received_at,
            users.c.name,
        )
        .join(
            _rows,
            sa.and_(
                _rows.c.project_id == adjudications.c.project_id,
                _rows.c.from_seq == adjudications.c.seq,
            ),
        )
        .join(
            events,
            sa.and_(
                events.c.project_id == adjudications.c.project_id,
                events.c.seq == adjudications.c.seq,
            ),
        )
        .join(users, users.c.id == events.c.user_id)
        .where(adjudications.c.project_id == project_id, stands_at(project_id, seq))
        .order_by(adjudications.c.seq, _rows.c.id)
    )
    return {
        one.clip: Decision(
            seq=one.seq,
            clip=one.clip,
            by=one.name,
            at=one.received_at,
            column=one.label_column,
            row=json.loads(one.row),
        )
        for one in found
    }
