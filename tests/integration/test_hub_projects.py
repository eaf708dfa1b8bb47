"""`annotator.projects` and snapshots while logged in to a hub."""

from __future__ import annotations

from dataclasses import replace

import pytest

import annotator
from annotator.errors import (
    Forbidden,
    HubConflict,
    HubUnreachable,
    ProjectNotFound,
    Refused,
)
from annotator.hub.client.client import CLIENT
from tests.doubles.hub import Fault, HubDouble
from tests.doubles.hub_client import QUICK, Reviewer, quick_client


@pytest.fixture
def hub():
    with HubDouble() as hub, quick_client():
        yield hub


@pytest.fixture
def logged_in(hub):
    return annotator.login(hub.origin, hub.token("maria"))


@pytest.fixture
def reviewer(tmp_path, hub):
    with Reviewer(tmp_path / "reviews.csv") as reviewer:
        yield reviewer


# -------------------------------------------------------------- projects


def test_a_missing_project_is_made_quietly(hub, logged_in, capsys):
    project = annotator.projects.open("Owls")

    assert (project.name, project.owner, project.role) == ("Owls", "maria", "owner")
    assert project.uid == hub.project("Owls").uid
    assert annotator.projects.open("owls").uid == project.uid
    assert capsys.readouterr() == ("", "")


def test_a_missing_project_that_is_not_to_be_made_is_not_found(hub, logged_in):
    with pytest.raises(ProjectNotFound, match="no project 'Owls'"):
        annotator.projects.open("Owls", create_if_missing=False)

    assert hub.projects == {}


def test_ones_own_project_comes_first_and_owner_picks_a_shared_one(hub, logged_in):
    hub.add("Owls", owner="chen", maria="annotator")
    shared = annotator.projects.open("Owls")
    own = hub.add("Owls", owner="maria")

    assert (shared.owner, shared.role) == ("chen", "annotator")
    assert annotator.projects.open("Owls").uid == own.uid
    assert annotator.projects.open("Owls", owner="Chen").uid == shared.uid


def test_nobodys_project_is_made_in_the_name_of_another(hub, logged_in):
    hub.add("Frogs", owner="chen")  # not shared

    with pytest.raises(ProjectNotFound, match="'Frogs' of chen"):
        annotator.projects.open("Frogs", owner="chen")
    assert annotator.projects.open("Frogs", owner="maria").owner == "maria"


def test_a_project_that_another_program_just_made_is_opened(hub, logged_in):
    hub.faults.append(Fault(503, path="/projects"))  # asked again
    really = hub.answer

    def answer(method, path, *rest):
        if method == "POST" and path == "/projects":
            hub.add("Owls")
        return really(method, path, *rest)

    hub.answer = answer

    assert annotator.projects.open("Owls").uid == hub.project("Owls").uid


def test_a_name_in_the_archive_is_told(hub, logged_in):
    really = hub.answer
    hub.add("Owls")
    hub.answer = lambda method, path, *rest: (
        [] if (method, path) == ("GET", "/projects") else really(method, path, *rest)
    )

    with pytest.raises(HubConflict, match="in the archive"):
        annotator.projects.open("Owls")


def test_all_projects_are_ones_own_and_shared_ones(hub, logged_in):
    hub.add("Owls")
    hub.add("Frogs", owner="chen", maria="viewer")
    hub.add("Secret", owner="chen")

    found = annotator.projects.get_all_projects()

    assert [(p.name, p.owner, p.role) for p in found] == [
        ("Owls", "maria", "owner"),
        ("Frogs", "chen", "viewer"),
    ]
    assert repr(found[1]) == (
        f"<Project 'Frogs' of chen, you are viewer: {hub.origin}>"
    )


# ------------------------------------------------------------- snapshots


def test_a_snapshot_holds_what_was_just_submitted(hub, reviewer):
    hub.add("OWLS")
    CLIENT.pace = replace(QUICK, batch=1)  # so that it takes more than one request
    annotator.login(hub.origin, hub.token("maria"))
    project = annotator.projects.open("owls")
    reviewer.submit(*range(30))

    snapshot = project.snapshots.create("v1", message="before lunch")
    reviewer.submit(30)

    assert (snapshot.number, snapshot.name, snapshot.n_rows) == (1, "v1", 30)
    assert (snapshot.message, snapshot.by) == ("before lunch", "maria")
    assert snapshot.to_frame()["clip"].tolist() == list(range(30))
    assert project.to_frame()["clip"].tolist() == list(range(31))
    columns = ["clip", "annotator", "annotation_id", "created_at"]
    assert list(project.to_frame().columns[:4]) == columns


def test_a_shared_project_has_snapshots_as_ones_own(hub, logged_in):
    hub.add("Owls", owner="chen", maria="annotator")
    project = annotator.projects.open("Owls", owner="chen")
    project.add_snapshot(message="mine")
    project.add_snapshot("second")

    assert [one.name for one in project.snapshots.list()] == ["second", "Snapshot 1"]
    assert project.snapshots.get("SECOND").number == 2
    assert project.snapshots.get(1).message == project.snapshots.get("1").message
    assert project.snapshots.get(1).to_frame().empty
    with pytest.raises(ProjectNotFound, match="no snapshot 'third'"):
        project.snapshots.get("third")
    with pytest.raises(HubConflict, match="of this name"):
        project.add_snapshot("second")


def test_a_snapshot_that_comes_in_part_is_not_taken_for_the_whole(
    hub, logged_in, reviewer
):
    project = annotator.projects.open("Owls")
    reviewer.submit("a", "b")
    snapshot = project.add_snapshot()
    hub.project("Owls").snapshots[0][1].pop()

    with pytest.raises(HubUnreachable, match="has 2 annotations, and 1 came"):
        snapshot.to_frame()


def test_what_the_hub_says_becomes_its_error(hub, logged_in):
    project = annotator.projects.open("Owls")
    hub.faults.append(Fault(403, body={"detail": "This takes manager."}))
    hub.faults.append(Fault(422, body={"detail": "Too long."}))

    with pytest.raises(Forbidden, match="takes manager"):
        project.add_snapshot()
    with pytest.raises(Refused, match="Too long"):
        project.add_snapshot()


def test_a_snapshot_is_not_made_twice_because_an_answer_was_lost(hub, logged_in):
    project = annotator.projects.open("Owls")
    hub.lost_answers = 1.0

    with pytest.raises(HubUnreachable):
        project.add_snapshot()

    hub.lost_answers = 0.0
    assert len(project.snapshots.list()) == 1
