"""Databases for the hub's tests: SQLite always, PostgreSQL where there is one."""

from __future__ import annotations

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

__all__ = ["database", "database_url"]

_POSTGRES = "ANNOTATOR_TEST_PG_URL"


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return the address of an empty database, of each kind."""
    if request.param == "SQLite":
        yield f"sqlite:///{tmp_path / 'hub.db'}"
        return
    if _POSTGRES not in os.environ:
        pytest.skip(f"{_POSTGRES} names no PostgreSQL server")
    server = sa.make_url(os.environ[_POSTGRES]).set(drivername="postgresql+psycopg")
    name = f"annotator_{uuid.uuid4().hex}"
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f'CREATE DATABASE "{name}"')
    yield server.set(database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.exec_driver_sql(f'DROP DATABASE "{name}" WITH (FORCE)')
    engine.dispose()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Return a database with all tables, of each kind."""
    database = Database(database_url)
    metadata.create_all(database.engine)
    yield database
    database.close()
