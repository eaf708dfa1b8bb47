"""Projects and their members, on each database."""

from __future__ import annotations

import dataclasses
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from annotator.errors import Forbidden, HubConflict, ProjectNotFound, Refused
from annotator.hub.store import access, clock, tables
from annotator.hub.store.audit import Audit
from annotator.hub.store.clips import Clips
from annotator.hub.store.events import Events
from annotator.hub.store.members import Members
from annotator.hub.store.projects import Projects
from annotator.hub.store.snapshots import Snapshots
from tests.contracts.hub_ground import clip
from tests.contracts.hub_people import Team, event, wait_for_a_lock, with_token
from tests.doubles.databases import database  # noqa: F401 (a fixture)

HOSTILE = ["\0", "\ud800", "' OR 1=1 --", "x" * 100_000, "", "%", "_"]


@pytest.fixture
def team(database):  # noqa: F811
    return Team(database)


@pytest.fixture
def projects(database):  # noqa: F811
    return Projects(database)


@pytest.fixture
def members(database):  # noqa: F811
    return Members(database)


def names(found):
    return [one.name for one in found]


class TestProjects:
    def test_who_makes_a_project_owns_it(self, team, projects):
        made = projects.create(team.ada, " Night ", "What flies at night")

        assert made == projects.get(team.ada, made.uid)
        assert (made.name, made.owner, made.role) == ("Night", "ada", "owner")
        assert (made.description, made.archived) == ("What flies at night", False)
        assert made.last_seq == 0

    def test_a_token_that_may_only_write_can_make_one(self, team, projects):
        made = projects.create(with_token(team.ada, "project:write"), "Night")

        assert projects.get(team.ada, made.uid) == made

    def test_a_token_for_certain_projects_makes_no_other(self, team, projects):
        token = with_token(team.ada, "project:write", uids=[team.uid])

        with pytest.raises(Forbidden, match="certain projects"):
            projects.create(token, "Night")
        assert names(projects.list(team.ada)) == ["Owls"]

    def test_nobody_has_two_of_one_name_but_two_people_may(self, team, projects):
        with pytest.raises(HubConflict):
            projects.create(team.ada, "OWLS ")
        other = projects.create(team.ada, "Night")
        with pytest.raises(HubConflict):
            projects.rename(team.ada, other.uid, "owls")

        assert projects.create(team.add("bob"), "Owls").owner == "bob"
        assert names(projects.list(team.ada)) == ["Owls", "Night"]

    def test_of_two_who_make_the_same_at_once_one_is_first(self, team, projects):
        def make(_n):
            try:
                return projects.create(team.ada, "Night").uid
            except HubConflict:
                return None

        with ThreadPoolExecutor(4) as pool:
            made = [uid for uid in pool.map(make, range(4)) if uid]

        assert len(made) == 1

    @pytest.mark.parametrize("name", ["", " ", "a\0", "a\u202eb", "\ud800", "x" * 121])
    def test_a_bad_name_is_refused(self, team, projects, name):
        with pytest.raises(Refused):
            projects.create(team.ada, name)
        with pytest.raises(Refused):
            projects.rename(team.ada, team.uid, name)
        assert names(projects.list(team.ada)) == ["Owls"]

    def test_another_name_and_description(self, team, projects):
        projects.rename(team.ada, team.uid, "Night owls")
        projects.edit(team.ada, team.uid, description="Those of the wood")

        found = projects.get(team.ada, team.uid)
        assert (found.name, found.description) == ("Night owls", "Those of the wood")
        assert projects.find(team.ada, "night OWLS") == found

    def test_its_configuration_comes_back_to_the_letter(self, team, projects):
        text = "form:\n  - select: {label: Käuzchen 🦉}\n"

        projects.set_config(team.ada, team.uid, text)

        assert projects.config(team.ada, team.uid) == text
        for bad in ("a\0", "\ud800", "x" * 200_001):
            with pytest.raises(Refused):
                projects.set_config(team.ada, team.uid, bad)
        assert projects.config(team.ada, team.uid) == text

    def test_search_is_for_part_of_a_name_or_an_owner(self, team, projects, members):
        bob = team.add("bob")
        shared = projects.create(bob, "100 % Bats")
        members.set(bob, shared.uid, "ada", "viewer")
        projects.create(bob, "Secret bats")

        assert names(projects.list(team.ada)) == ["Owls", "100 % Bats"]
        assert names(projects.list(team.ada, "BATS")) == ["100 % Bats"]
        assert names(projects.list(team.ada, "bob")) == ["100 % Bats"]
        assert names(projects.list(team.ada, "%")) == ["100 % Bats"]
        for hostile in HOSTILE[:4]:
            assert projects.list(team.ada, hostile) == []

    def test_one_s_own_is_found_first(self, team, projects, members):
        bob = team.add("bob", "viewer")
        assert projects.find(bob, "owls").owner == "ada"

        own = projects.create(bob, "OWLS")

        assert projects.find(bob, "owls") == own
        assert projects.find(bob, "owls", "ADA").uid == team.uid
        assert projects.find(team.ada, "owls").uid == team.uid
        projects.archive(bob, own.uid)
        assert projects.find(bob, "owls").uid == own.uid

    def test_what_one_may_not_see_is_not_found(self, team, projects):
        stranger = team.add("sam")
        ways = [
            lambda caller, uid: projects.get(caller, uid),
            lambda caller, uid: projects.config(caller, uid),
            lambda caller, uid: projects.set_config(caller, uid, "a: 1"),
            lambda caller, uid: projects.rename(caller, uid, "Mine"),
            lambda caller, uid: projects.archive(caller, uid),
            lambda caller, uid: Members(team.database).list(caller, uid),
            lambda caller, uid: Members(team.database).set(
                caller, uid, "sam", "viewer"
            ),
            lambda caller, uid: Members(team.database).remove(caller, uid, "sam"),
            lambda caller, uid: Members(team.database).remove(caller, uid, "ada"),
            lambda caller, uid: Audit(team.database).of_project(caller, uid),
        ]
        token = with_token(team.ada, uids=[str(uuid.uuid4())])
        for way in ways:
            answers = set()
            for caller, uid in [
                (stranger, team.uid),
                (token, team.uid),
                (team.ada, str(uuid.uuid4())),
                *((team.ada, uid) for uid in HOSTILE),
            ]:
                with pytest.raises(ProjectNotFound) as refused:
                    way(caller, uid)
                answers.add(str(refused.value))
            assert len(answers) == 1

    @pytest.mark.parametrize("name", [*HOSTILE, "Owls"])
    def test_a_stranger_finds_none_by_name(self, team, projects, name):
        with pytest.raises(ProjectNotFound):
            projects.find(team.add("sam"), name)
        with pytest.raises(ProjectNotFound):
            projects.find(team.ada, "Owls", owner=name)

    def test_each_role_may_what_it_may(self, team, projects):
        manager, viewer = team.add("max", "manager"), team.add("vic", "viewer")

        projects.rename(manager, team.uid, "Night")
        assert projects.get(viewer, team.uid).role == "viewer"
        for caller, way in [
            (viewer, lambda caller: projects.rename(caller, team.uid, "Mine")),
            (viewer, lambda caller: projects.set_config(caller, team.uid, "")),
            (manager, lambda caller: projects.archive(caller, team.uid)),
            (with_token(team.ada), lambda caller: projects.get(caller, team.uid)),
            (with_token(team.ada), projects.list),
            (with_token(team.ada), lambda caller: projects.find(caller, "Night")),
            (
                with_token(team.ada, "project:read"),
                lambda caller: projects.rename(caller, team.uid, "Mine"),
            ),
        ]:
            with pytest.raises(Forbidden):
                way(caller)
        assert projects.get(team.ada, team.uid).name == "Night"

    def test_a_deactivated_user_has_no_projects(self, team, projects):
        bob = team.add("bob", "viewer")
        with team.database.writing() as connection:
            users = tables.users
            connection.execute(
                sa.update(users).where(users.c.name == "bob").values(is_active=False)
            )

        assert projects.list(bob) == []
        with pytest.raises(ProjectNotFound):
            projects.get(bob, team.uid)

    def test_the_audit_log_tells_who_did_it(self, team, projects):
        token = dataclasses.replace(team.ada, key_id="abc")
        projects.rename(token, team.uid, "Night")
        projects.archive(team.ada, team.uid)

        notes = Audit(team.database).of_project(team.ada, team.uid)

        actions = ["project.archive", "project.edit", "project.create"]
        assert [one.action for one in notes] == actions
        assert {one.by for one in notes} == {"ada"}
        assert notes[1].detail == {"name": "Night", "token": "abc"}


