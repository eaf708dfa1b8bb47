"""The hub's database as a whole: made, upgraded, opened by two at once."""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from annotator.errors import HubError
from annotator.hub.store.engine import Database
from annotator.hub.store.hub_store import HubStore
from annotator.hub.store.tables import metadata
from annotator.hub.store.upgrades import upgrade
from tests.doubles.databases import database_url  # noqa: F401 (a fixture)


class TestStore:
    def test_upgrades_lead_to_the_tables_that_the_code_knows(self, database_url):  # noqa: F811
        with (
            HubStore.open(database_url) as store,
            store.database.reading() as connection,
        ):
            options = {"compare_type": True, "compare_server_default": True}
            context = MigrationContext.configure(connection, opts=options)
            assert compare_metadata(context, metadata) == []

    def test_a_database_of_the_first_schema_is_opened(self, database_url):  # noqa: F811
        database = Database(database_url)
        upgrade(database, "0001")
        with database.writing() as connection:
            connection.execute(
                sa.text(
                    "INSERT INTO users (name, name_key, password_hash, is_admin, is_active,"
                    " created_at) VALUES ('Ada', 'ada', '', true, true, '2026')"
                )
            )
        database.close()

        with HubStore.open(database_url) as store:
            assert store.users.by_name("ADA").name == "Ada"

    def test_four_may_open_a_new_one_at_once(self, database_url):  # noqa: F811
        def opened(_n):
            with HubStore.open(database_url) as store:
                return store.users.n()

        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(opened, range(4))) == [0, 0, 0, 0]

    def test_one_of_a_newer_version_is_refused(self, database_url):  # noqa: F811
        with (
            HubStore.open(database_url) as store,
            store.database.writing() as connection,
        ):
            connection.execute(
                sa.text("UPDATE alembic_version SET version_num = '9999'")
            )

        with pytest.raises(HubError, match="newer version"):
            HubStore.open(database_url)

    def test_no_address_shows_its_password(self):
        database = Database("postgresql://ann:geheim@127.0.0.1/hub")

        assert "geheim" not in repr(database) + repr(HubStore(database))


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_nobody_else_may_read_a_new_file(tmp_path):
    file = tmp_path / "new" / "hub.db"

    HubStore.open(f"sqlite:///{file}").close()

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
