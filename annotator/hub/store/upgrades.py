"""Bring a database to the schema that this version needs."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import filelock

from annotator.errors import HubError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine import Connection

    from annotator.hub.store.engine import Database

__all__ = ["upgrade"]

_FOLDER = Path(__file__).parent / "migrations"
_LOCK = 0x616E6E68  # of PostgreSQL's advisory locks, the one of this purpose
_PATIENCE = 120.0  # s


def upgrade(database: Database, revision: str = "head") -> None:
    """Take the steps that a database lacks; safe if several processes start at once.

    Parameters
    ----------
    database
        Empty, or of this or an earlier version.
    revision
        How far; "head": to what `tables` says.

    Raises
    ------
    HubError
        The database is of a newer version than this program.
    """
    from alembic.script import ScriptDirectory

    config = _config()
    known = {
        step.revision for step in ScriptDirectory.from_config(config).walk_revisions()
    }
    with _alone(database) as connection:
        from alembic import command
        from alembic.runtime.migration import MigrationContext

        now = MigrationContext.configure(connection).get_current_revision()
        if now is not None and now not in known:
            msg = (
                "The database was made by a newer version of this program; install "
                "that version, or use another database."
            )
            raise HubError(msg)
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def _config() -> Any:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.set_main_option("path_separator", "os")
    return config


@contextmanager
def _alone(database: Database) -> Iterator[Connection]:
    """Give a connection whose changes nobody disturbs."""
    if not database.is_sqlite:
        with database.engine.begin() as connection:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
            yield connection
        return
    file = database.url.database
    if not file or file == ":memory:":
        with database.writing() as connection:
            yield connection
        return
    lock = filelock.FileLock(f"{file}.lock", timeout=_PATIENCE, mode=0o600)
    with lock, database.writing() as connection:
        yield connection
