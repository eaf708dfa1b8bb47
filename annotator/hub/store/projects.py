"""Projects: what a team reviews together, and how."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from annotator.errors import Forbidden, HubConflict, Refused
from annotator.hub.checks import clean_name, is_text, name_key
from annotator.hub.permissions import require_scope
from annotator.hub.store import access, clock
from annotator.hub.store.audit import note
from annotator.hub.store.tables import members, projects, users

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from annotator.hub.permissions import Caller
    from annotator.hub.store.engine import Database

__all__ = ["ProjectInfo", "Projects"]

_LONGEST_NAME = 120
_LONGEST_TEXT = 10_000
_LONGEST_CONFIG = 200_000
_owners = users.alias("owners")


@dataclass(frozen=True)
class ProjectInfo:
    """A project as one of its members has it."""

    uid: str
    name: str
    owner: str
    role: str
    """Of the one who asked."""
    description: str
    archived: bool
    last_seq: int
    """Number of its last event: how many there are."""
    created_at: str


class Projects:
    """Makes projects, finds them, and changes what is said about them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, caller: Caller, name: str, description: str = "") -> ProjectInfo:
        """Make a project, owned by the caller.

        Raises
        ------
        HubConflict
            The caller has one of that name.
        Refused
            A text is too long, or no text.
        Forbidden
            The token is not for such things.
        """
        require_scope(caller, "project:write")
        if caller.project_uids is not None:
            msg = "This token is for certain projects only; use one that is for all."
            raise Forbidden(msg)
        name = clean_name(name, _LONGEST_NAME)
        description = _text(description, _LONGEST_TEXT, "The description")
        uid, now = str(uuid.uuid4()), clock.now()
        try:
            with self._database.writing() as connection:
                project_id = connection.execute(
                    sa.insert(projects)
                    .values(
                        uid=uid,
                        owner_id=caller.user.id,
                        name=name,
                        name_key=name_key(name, _LONGEST_NAME),
                        description=description,
                        config="",
                        created_at=now,
                        last_seq=0,
                    )
                    .returning(projects.c.id)
                ).scalar_one()
                connection.execute(
                    sa.insert(members).values(
                        project_id=project_id,
                        user_id=caller.user.id,
                        role="owner",
                        added_at=now,
                    )
                )
                note(connection, caller, "project.create", project_id, name=name)
        except IntegrityError as err:
            raise _taken() from err
        return ProjectInfo(
            uid=uid,
            name=name,
            owner=caller.user.name,
            role="owner",
            description=description,
            archived=False,
            last_seq=0,
            created_at=now,
        )

    def get(self, caller: Caller, uid: str) -> ProjectInfo:
        """Return a project."""
        with self._database.reading() as connection:
            found = access.find(connection, caller, uid, "view")
        return ProjectInfo(
            found.uid,
            found.name,
            found.owner,
            found.role,
            found.description,
            found.archived_at is not None,
            found.last_seq,
            found.created_at,
        )

    def find(self, caller: Caller, name: str, owner: str | None = None) -> ProjectInfo:
        """Return a project by its name: one's own first.

        Parameters
        ----------
        caller
            Who asks.
        name
            Of the project, in whatever case.
        owner
            Name of the user whose project it is; None: anybody's, one's own first, then
            the one that was shared first. Of those alike, an archived one comes last.

        Raises
        ------
        ProjectNotFound
            There is none that the caller may see.
        """
        require_scope(caller, "project:read")
        key = name_key(name, _LONGEST_NAME)
        whose = None if owner is None else name_key(owner, _LONGEST_NAME)
        with self._database.reading() as connection:
            found = [
                one
                for one in _of_member(connection, caller)
                if name_key(one.name, _LONGEST_NAME) == key
                and whose in (None, name_key(one.owner, _LONGEST_NAME))
            ]
        if not found:
            raise access.not_found()
        return min(found, key=lambda one: (one.owner != caller.user.name, one.archived))

    def list(
        self, caller: Caller, search: str = "", *, archived: bool = False
    ) -> list[ProjectInfo]:
        """Return one's own and shared projects, in the order of becoming a member.

        Parameters
        ----------
        caller
            Who asks.
        search
            Part of the name or the owner's name, in whatever case.
        archived
            The archived ones in place of the others.
        """
        require_scope(caller, "project:read")
        with self._database.reading() as connection:
            found = _of_member(connection, caller)
        key = search.strip().casefold()
        return [
            one
            for one in found
            if one.archived == archived
            and (key in one.name.casefold() or key in one.owner.casefold())
        ]

    def edit(
        self,
        caller: Caller,
        uid: str,
        *,
        name: str | None = None,
        description: str | None = None,
    ) -> None:
        """Give a project another name or description; None: as it is."""
        values = {}
        if name is not None:
            values["name"] = clean_name(name, _LONGEST_NAME)
            values["name_key"] = name_key(name, _LONGEST_NAME)
        if description is not None:
            values["description"] = _text(description, _LONGEST_TEXT, "The description")
        self._change(caller, uid, "edit", "project.edit", values)

    def rename(self, caller: Caller, uid: str, name: str) -> None:
        """Give a project another name."""
        self.edit(caller, uid, name=name)

    def archive(self, caller: Caller, uid: str, *, archived: bool = True) -> None:
        """Put a project away, or take it back; nothing in it is lost."""
        self._change(
            caller,
            uid,
            "archive",
            "project.archive" if archived else "project.take_back",
            {"archived_at": clock.now() if archived else None},
        )

    def config(self, caller: Caller, uid: str) -> str:
        """Return how the project is reviewed: YAML, "" if nobody said."""
        with self._database.reading() as connection:
            found = access.find(connection, caller, uid, "view")
            return str(
                connection.scalar(
                    sa.select(projects.c.config).where(projects.c.id == found.id)
                )
            )

    def set_config(self, caller: Caller, uid: str, text: str) -> None:
        """Say how the project is reviewed; what the YAML may hold, the caller checks."""
        text = _text(text, _LONGEST_CONFIG, "The configuration")
        self._change(caller, uid, "edit", "project.config", {"config": text})

    def _change(
        self, caller: Caller, uid: str, action: str, what: str, values: dict[str, Any]
    ) -> None:
        try:
            with self._database.writing() as connection:
                found = access.find(connection, caller, uid, action)
                if values:
                    connection.execute(
                        sa.update(projects)
                        .where(projects.c.id == found.id)
                        .values(**values)
                    )
                told = {"name": values["name"]} if "name" in values else {}
                note(connection, caller, what, found.id, **told)
        except IntegrityError as err:
            raise _taken() from err


def _of_member(connection: Connection, caller: Caller) -> list[ProjectInfo]:
    found = connection.execute(
        sa.select(projects, members.c.role, _owners.c.name.label("owner"))
        .join(members, members.c.project_id == projects.c.id)
        .join(users, users.c.id == members.c.user_id)
        .join(_owners, _owners.c.id == projects.c.owner_id)
        .where(members.c.user_id == caller.user.id, users.c.is_active)
        .order_by(members.c.added_at, projects.c.id)
    )
    only = caller.project_uids
    return [
        ProjectInfo(
            row.uid,
            row.name,
            row.owner,
            row.role,
            row.description,
            row.archived_at is not None,
            row.last_seq,
            row.created_at,
        )
        for row in found
        if only is None or row.uid in only
    ]


def _text(text: object, longest: int, what: str) -> str:
    if not is_text(text, longest):
        msg = f"{what} is a text of at most {longest} characters."
        raise Refused((None, msg))
    return str(text)


def _taken() -> HubConflict:
    return HubConflict("The owner has a project of this name; choose another one.")
