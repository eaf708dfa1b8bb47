"""How often clips shall be reviewed, and by whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from annotator.errors import Refused
from annotator.hub.checks import name_key
from annotator.hub.clip_rows import is_identity
from annotator.hub.store import access, audit, lacking, plan, queue
from annotator.hub.store.lacking import ANNOTATES
from annotator.hub.store.tables import assignments, clips, members, users

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy.engine import Connection

    from annotator.hub.permissions import Caller
    from annotator.hub.store.engine import Database

__all__ = ["Assigning", "chunks", "give_to"]

_CHUNK = 500  # values in one statement
_LONGEST_NAME = 80  # of a user
_MOST_REVIEWS = 100
_MOST_BLIND = 0.2


class Assigning:
    """What a manager says of clips.

    Said of all, it holds for those that are added later too; said of some, for these.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def plan(self, caller: Caller, uid: str) -> plan.Plan:
        """Return what was said of all clips, and how many of them lack a person."""
        with self._database.reading() as connection:
            project = access.find(connection, caller, uid, "plan")
            n_lacking = lacking.n_lacking(connection, project.id)
            return plan.plan_of(connection, project.id, n_lacking)

    def set_reviews(
        self,
        caller: Caller,
        uid: str,
        wanted: int,
        identities: Sequence[str] | None = None,
    ) -> int:
        """Say by how many people each clip shall be reviewed.

        Parameters
        ----------
        caller, uid
            Who asks, and the project's uid.
        wanted
            Reviews by different people, 1 to 100; a blind one comes on top.
        identities
            Of which clips; None: of all, and those that come.

        Returns
        -------
        int
            For how many clips that was said.
        """
        with self._database.writing() as connection:
            project = access.find_and_lock(connection, caller, uid, "assign")
            if not 1 <= wanted <= _MOST_REVIEWS:
                raise Refused((None, f"A clip wants 1 to {_MOST_REVIEWS} reviews."))
            if identities is None:
                plan.remember(connection, project.id, reviews_wanted=wanted)
            n_changed = 0
            for those in _chosen(connection, project.id, identities):
                n_changed += connection.execute(
                    sa.update(clips).where(those).values(reviews_wanted=wanted)
                ).rowcount
            queue.forget_places(connection, project.id)
            audit.note(
                connection,
                caller,
                "clips.reviews",
                project.id,
                wanted=wanted,
                clips=n_changed,
            )
            return n_changed

    def assign(
        self,
        caller: Caller,
        uid: str,
        user_names: Sequence[str],
        identities: Sequence[str] | None = None,
    ) -> int:
        """Say who reviews clips: these people alone, whoever it was before.

        Parameters
        ----------
        caller, uid
            Who asks, and the project's uid.
        user_names
            Members who may annotate. Nobody: all of them may review the clips. A
            blind review may come from another member all the same.
        identities
            Which clips; None: all, and those that come.

        Returns
        -------
        int
            How many clips that were.
        """
        with self._database.writing() as connection:
            project = access.find_and_lock(connection, caller, uid, "assign")
            user_ids = _annotators(connection, project.id, user_names)
            if identities is None:
                plan.remember_reviewers(connection, project.id, user_ids)
            n_assigned = 0
            for those in _chosen(connection, project.id, identities):
                n_assigned += give_to(connection, those, user_ids)
            queue.forget_places(connection, project.id)
            audit.note(
                connection,
                caller,
                "clips.assign",
                project.id,
                users=sorted(user_names),
                clips=n_assigned,
            )
            return n_assigned

    def blind_share(self, caller: Caller, uid: str, share: float) -> int:
        """Let this share of the clips have one more review, by another person.

        Which clips these are follows from their identities, so that a larger share
        holds the smaller, and clips that are added later are marked alike. Nobody who
        reviews is told.

        Parameters
        ----------
        caller, uid
            Who asks, and the project's uid.
        share
            0 to 0.2 of the clips; those outside lose the mark.

        Returns
        -------
        int
            How many clips are marked.
        """
        with self._database.writing() as connection:
            project = access.find_and_lock(connection, caller, uid, "assign")
            if not 0 <= share <= _MOST_BLIND:  # NaN neither
                raise Refused((None, f"A blind share is 0 to {_MOST_BLIND}."))
            plan.remember(connection, project.id, blind_share=share)
            every = clips.c.project_id == project.id
            found = connection.execute(
                sa.select(clips.c.id, clips.c.identity).where(every)
            )
            marked = [row.id for row in found if plan.is_marked(row.identity, share)]
            connection.execute(sa.update(clips).where(every).values(is_blind=False))
            for chunk in chunks(marked):
                those = clips.c.id.in_(chunk)
                connection.execute(sa.update(clips).where(those).values(is_blind=True))
            queue.forget_places(connection, project.id)
            audit.note(
                connection,
                caller,
                "clips.blind",
                project.id,
                share=share,
                clips=len(marked),
            )
            return len(marked)


def chunks(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Cut a list into parts that one statement can take."""
    for begin in range(0, len(items), _CHUNK):
        yield items[begin : begin + _CHUNK]


def _chosen(
    connection: Connection, project_id: int, identities: Sequence[str] | None
) -> Iterator[sa.ColumnElement[bool]]:
    """Yield conditions which together hold for the clips meant, for each once.

    Raises
    ------
    Refused
        An identity is none of the project's.
    """
    if identities is None:
        yield clips.c.project_id == project_id
        return
    ids: dict[str, int] = {}
    for chunk in chunks([text for text in identities if is_identity(text)]):
        found = sa.select(clips.c.identity, clips.c.id).where(
            clips.c.project_id == project_id, clips.c.identity.in_(chunk)
        )
        ids.update((row.identity, row.id) for row in connection.execute(found))
    unknown = [i for i, identity in enumerate(identities) if identity not in ids]
    if unknown:
        reason = "The project has no clip of this identity."
        raise Refused(*((index, reason) for index in unknown[:_CHUNK]))
    for chunk in chunks(list(ids.values())):
        yield clips.c.id.in_(chunk)


def _annotators(
    connection: Connection, project_id: int, names: Sequence[str]
) -> list[int]:
    found = sa.select(users.c.name_key, users.c.id).where(
        members.c.project_id == project_id,
        members.c.user_id == users.c.id,
        members.c.role.in_(ANNOTATES),
    )
    ids = {row.name_key: row.id for row in connection.execute(found)}
    # The same words whether there is such a person at all.
    reason = "No member of the project who may annotate has this name."
    keys = [name_key(name, _LONGEST_NAME) for name in names]
    unknown = [index for index, key in enumerate(keys) if key not in ids]
    if unknown:
        raise Refused(*((index, reason) for index in unknown))
    return sorted({ids[key] for key in keys})


def give_to(
    connection: Connection, those: sa.ColumnElement[bool], user_ids: Sequence[int]
) -> int:
    """Let these people alone review some clips; return how many clips that are."""
    chosen = sa.select(clips.c.id).where(those)
    connection.execute(sa.delete(assignments).where(assignments.c.clip_id.in_(chosen)))
    for user_id in user_ids:
        pairs = sa.select(clips.c.id, sa.literal(user_id)).where(those)
        connection.execute(
            sa.insert(assignments).from_select(["clip_id", "user_id"], pairs)
        )
    count = sa.select(sa.func.count()).select_from(clips).where(those)
    return int(connection.scalar(count) or 0)
