"""Leases: a clip is one person's for a while, so that two do not do the same.

They are given under the lock of the project's row, where reviews and running leases are
counted. A lease is nothing but a promise of others' absence: a review is taken with or
without one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from annotator.errors import HubConflict, Refused
from annotator.hub.clip_rows import is_identity
from annotator.hub.store import access, clock, queue
from annotator.hub.store.clips import ClipInfo
from annotator.hub.store.tables import clips, leases

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, Row

    from annotator.hub.permissions import Caller
    from annotator.hub.store.engine import Database

__all__ = ["Lease", "LeaseLost", "Leases"]

_MINUTES = 15.0
_LONGEST = 24 * 60  # minutes
_OVER = (
    "This clip is not yours any more: the time was over and another person has it, "
    "or it has all its reviews. Ask for the next one."
)


class LeaseLost(HubConflict):
    """The clip went to another person, or has all its reviews."""


@dataclass(frozen=True)
class Lease:
    """A clip that is one person's for a while."""

    clip: ClipInfo
    until: str
    """UTC; see `clock`."""


class Leases:
    """Gives clips to the members of a project."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def next(
        self, caller: Caller, uid: str, *, minutes: float = _MINUTES
    ) -> Lease | None:
        """Lease a clip that the caller shall review.

        The one that the caller has already is given again; else the first assigned to
        them, else the first assigned to nobody, in the order in which clips were added.
        A clip that the caller reviewed or skipped is none of them, nor is one that
        others have reviewed, or are about to, as often as is wanted.

        Parameters
        ----------
        caller, uid
            Who asks, and the project's uid.
        minutes
            How long the clip is theirs, from now on.

        Returns
        -------
        Lease or None
            None: nothing is left for the caller at this time.
        """
        _check(minutes)
        me = caller.user.id
        with self._database.writing() as connection:
            project = access.find_and_lock(connection, caller, uid, "annotate")
            now = clock.now()
            row = _running(connection, project.id, me, now)
            if row is None:
                _drop_all(connection, project.id, me)
                row = queue.next_clip(
                    connection, project.id, user_id=me, seq=project.last_seq, now=now
                )
            if row is None:
                return None
            return _give(connection, row, me, minutes)

    def renew(
        self, caller: Caller, uid: str, identity: str, *, minutes: float = _MINUTES
    ) -> Lease:
        """Let a lease of the caller end later: so many minutes from now.

        One that is over is given again unless the clip went to another person.

        Raises
        ------
        LeaseLost
            The caller has no such lease, or lost it.
        """
        _check(minutes)
        me = caller.user.id
        with self._database.writing() as connection:
            project = access.find_and_lock(connection, caller, uid, "annotate")
            row = connection.execute(
                sa.select(clips)
                .join(leases, leases.c.clip_id == clips.c.id)
                .where(_is_called(identity, project.id), leases.c.user_id == me)
            ).first()
            now = clock.now()
            if row is None or not queue.is_for(connection, row.id, user_id=me, now=now):
                raise LeaseLost(_OVER)
            return _give(connection, row, me, minutes)

    def release(
        self, caller: Caller, uid: str, identity: str, *, until: str | None = None
    ) -> bool:
        """Give a clip back, so that others can have it; tell whether it was leased.

        Parameters
        ----------
        caller, uid, identity
            Who gives back which clip of which project.
        until
            Only the lease that ends then: a page that closes late must not give back
            what was given to the person's next one since. None: whichever it is.
        """
        with self._database.writing() as connection:
            project = access.find(connection, caller, uid, "annotate")
            those = sa.select(clips.c.id).where(_is_called(identity, project.id))
            own = [leases.c.user_id == caller.user.id, leases.c.clip_id.in_(those)]
            if until is not None:
                own.append(leases.c.until == until)
            deleted = connection.execute(sa.delete(leases).where(*own))
            return bool(deleted.rowcount)


def _check(minutes: float) -> None:
    if not 0 < minutes <= _LONGEST:  # NaN neither
        raise Refused((None, f"A lease takes more than 0 minutes, {_LONGEST} at most."))


def _is_called(identity: str, project_id: int) -> sa.ColumnElement[bool]:
    if not is_identity(identity):  # a database may fail at such a text
        return sa.false()
    return sa.and_(clips.c.project_id == project_id, clips.c.identity == identity)


def _running(
    connection: Connection, project_id: int, user_id: int, now: str
) -> Row[Any] | None:
    """Return the clip that the person has already, if it still is for them."""
    rows = connection.execute(
        sa.select(clips)
        .join(leases, leases.c.clip_id == clips.c.id)
        .where(
            clips.c.project_id == project_id,
            leases.c.user_id == user_id,
            leases.c.until > now,
        )
        .order_by(leases.c.until.desc())
    ).all()
    for row in rows:
        if queue.is_for(connection, row.id, user_id=user_id, now=now):
            return row
    return None


def _drop_all(connection: Connection, project_id: int, user_id: int) -> None:
    those = sa.select(clips.c.id).where(clips.c.project_id == project_id)
    connection.execute(
        sa.delete(leases).where(
            leases.c.user_id == user_id, leases.c.clip_id.in_(those)
        )
    )


def _give(connection: Connection, row: Row[Any], user_id: int, minutes: float) -> Lease:
    until = clock.after(minutes=minutes)
    own = (leases.c.clip_id == row.id, leases.c.user_id == user_id)
    changed = connection.execute(sa.update(leases).where(*own).values(until=until))
    if not changed.rowcount:
        # Others' leases that are over keep their slots: they may be renewed.
        last = sa.select(sa.func.max(leases.c.slot)).where(leases.c.clip_id == row.id)
        slot = connection.scalar(last)
        connection.execute(
            sa.insert(leases).values(
                clip_id=row.id,
                slot=0 if slot is None else slot + 1,
                user_id=user_id,
                until=until,
            )
        )
    return Lease(clip=ClipInfo.of(row), until=until)
