"""A backup is one whole state of the database, or it is not there."""

from __future__ import annotations

import sqlite3
import stat
import sys
from contextlib import closing

import pytest

from annotator.errors import HubError
from annotator.hub.server.backup import backup


@pytest.fixture
def database(tmp_path):
    path = tmp_path / "hub.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE notes (text)")
        connection.execute("INSERT INTO notes VALUES ('kept')")
        connection.commit()
        yield path  # still open: what it wrote may be in its log only


def url(path):
    return f"sqlite:///{path}"


def test_the_copy_holds_what_was_written(database, tmp_path):
    target = tmp_path / "copies" / "monday.db"

    backup(url(database), target)

    with closing(sqlite3.connect(target)) as copy:
        assert copy.execute("SELECT text FROM notes").fetchall() == [("kept",)]
    assert [path.name for path in target.parent.iterdir()] == ["monday.db"]


@pytest.mark.skipif(sys.platform == "win32", reason="has no such modes")
def test_only_its_owner_may_read_it(database, tmp_path):
    backup(url(database), tmp_path / "copy.db")

    assert stat.S_IMODE((tmp_path / "copy.db").stat().st_mode) == 0o600


def test_it_replaces_nothing(database, tmp_path):
    target = tmp_path / "copy.db"
    target.write_text("last week's")

    with pytest.raises(HubError, match="never replaces"):
        backup(url(database), target)

    assert target.read_text() == "last week's"


def test_a_database_that_is_not_there_is_not_made(tmp_path):
    with pytest.raises(HubError, match="no database at"):
        backup(url(tmp_path / "gone.db"), tmp_path / "copy.db")

    assert list(tmp_path.iterdir()) == []


def test_what_is_no_database_leaves_no_copy(tmp_path):
    (tmp_path / "hub.db").write_text("not a database, but a letter\n" * 100)

    with pytest.raises(HubError, match="could not be copied"):
        backup(url(tmp_path / "hub.db"), tmp_path / "copy.db")

    assert [path.name for path in tmp_path.iterdir()] == ["hub.db"]


def test_postgresql_is_left_to_its_own_program(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(HubError, match="postgresql-client"):
        backup("postgresql://ann@localhost/hub", tmp_path / "copy")

    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="runs no script")
def test_its_password_is_not_in_the_list_of_processes(tmp_path, monkeypatch):
    program = tmp_path / "bin" / "pg_dump"
    program.parent.mkdir()
    program.write_text(
        f'#!/bin/sh\necho "$@" > {tmp_path}/said\n/usr/bin/env >> {tmp_path}/had\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))

    backup("postgresql+psycopg://ann:s3cr3t@localhost:5433/hub", tmp_path / "copy")

    said = (tmp_path / "said").read_text()
    assert "postgresql://ann@localhost:5433/hub" in said
    assert "s3cr3t" not in said
    assert "PGPASSWORD=s3cr3t" in (tmp_path / "had").read_text()
