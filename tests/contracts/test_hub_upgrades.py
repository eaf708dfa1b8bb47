"""A hub of the first version, and of each after it, is opened by this one."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory

from annotator.errors import HubError
from annotator.hub import tokens
from annotator.hub.permissions import Caller
from annotator.hub.store import upgrades
from annotator.hub.store.annotations import digest_of
from annotator.hub.store.engine import Database
from annotator.hub.store.hub_store import HubStore
from tests.contracts.hub_people import event, row
from tests.doubles import first_schema
from tests.doubles.databases import database_url

__all__ = ["database_url"]  # a fixture

STEPS = ScriptDirectory(str(upgrades._FOLDER))
REVISIONS = [step.revision for step in STEPS.walk_revisions()][::-1]
TOKEN, COOKIE = tokens.make(), "a cookie of before"
UID = first_schema.UID


@pytest.fixture(params=REVISIONS)
def old(request, database_url):
    """Return the address of a database that was filled by the first version.

    Then came the versions up to one of those there are; this one did not open it yet.
    """
    database = Database(database_url)
    upgrades.upgrade(database, REVISIONS[0])
    with database.writing() as connection:
        first_schema.fill(connection, TOKEN, COOKIE)
    upgrades.upgrade(database, request.param)
    database.close()
    return database_url


@pytest.fixture
def store(old):
    with HubStore.open(old) as store:
        yield store


@pytest.fixture
def ann(store):
    return Caller(store.users.by_name("ann"))


def test_the_steps_are_one_line_from_the_first_on():
    assert REVISIONS[0] == "0001"
    assert STEPS.get_bases() == ["0001"]
    assert STEPS.get_heads() == [REVISIONS[-1]]


def test_it_is_brought_to_this_version(store):
    with store.database.reading() as connection:
        at = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))

    assert at == REVISIONS[-1]


def test_who_was_there_comes_in(store):
    assert store.users.check("bo", first_schema.PASSWORD).name == "bo"
    assert store.users.check("bo", "another password") is None
    caller = store.tokens.check(TOKEN)
    assert (caller.user.name, caller.user.is_admin) == ("ann", True)
    assert caller.scopes == {"project:read", "annotate"}
    assert store.web_sessions.check(COOKIE).name == "bo"


def test_projects_members_and_clips_are_there(store, ann):
    (project,) = store.projects.list(ann)
    clips = store.clips.list(ann, UID)

    assert (project.name, project.uid, project.role) == ("Owls", UID, "owner")
    assert store.projects.config(ann, UID) == "default_buffer: 1\n"
    members = [(one.user, one.role) for one in store.members.list(ann, UID)]
    assert sorted(members) == [("ann", "owner"), ("bo", "annotator")]
    assert [one.identity for one in clips] == ["c0", "c1", "c2"]
    assert clips[1].row == {"confidence": 0.5}
    assert "project.create" in {n.action for n in store.audit.of_project(ann, UID)}


def test_what_people_did_is_there(store, ann):
    events = store.events.list(ann, UID)
    rows = list(store.annotations.rows(ann, UID))

    assert [one.seq for one in events] == [1, 2, 3, 4, 5]
    assert [one.kind for one in events] == ["set"] * 4 + ["delete"]
    assert events[1].rows == [{"annotation_id": "b-1", "species": "Käuzchen", "n": 1.5}]
    assert [(one["annotator"], one["species"]) for one in rows] == [
        ("bo", "Käuzchen"),
        ("ann", "fox"),
    ]
    states = store.progress.disagreements(ann, UID, "species")
    assert [(one.clip, one.state) for one in states] == [("c0", "open")]


def test_its_snapshots_are_as_they_were(store, ann):
    (snapshot,) = store.snapshots.list(ann, UID)

    assert (snapshot.name, snapshot.by, snapshot.n_rows) == ("Draft", "bo", 2)
    assert snapshot.sha256 == first_schema.HASH
    with store.database.reading() as connection:
        found = digest_of(connection, 1, snapshot.through_seq)
    assert found == (snapshot.n_rows, snapshot.sha256)
    rows = store.snapshots.rows(ann, UID, "Draft")
    assert [one["species"] for one in rows] == ["owl", "Käuzchen"]


def test_the_work_goes_on(store, ann):
    bo = Caller(store.users.by_name("bo"))

    lease = store.leases.next(bo, UID)
    added = store.events.add(bo, UID, [event("c1", row("b-3", species="owl"))])
    store.events.adjudicate(ann, UID, [event("c0", row("a-9", species="owl"))])
    taken = store.snapshots.create(ann, UID)
    store.projects.create(bo, "Bats")

    assert lease.clip.identity == "c2"  # which bo has for a while
    assert added.last_seq == 6
    assert (taken.number, taken.through_seq, taken.n_rows) == (2, 7, 4)
    (one,) = store.progress.disagreements(ann, UID, "species")
    assert one.state == "adjudicated"


def test_one_of_a_newer_version_is_refused_and_left_alone(old):
    database = Database(old)
    version = sa.text("UPDATE alembic_version SET version_num = '9999'")
    with database.writing() as connection:
        connection.execute(version)
    kept = set(sa.inspect(database.engine).get_table_names())

    with pytest.raises(HubError, match="made by a newer version of this"):
        HubStore.open(old)

    assert set(sa.inspect(database.engine).get_table_names()) == kept
    database.close()
