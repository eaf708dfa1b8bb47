"""Databases for the hub's tests: SQLite always, PostgreSQL where there is one."""

from __future__ import annotations

import contextlib
import os
import uuid
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from annotator.hub.store.engine import Database
from annotator.hub.store.tables import metadata

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["KINDS", "database", "database_url", "empty_database"]

_POSTGRES = "ANNOTATOR_TEST_PG_URL"

KINDS = ("SQLite", "PostgreSQL")


@contextlib.contextmanager
def empty_database(kind: str, folder: Path) -> Iterator[str]:
    """Give the address of an empty database; skip where there is no such server."""
    if kind == "SQLite":
        yield f"sqlite:///{folder / 'hub.db'}"
        return
    if _POSTGRES not in os.environ:
        pytest.skip(f"{_POSTGRES} names no PostgreSQL server")
    server = sa.make_url(os.environ[_POSTGRES]).set(drivername="postgresql+psycopg")
    name = f"annotator_{uuid.uuid4().hex}"
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f'CREATE DATABASE "{name}"')
    try:
        yield server.set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.exec_driver_sql(f'DROP DATABASE "{name}" WITH (FORCE)')
        engine.dispose()


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return the address of an empty database, of each kind."""
    with empty_database(request.param, tmp_path) as url:
        yield url


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Return a database with all tables, of each kind."""
    with empty_database(request.param, tmp_path) as url:
        database = Database(url)
        metadata.create_all(database.engine)
        yield database
        database.close()
