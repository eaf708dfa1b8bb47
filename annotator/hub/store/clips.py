"""The clips that a project wants reviewed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from annotator.hub.clip_rows import checked
from annotator.hub.store import access, audit, plan
from annotator.hub.store.assigning import Assigning, chunks, give_to
from annotator.hub.store.tables import clips, reviewers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.engine import Connection, Row

    from annotator.hub.permissions import Caller

__all__ = ["ClipInfo", "Clips"]

_MANY = 1_000
_MOST_LISTED = 10_000
_LAST = 2**63 - 1  # ids are of 64 bits


@dataclass(frozen=True)
class ClipInfo:
    """A clip of a project; whether it gets a blind review is not told."""

    id: int
    """Rises in the order in which clips were added."""
    identity: str
    recording: str
    start_time: float
    """Seconds from the recording's begin."""
    end_time: float
    row: dict[str, Any]
    """The source table's columns."""
    reviews_wanted: int

    @classmethod
    def of(cls, row: Row[Any]) -> ClipInfo:
        """Make it from a row of the table."""
        return cls(
            id=row.id,
            identity=row.identity,
            recording=row.recording,
            start_time=row.start_time,
            end_time=row.end_time,
            row=json.loads(row.row),
            reviews_wanted=row.reviews_wanted,
        )


class Clips(Assigning):
    """Adds clips to projects, lists them, and says who shall review them."""

    def add(self, caller: Caller, uid: str, rows: Sequence[Mapping[str, Any]]) -> int:
        """Add the clips that are new; those whose identity is known stay as they are.

        For the new ones holds what was said of all; see `Assigning`.

        Parameters
        ----------
        caller, uid
            Who asks, and the project's uid.
        rows
            Each with identity, recording, start_time and end_time (seconds), and row:
            what else its table said of it.

        Returns
        -------
        int
            How many were new. The others were there, or twice among `rows`, of which
            the first counts.

        Raises
        ------
        Refused
            A row is not as it should be; then none was added.
        """
        with self._database.reading() as connection:
            access.find(connection, caller, uid, "edit")  # before others' work is done
        found = checked(rows)
        with self._database.writing() as connection:
            project = access.find_and_lock(connection, caller, uid, "edit")
            before = _n(connection, project.id)
            last = _last(connection, project.id)
            _insert(connection, project.id, found)
            _assign_after(connection, project.id, last)
            n_new = _n(connection, project.id) - before
            _tell_planner(connection, n_new)
            n_known = len(rows) - n_new
            audit.note(
                connection, caller, "clips.add", project.id, new=n_new, known=n_known
            )
            return n_new

    def list(
        self, caller: Caller, uid: str, *, after: int = 0, limit: int = 1000
    ) -> Sequence[ClipInfo]:
        """List clips in the order in which they were added.

        Parameters
        ----------
        caller, uid
            Who asks, and the project's uid.
        after
            `id` of the last clip that the caller has; 0: from the beginning.
        limit
            Clips at most; no more than 10,000.
        """
        with self._database.reading() as connection:
            project = access.find(connection, caller, uid, "view")
            query = (
                sa.select(clips)
                .where(
                    clips.c.project_id == project.id,
                    clips.c.id > min(max(after, 0), _LAST),
                )
                .order_by(clips.c.id)
                .limit(min(max(limit, 0), _MOST_LISTED))
            )
            return [ClipInfo.of(row) for row in connection.execute(query)]

    def n(self, caller: Caller, uid: str) -> int:
        """Return how many clips the project has."""
        with self._database.reading() as connection:
            project = access.find(connection, caller, uid, "view")
            return _n(connection, project.id)


def _n(connection: Connection, project_id: int) -> int:
    count = sa.select(sa.func.count()).where(clips.c.project_id == project_id)
    return int(connection.scalar(count) or 0)


def _insert(
    connection: Connection, project_id: int, rows: Sequence[dict[str, Any]]
) -> None:
    """Add rows; those whose identity is there already change nothing."""
    is_sqlite = connection.dialect.name == "sqlite"
    insert = sqlite.insert(clips) if is_sqlite else postgresql.insert(clips)
    said = plan.plan_of(connection, project_id)
    own = {"project_id": project_id, "reviews_wanted": said.reviews_wanted}
    for chunk in chunks(rows):
        new = [
            {
                **row,
                **own,
                "is_blind": plan.is_marked(row["identity"], said.blind_share),
            }
            for row in chunk
        ]
        connection.execute(insert.on_conflict_do_nothing(), new)


def _last(connection: Connection, project_id: int) -> int:
    query = (
        sa.select(clips.c.id)
        .where(clips.c.project_id == project_id)
        .order_by(clips.c.id.desc())
        .limit(1)
    )
    return int(connection.scalar(query) or 0)


def _assign_after(connection: Connection, project_id: int, last: int) -> None:
    """Assign the clips behind the last one to those who review all."""
    query = sa.select(reviewers.c.user_id).where(reviewers.c.project_id == project_id)
    user_ids = connection.scalars(query).all()
    if user_ids:
        those = sa.and_(clips.c.project_id == project_id, clips.c.id > last)
        give_to(connection, those, user_ids)


def _tell_planner(connection: Connection, n_new: int) -> None:
    # PostgreSQL notices by itself a minute later. Until then it takes the project for
    # a small one, and looks through all of it for each clip: seconds a time.
    if n_new >= _MANY and connection.dialect.name == "postgresql":
        connection.exec_driver_sql("ANALYZE clips")
