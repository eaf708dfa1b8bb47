"""A copy of the hub's database, taken while it is in use."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import tempfile
from contextlib import closing
from pathlib import Path

from annotator.errors import HubError
from annotator.hub.server.locations import sqlite_file

__all__ = ["backup"]


def backup(url: str, target: Path) -> None:
    """Write one state of the whole database into a file.

    SQLite gives an SQLite file; PostgreSQL, through ``pg_dump``, an archive that
    ``pg_restore`` reads.

    Parameters
    ----------
    url
        SQLAlchemy's address of the database.
    target
        Must not be there yet. It is complete or not there, and only its owner reads it.

    Raises
    ------
    HubError
        There is no database, something is at `target`, or the copy went wrong.
    """
    if target.exists():
        msg = f"{target} is there already; a backup never replaces another."
        raise HubError(msg)
    source = sqlite_file(url)
    if source is not None and not source.is_file():
        msg = f"There is no database at {source}; name it with --db."
        raise HubError(msg)
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    os.close(handle)
    part = Path(name)
    try:
        if source is not None:
            _copy(source, part)
        else:
            _dump(url, part)
        try:
            os.link(part, target)  # never over another's
        except FileExistsError as error:
            msg = f"{target} is there already; a backup never replaces another."
            raise HubError(msg) from error
    finally:
        part.unlink()


def _copy(source: Path, part: Path) -> None:
    try:
        with (
            closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as database,
            closing(sqlite3.connect(part)) as copy,
        ):
            database.backup(copy)
            (answer,) = copy.execute("PRAGMA integrity_check").fetchone()
    except sqlite3.Error as error:
        msg = f"The database {source} could not be copied: {error}"
        raise HubError(msg) from error
    if answer != "ok":
        msg = f"The copy of {source} is damaged, and so may be the database: {answer}"
        raise HubError(msg)


def _dump(url: str, part: Path) -> None:
    import sqlalchemy as sa

    program = shutil.which("pg_dump")
    if program is None:
        msg = "pg_dump is not installed; on Debian: apt-get install postgresql-client"
        raise HubError(msg)
    parts = sa.make_url(url)
    environment = dict(os.environ)
    if parts.password is not None:
        environment["PGPASSWORD"] = str(parts.password)  # not where `ps` shows it
    address = sa.URL.create(
        "postgresql",
        parts.username,
        host=parts.host,
        port=parts.port,
        database=parts.database,
        query=parts.query,
    )
    command = [program, "--format=custom", f"--file={part}", "--dbname"]
    command.append(address.render_as_string())
    result = subprocess.run(  # noqa: S603 - its name and address come from the operator
        command, env=environment, capture_output=True, text=True, check=False
    )
    if result.returncode:
        msg = f"pg_dump could not copy the database: {result.stderr.strip()}"
        raise HubError(msg)
