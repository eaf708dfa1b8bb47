"""Where a hub keeps its database and its signing key."""

from __future__ import annotations

import os
from pathlib import Path

from annotator.errors import HubError

__all__ = ["DB_VARIABLE", "KEY_VARIABLE", "database_url", "key_file", "sqlite_file"]

DB_VARIABLE = "ANNOTATOR_HUB_DB"
"""Environment variable with the database's address; it keeps a password out of sight."""

KEY_VARIABLE = "ANNOTATOR_HUB_KEY_FILE"
"""Environment variable with the path of the signing key."""


def database_url(given: str | None = None) -> str:
    """Return SQLAlchemy's address of the hub's database.

    Parameters
    ----------
    given
        An address, or the path of an SQLite file; None: what `DB_VARIABLE` says, and
        without it ``hub.db`` in the person's data folder.
    """
    text = given or os.environ.get(DB_VARIABLE) or str(_data_folder() / "hub.db")
    if "://" in text:
        return text
    return f"sqlite:///{Path(text).expanduser().absolute()}"


def sqlite_file(url: str) -> Path | None:
    """Return the file of an SQLite database; None: it is another kind.

    Raises
    ------
    HubError
        The address cannot be read, or is of a database in memory only.
    """
    import sqlalchemy as sa

    try:
        parts = sa.make_url(url)
    except sa.exc.ArgumentError as error:
        # Not repeated: there may be a password in it.
        msg = (
            "The database's address cannot be read; write it like "
            "sqlite:////srv/hub/hub.db or postgresql://user@host/name."
        )
        raise HubError(msg) from error
    if parts.get_backend_name() != "sqlite":
        return None
    if parts.database in (None, "", ":memory:"):
        msg = "A database in memory forgets all; give the path of a file."
        raise HubError(msg)
    return Path(str(parts.database))


def key_file(url: str) -> Path:
    """Return where the signing key of a database's hub is.

    Parameters
    ----------
    url
        Of the database: the key is beside an SQLite file, else in the person's data
        folder. `KEY_VARIABLE` goes before both.
    """
    if named := os.environ.get(KEY_VARIABLE):
        return Path(named).expanduser()
    file = sqlite_file(url)
    return file.with_name(f"{file.name}.key") if file else _data_folder() / "hub.key"


def _data_folder() -> Path:
    from platformdirs import user_data_path

    return user_data_path("annotator", appauthor=False)