class TestArchived:
    def test_it_takes_nothing_new_but_is_read(self, team, projects, members):
        team.add("bob", "annotator")
        team.add("eve")
        events, snapshots = Events(team.database), Snapshots(team.database)
        events.add(team.ada, team.uid, [event()])
        projects.archive(team.ada, team.uid)

        for way in (
            lambda: events.add(team.ada, team.uid, [event()]),
            lambda: members.set(team.ada, team.uid, "eve", "viewer"),
            lambda: Clips(team.database).add(team.ada, team.uid, [clip(1)]),
            lambda: projects.rename(team.ada, team.uid, "Night"),
        ):
            with pytest.raises(HubConflict, match="archived; its owner can take it"):
                way()
        assert projects.get(team.ada, team.uid).archived
        assert projects.list(team.ada) == []
        assert names(projects.list(team.ada, archived=True)) == ["Owls"]
        assert len(events.list(team.ada, team.uid)) == 1
        assert snapshots.create(team.ada, team.uid).through_seq == 1
        members.remove(team.ada, team.uid, "bob")

    def test_its_owner_takes_it_back(self, team, projects):
        projects.archive(team.ada, team.uid)
        projects.archive(team.ada, team.uid, archived=False)

        assert Events(team.database).add(team.ada, team.uid, [event()]).n_new == 1
        assert names(projects.list(team.ada)) == ["Owls"]

    def test_what_waited_while_it_was_archived_is_refused(self, team, database):  # noqa: F811
        if database.is_sqlite:
            pytest.skip("who waits on SQLite has not looked yet")
        with database.writing() as connection, ThreadPoolExecutor(1) as pool:
            access.lock(connection, 1)
            sent = pool.submit(Events(database).add, team.ada, team.uid, [event()])
            wait_for_a_lock(database)
            connection.execute(
                sa.update(tables.projects).values(archived_at=clock.now())
            )
            connection.commit()
            with pytest.raises(HubConflict, match="archived"):
                sent.result()
