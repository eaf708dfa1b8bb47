"""Members of projects, on each database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from annotator.errors import Forbidden, HubConflict, ProjectNotFound, Refused
from annotator.hub.store import access, clock, tables
from annotator.hub.store.clips import Clips
from annotator.hub.store.events import Events
from annotator.hub.store.leases import Leases
from annotator.hub.store.members import Members
from annotator.hub.store.projects import Projects
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


class TestMembers:
    def test_a_manager_invites_by_name_in_whatever_case(self, team, members):
        manager = team.add("max", "manager")
        team.add("Éva")

        members.set(manager, team.uid, " e\u0301VA ", "annotator")

        found = members.list(team.ada, team.uid)
        roles = [("ada", "owner"), ("max", "manager"), ("Éva", "annotator")]
        assert [(one.user, one.role) for one in found] == roles

    def test_a_member_gets_another_role(self, team, members, projects):
        bob = team.add("bob", "viewer")

        members.set(team.ada, team.uid, "bob", "manager")

        assert projects.get(bob, team.uid).role == "manager"
        assert len(members.list(team.ada, team.uid)) == 2

    @pytest.mark.parametrize("name", [*HOSTILE, "nobody"])
    def test_an_unknown_name_is_refused_and_not_repeated(self, team, members, name):
        for way in (
            lambda: members.set(team.ada, team.uid, name, "viewer"),
            lambda: members.remove(team.ada, team.uid, name),
        ):
            with pytest.raises(Refused) as refused:
                way()
            assert "nobody" not in str(refused.value)

    @pytest.mark.parametrize("role", ["owner", "king", "", None])
    def test_nobody_becomes_an_owner_or_what_is_no_role(self, team, members, role):
        team.add("bob", "viewer")

        with pytest.raises(Refused):
            members.set(team.ada, team.uid, "bob", role)

    def test_the_owner_stays(self, team, members):
        manager = team.add("max", "manager")
        for caller in (team.ada, manager):
            with pytest.raises(HubConflict):
                members.remove(caller, team.uid, "ADA")
            with pytest.raises(HubConflict):
                members.set(caller, team.uid, "ada", "viewer")

    def test_a_manager_makes_and_removes_no_managers(self, team, members):
        manager = team.add("max", "manager")
        team.add("mia", "manager")
        team.add("bob", "viewer")

        for name, role in [("bob", "manager"), ("mia", "viewer")]:
            with pytest.raises(Forbidden):
                members.set(manager, team.uid, name, role)
        with pytest.raises(Forbidden):
            members.remove(manager, team.uid, "mia")
        members.remove(manager, team.uid, "bob")

    def test_others_invite_and_remove_nobody(self, team, members):
        bob = team.add("bob", "annotator")
        team.add("vic", "viewer")
        team.add("eve")

        with pytest.raises(Forbidden):
            members.set(bob, team.uid, "eve", "viewer")
        with pytest.raises(Forbidden):
            members.remove(bob, team.uid, "vic")

    def test_a_member_leaves_unless_the_token_only_reads(self, team, members, projects):
        bob = team.add("bob", "viewer")

        with pytest.raises(Forbidden):
            members.remove(with_token(bob, "project:read"), team.uid, "bob")
        members.remove(bob, team.uid, "bob")

        with pytest.raises(ProjectNotFound):
            projects.get(bob, team.uid)

    @pytest.mark.parametrize("way", ["remove", "make a viewer"])
    def test_who_reviews_no_more_leaves_clips_to_others(self, team, members, way):
        bob, eve = team.add("bob", "annotator"), team.add("eve", "annotator")
        clips, leases = Clips(team.database), Leases(team.database)
        clips.add(team.ada, team.uid, [clip(1), clip(2)])
        clips.assign(team.ada, team.uid, ["bob"])
        assert leases.next(bob, team.uid) is not None
        assert leases.next(eve, team.uid) is None

        if way == "remove":
            members.remove(team.ada, team.uid, "bob")
        else:
            members.set(team.ada, team.uid, "bob", "viewer")

        assert leases.next(eve, team.uid).clip.identity == "clip-1"
        with team.database.reading() as connection:
            left = sa.select(sa.func.count()).select_from(tables.assignments)
            assert connection.scalar(left) == 0

    def test_what_a_removed_person_reviewed_stays(self, team, members):
        bob = team.add("bob", "annotator")
        Events(team.database).add(bob, team.uid, [event()])

        members.remove(team.ada, team.uid, "bob")

        (kept,) = Events(team.database).list(team.ada, team.uid)
        assert kept.user == "bob"

    def test_who_is_invited_twice_at_once_is_a_member_once(self, team, members):
        team.add("bob")

        with ThreadPoolExecutor(4) as pool:
            invited = [
                pool.submit(members.set, team.ada, team.uid, "bob", role)
                for role in ["viewer", "annotator"] * 4
            ]
            for each in invited:
                each.result()

        assert [m.user for m in members.list(team.ada, team.uid)] == ["ada", "bob"]

    def test_what_others_do_is_waited_for(self, team, members, database):  # noqa: F811
        if database.is_sqlite:
            pytest.skip("who waits on SQLite has not looked yet")
        bob = team.add("bob")
        line = {"user_id": bob.user.id, "role": "viewer", "added_at": clock.now()}
        with database.writing() as connection, ThreadPoolExecutor(1) as pool:
            access.lock(connection, 1)
            invited = pool.submit(members.set, team.ada, team.uid, "bob", "manager")
            wait_for_a_lock(database)
            connection.execute(sa.insert(tables.members).values(project_id=1, **line))
            connection.commit()
            invited.result()

        assert members.list(team.ada, team.uid)[1].role == "manager"
