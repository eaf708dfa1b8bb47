"""Which clip is next for a person.

A clip is *open* to them while it wants reviews, they gave none and did not skip it. It
is *free* if running leases of others leave it a review to give, too.

Clips that are assigned are for those people alone, but for one thing: the blind review
may come from another member, else one person's clips would never get it. Such clips
stand among those that are assigned to nobody, so that they do not stand out.

With 100,000 clips a look at each takes 0.2 to 0.5 s, so a search remembers how far it
came (`places`): what is not open to a person stays so until an event on that clip, or
until clips are assigned anew, which forgets the places.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from annotator.hub.store import tables, terms
from annotator.hub.store.tables import clips, events, leases, places

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, Row

__all__ = ["forget_places", "is_for", "next_clip"]

_FEW = 500  # clips with news to look at one by one; more: begin anew

_rows = tables.annotations
_Condition = sa.ColumnElement[bool]


def next_clip(
    connection: Connection, project_id: int, *, user_id: int, seq: int, now: str
) -> Row[Any] | None:
    """Find the clip that a person shall review next: first of those assigned to them.

    Parameters
    ----------
    connection
        One that writes, and has the project locked.
    project_id, user_id
        Where, and for whom.
    seq
        Number of the project's last event.
    now
        The time at which leases must run.

    Returns
    -------
    Row or None
        The clip's row. None: nothing is left for this person.
    """
    for is_assigned in (True, False):
        search = _Search(connection, project_id, user_id, is_assigned=is_assigned)
        found = search.first(seq, now)
        if found is not None:
            return found
    return None


def is_for(connection: Connection, clip_id: int, *, user_id: int, now: str) -> bool:
    """Tell whether a person may review this clip now."""
    fits = sa.select(clips.c.id).where(
        clips.c.id == clip_id,
        sa.or_(terms.is_assigned_to(user_id), terms.is_for_others()),
        _is_open_to(user_id),
        _is_free_of_others(user_id, now),
    )
    return connection.scalar(fits) is not None


def forget_places(connection: Connection, project_id: int) -> None:
    """Let all searches begin anew: clips may be open again that were not."""
    connection.execute(sa.delete(places).where(places.c.project_id == project_id))


class _Search:
    """One person's search, among clips assigned to them, or among the others."""

    def __init__(
        self,
        connection: Connection,
        project_id: int,
        user_id: int,
        *,
        is_assigned: bool,
    ) -> None:
        self._connection = connection
        self._project_id = project_id
        self._user_id = user_id
        self._place = {
            places.c.project_id: project_id,
            places.c.user_id: user_id,
            places.c.is_assigned: is_assigned,
        }
        self._fits = sa.and_(
            clips.c.project_id == project_id,
            terms.is_assigned_to(user_id) if is_assigned else terms.is_for_others(),
            _is_open_to(user_id),
        )

    def first(self, seq: int, now: str) -> Row[Any] | None:
        """Return the first clip that is open and free."""
        begin = self._begin(seq)
        first = self._connection.scalar(
            sa.select(clips.c.id)
            .where(self._fits, clips.c.id > begin)
            .order_by(clips.c.id)
            .limit(1)
        )
        if first is None:
            self._remember(self._last_clip(), seq)
            return None
        self._remember(first - 1, seq)
        return self._connection.execute(
            sa.select(clips)
            .where(
                self._fits,
                clips.c.id >= first,
                _is_free_of_others(self._user_id, now),
            )
            .order_by(clips.c.id)
            .limit(1)
        ).first()

    def _last_clip(self) -> int:
        last = (
            sa.select(clips.c.id)
            .where(clips.c.project_id == self._project_id)
            .order_by(clips.c.id.desc())
            .limit(1)
        )
        return int(self._connection.scalar(last) or 0)

    def _begin(self, seq: int) -> int:
        """Return the clip behind which to search: none up to it is open."""
        kept = self._connection.execute(
            sa.select(places.c.clip_id, places.c.seq).where(*self._here())
        ).first()
        if kept is None or kept.seq >= seq:
            return 0 if kept is None else int(kept.clip_id)
        touched = self._connection.scalars(
            sa.union(
                sa.select(events.c.clip).where(
                    events.c.project_id == self._project_id, events.c.seq > kept.seq
                ),
                sa.select(_rows.c.clip).where(  # events may name other clips
                    _rows.c.project_id == self._project_id,
                    _rows.c.until_seq > kept.seq,
                ),
            ).limit(_FEW + 1)
        ).all()
        if len(touched) > _FEW:
            return 0
        reopened = self._connection.scalar(
            sa.select(sa.func.min(clips.c.id)).where(
                clips.c.identity.in_(touched), clips.c.id <= kept.clip_id, self._fits
            )
        )
        return int(kept.clip_id) if reopened is None else int(reopened) - 1

    def _here(self) -> list[_Condition]:
        return [column == value for column, value in self._place.items()]

    def _remember(self, clip_id: int, seq: int) -> None:
        found = {"clip_id": clip_id, "seq": seq}
        changed = self._connection.execute(
            sa.update(places).where(*self._here()).values(found)
        )
        if not changed.rowcount:
            own = {column.name: value for column, value in self._place.items()}
            self._connection.execute(sa.insert(places).values({**own, **found}))


def _is_open_to(user_id: int) -> _Condition:
    return sa.and_(terms.n_given() < terms.wanted(), ~terms.is_done_by(user_id))


def _is_free_of_others(user_id: int, now: str) -> _Condition:
    # Who gave a review while their lease still runs is counted once.
    gave = (
        sa.select(_rows.c.id)
        .where(terms.standing(), _rows.c.user_id == leases.c.user_id)
        .correlate(clips, leases)  # not by itself: clips are two queries further out
    )
    running = (
        sa.select(sa.func.count())
        .select_from(leases)
        .where(
            leases.c.clip_id == clips.c.id,
            leases.c.user_id != user_id,
            leases.c.until > now,
            ~gave.exists(),
        )
    )
    n_running = running.scalar_subquery()
    of_others = running.where(~terms.is_assigned_to(leases.c.user_id))
    return sa.and_(
        terms.n_given() + n_running < terms.wanted(),
        sa.or_(
            terms.n_assigned() == 0,
            terms.is_assigned_to(user_id),
            of_others.scalar_subquery() == 0,  # there is one review for all of these
        ),
    )
