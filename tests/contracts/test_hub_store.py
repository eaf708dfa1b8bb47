"""The hub's database as a whole: made, upgraded, opened by two at once."""

from __future__ import annotations

import os
import shutil
import socket
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from filelock import FileLock

from annotator.errors import HubError
from annotator.hub.permissions import Caller
from annotator.hub.store import upgrades
from annotator.hub.store.engine import Database
from annotator.hub.store.hub_store import HubStore
from annotator.hub.store.tables import metadata
from annotator.hub.tokens import digest
from tests.doubles.databases import database_url  # noqa: F401 (a fixture)

ROOT = Path(__file__).resolve().parents[2]

OPEN = """
import sys
from annotator.hub.store.hub_store import HubStore
print("ready", flush=True)
sys.stdin.readline()
with HubStore.open(sys.argv[1]) as store:
    print(store.users.n())
"""

STEP = """
from alembic import op

revision = "next"
down_revision = "{head}"

def upgrade():
"""

RENAME = """
    with op.batch_alter_table("users") as table:
        table.alter_column("name", new_column_name="called")
"""
FAIL = '    op.execute("SELECT * FROM nowhere")'
LOSE = """    op.execute("INSERT INTO leases VALUES (1, 1, 7, '')")"""


@pytest.fixture
def next_step(tmp_path, monkeypatch):
    """Return a function that adds a step, of this text, after all that there are."""

    def add(text):
        old, new = upgrades._FOLDER, tmp_path / "steps, 100 % later"
        shutil.copytree(old, new)
        (head,) = ScriptDirectory(str(old)).get_heads()
        (new / "versions" / "next.py").write_text(STEP.format(head=head) + text)
        monkeypatch.setattr(upgrades, "_FOLDER", new)
        return lambda: monkeypatch.setattr(upgrades, "_FOLDER", old)

    return add


class TestStore:
    def test_upgrades_lead_to_the_tables_that_the_code_knows(self, database_url):  # noqa: F811
        with (
            HubStore.open(database_url) as store,
            store.database.reading() as connection,
        ):
            options = {"compare_type": True, "compare_server_default": True}
            context = MigrationContext.configure(connection, opts=options)
            assert compare_metadata(context, metadata) == []

    def test_four_may_open_a_new_one_at_once(self, database_url):  # noqa: F811
        def opened(_n):
            with HubStore.open(database_url) as store:
                return store.users.n()

        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(opened, range(4))) == [0, 0, 0, 0]

    @pytest.mark.slow
    def test_two_processes_may_open_a_new_one_at_once(self, database_url):  # noqa: F811
        command = [sys.executable, "-c", OPEN, database_url]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        processes = [subprocess.Popen(command, cwd=ROOT, **pipes) for _ in range(2)]
        ready = [process.stdout.readline() for process in processes]

        for process in processes:
            process.stdin.write("now\n")
            process.stdin.flush()
        answers = [process.communicate(timeout=60)[0] for process in processes]

        assert ready == ["ready\n", "ready\n"]
        assert answers == ["0\n", "0\n"]

    def test_a_step_changes_a_table_that_others_refer_to(self, database_url, next_step):  # noqa: F811
        with HubStore.open(database_url) as store:
            ada = store.users.add("Ada", "a long password")
            token = store.tokens.create(ada, "laptop").secret
            store.projects.create(Caller(ada), "Owls")
        next_step(RENAME)

        with HubStore.open(database_url) as store:
            with store.database.reading() as connection:
                (row,) = connection.execute(sa.text("SELECT id, called FROM users"))
            assert tuple(row) == (ada.id, "Ada")
            with (
                store.database.writing() as connection,
                pytest.raises(sa.exc.IntegrityError),
            ):
                connection.execute(sa.text("UPDATE tokens SET user_id = 99"))
            with store.database.reading() as connection:
                kept = connection.scalar(sa.text("SELECT digest FROM tokens"))
            assert kept == digest(token)

    def test_a_step_that_fails_leaves_the_database_as_it_was(
        self,
        database_url,  # noqa: F811
        next_step,
    ):
        with HubStore.open(database_url) as store:
            store.users.add("Ada", "a long password")
        undo = next_step(RENAME + FAIL)
        with pytest.raises(HubError, match="nowhere"):
            HubStore.open(database_url)

        undo()

        with HubStore.open(database_url) as store:
            assert store.users.by_name("ada").name == "Ada"

    def test_no_address_shows_its_password(self):
        database = Database("postgresql://ann:geheim@127.0.0.1/hub")

        assert "geheim" not in repr(database) + repr(HubStore(database))


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_nobody_else_may_read_a_new_file(tmp_path):
    file = tmp_path / "new" / "hub.db"

    HubStore.open(f"sqlite:///{file}").close()

    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_rows_that_refer_to_nothing_stop_an_upgrade(tmp_path, next_step):
    url = f"sqlite:///{tmp_path / 'hub.db'}"
    HubStore.open(url).close()
    next_step(RENAME + LOSE)

    with pytest.raises(HubError, match="Rows of leases refer to what is not there"):
        HubStore.open(url)

    database = Database(url)
    with database.reading() as connection:
        assert connection.scalar(sa.text("SELECT COUNT(*) FROM leases")) == 0
    database.close()


def test_a_lock_that_is_not_given_back_is_told(tmp_path, monkeypatch):
    file = tmp_path / "hub.db"
    monkeypatch.setattr(upgrades, "_PATIENCE", 0.0)

    with (
        FileLock(f"{file}.lock"),
        pytest.raises(HubError, match="Another process has been upgrading"),
    ):
        HubStore.open(f"sqlite:///{file}")


def test_what_is_no_database_is_told(tmp_path):
    (tmp_path / "hub.db").write_text("species,confidence\n" * 100)

    with pytest.raises(HubError, match="not a database"):
        HubStore.open(f"sqlite:///{tmp_path / 'hub.db'}")


def test_a_server_that_is_not_there_is_told_without_the_password():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    with pytest.raises(HubError, match="could not be opened") as refused:
        HubStore.open(f"postgresql://ann:geheim@127.0.0.1:{port}/hub")

    assert "geheim" not in str(refused.value)


@pytest.mark.parametrize("url", ["hub.db", "", "mysql9://ann:geheim@127.0.0.1/hub"])
def test_an_address_of_another_kind_is_told_what_it_should_be(url):
    with pytest.raises(HubError, match="not of the kind sqlite:") as refused:
        HubStore.open(url)

    assert "geheim" not in str(refused.value)
