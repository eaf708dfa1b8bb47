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
        The database is of a newer version than this program, another process has been
        upgrading it for long, or rows in it refer to nothing.
    """
    from alembic.script import ScriptDirectory

    config = _config()
    steps = ScriptDirectory.from_config(config)
    with _alone(database) as connection:
        from alembic import command
        from alembic.runtime.migration import MigrationContext

        now = MigrationContext.configure(connection).get_current_revision()
        if now is not None and now not in {
            step.revision for step in steps.walk_revisions()
        }:
            msg = (
                "The database was made by a newer version of this program; install "
                "that version, or use another database."
            )
            raise HubError(msg)
        if now == steps.get_current_head():
            return
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        if database.is_sqlite:
            _check_references(connection)


def _config() -> Any:
    from alembic.config import Config

    config = Config()
    folder = str(_FOLDER).replace("%", "%%")  # which stands for something else there
    config.set_main_option("script_location", folder)
    config.set_main_option("path_separator", "os")
    return config


@contextmanager
def _alone(database: Database) -> Iterator[Connection]:
    """Give a connection whose changes nobody disturbs: all are kept, or none."""
    if not database.is_sqlite:
        with database.engine.begin() as connection:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
            yield connection
        return
    file = database.url.database
    if not file or file == ":memory:":
        with _loose(database) as connection:
            yield connection
        return
    lock = filelock.FileLock(f"{file}.lock", timeout=_PATIENCE, mode=0o600)
    try:
        lock.acquire()
    except filelock.Timeout as err:
        msg = (
            f"Another process has been upgrading {file} for {_PATIENCE:.0f} s; wait "
            "for its end, and start again."
        )
        raise HubError(msg) from err
    try:
        with _loose(database) as connection:
            yield connection
    finally:
        lock.release()


@contextmanager
def _loose(database: Database) -> Iterator[Connection]:
    """Give a connection to SQLite that does not look where rows refer to.

    A step changes a table by copying and dropping it, while others refer to it. SQLite
    heeds the setting between transactions only: https://sqlite.org/foreignkeys.html
    """
    with database.engine.connect().execution_options(writes=True) as connection:
        driver = connection.connection
        driver.execute("PRAGMA foreign_keys=OFF")
        try:
            with connection.begin():
                yield connection
        finally:
            driver.execute("PRAGMA foreign_keys=ON")


def _check_references(connection: Connection) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if broken:
        tables = ", ".join(sorted({str(row[0]) for row in broken}))
        msg = (
            f"Rows of {tables} refer to what is not there; the database was left as it "
            "was. Put its last backup in its place, and start again."
        )
        raise HubError(msg)
