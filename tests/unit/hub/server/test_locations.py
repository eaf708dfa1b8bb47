"""Where the database and its key are, by what was said and where."""

from __future__ import annotations

from pathlib import Path

import pytest

from annotator.errors import HubError
from annotator.hub.server import locations


@pytest.fixture(autouse=True)
def nothing_said(monkeypatch):
    monkeypatch.delenv(locations.DB_VARIABLE, raising=False)
    monkeypatch.delenv(locations.KEY_VARIABLE, raising=False)


def test_an_address_is_taken_as_it_is():
    address = "postgresql://ann@db.example/hub"

    assert locations.database_url(address) == address


def test_a_path_is_an_sqlite_file(tmp_path):
    url = locations.database_url(str(tmp_path / "a b.db"))

    assert locations.sqlite_file(url) == tmp_path / "a b.db"


def test_the_environment_counts_where_nothing_is_given(monkeypatch, tmp_path):
    monkeypatch.setenv(locations.DB_VARIABLE, str(tmp_path / "env.db"))

    assert locations.sqlite_file(locations.database_url()) == tmp_path / "env.db"
    assert locations.sqlite_file(locations.database_url("/x.db")) == Path("/x.db")


def test_else_it_is_in_the_data_folder():
    file = locations.sqlite_file(locations.database_url())

    assert file.name == "hub.db"
    assert file.is_absolute()


def test_the_key_is_beside_the_database(tmp_path):
    url = locations.database_url(str(tmp_path / "hub.db"))

    assert locations.key_file(url) == tmp_path / "hub.db.key"


def test_of_a_database_elsewhere_the_key_is_in_the_data_folder(monkeypatch, tmp_path):
    url = "postgresql://ann@db.example/hub"

    assert locations.key_file(url).name == "hub.key"
    monkeypatch.setenv(locations.KEY_VARIABLE, str(tmp_path / "shared.key"))
    assert locations.key_file(url) == tmp_path / "shared.key"


def test_an_address_that_nobody_reads_is_refused_and_not_repeated():
    with pytest.raises(HubError, match="cannot be read") as refusal:
        locations.sqlite_file("not an address, pass:word@")

    assert "word" not in str(refusal.value)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_a_database_in_memory_is_refused(url):
    with pytest.raises(HubError, match="forgets"):
        locations.sqlite_file(url)
