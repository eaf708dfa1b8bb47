"""All nouns of the hub's database, by name."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Self

import sqlalchemy as sa

from annotator.errors import HubError
from annotator.hub.store.annotations import Annotations
from annotator.hub.store.audit import Audit
from annotator.hub.store.clips import Clips
from annotator.hub.store.engine import Database
from annotator.hub.store.events import Events
from annotator.hub.store.leases import Leases
from annotator.hub.store.members import Members
from annotator.hub.store.progress import Progress
from annotator.hub.store.projects import Projects
from annotator.hub.store.snapshots import Snapshots
from annotator.hub.store.tokens import Tokens
from annotator.hub.store.upgrades import upgrade
from annotator.hub.store.users import Users
from annotator.hub.store.web_sessions import WebSessions

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["HubStore"]


class HubStore:
    """What a hub keeps; safe between threads.

    Parameters
    ----------
    database
        Whose tables are there; `HubStore.open` sees to that.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self.annotations = Annotations(database)
        self.audit = Audit(database)
        self.clips = Clips(database)
        self.events = Events(database)
        self.leases = Leases(database)
        self.members = Members(database)
        self.progress = Progress(database)
        self.projects = Projects(database)
        self.snapshots = Snapshots(database)
        self.tokens = Tokens(database)
        self.users = Users(database)
        self.web_sessions = WebSessions(database)

    @classmethod
    def open(cls, url: str) -> Self:
        """Open a database, and bring it to this version's schema.

        Parameters
        ----------
        url
            SQLAlchemy's address of it, as for `Database`. The folder of a SQLite file
            is made; nobody but its owner may read a new file.

        Raises
        ------
        HubError
            It cannot be reached, is no database, or is of a newer version.
        """
        try:
            database = Database(url)
        except sa.exc.ArgumentError as err:
            msg = (
                "The address of the database is not of the kind sqlite:////srv/hub.db "
                "or postgresql://user@host/name."
            )
            raise HubError(msg) from err
        if database.is_sqlite and database.url.database not in (None, "", ":memory:"):
            _make_private(Path(str(database.url.database)))
        try:
            upgrade(database)
        except sa.exc.DBAPIError as err:
            database.close()
            msg = f"{database!r} could not be opened: {err.orig}"
            raise HubError(msg) from err
        except BaseException:
            database.close()
            raise
        return cls(database)

    def close(self) -> None:
        """Close all connections."""
        self.database.close()

    def __repr__(self) -> str:
        return f"<HubStore {self.database!r}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _make_private(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
