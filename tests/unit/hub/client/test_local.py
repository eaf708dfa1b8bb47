"""Projects of this machine, without a hub."""

from __future__ import annotations

import pytest

import annotator
from annotator.errors import (
    FormatError,
    HubConflict,
    ParameterError,
    ProjectNotFound,
)
from annotator.hub.client.local import local_name, local_projects, this_user
from tests.doubles.hub_client import Reviewer, quick_client


@pytest.fixture(autouse=True)
def data(tmp_path, monkeypatch):
    """Return the folder where the system keeps the user's data."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr(
        "platformdirs.user_data_dir", lambda *_a, **_k: tmp_path / "data"
    )
    return tmp_path / "data"


@pytest.fixture
def reviewer(tmp_path):
    with quick_client(), Reviewer(tmp_path / "reviews.csv") as reviewer:
        yield reviewer


def test_a_missing_project_is_made_quietly(capsys):
    project = annotator.projects.open("Owls of Kenya/é")

    assert (project.name, project.owner) == ("Owls of Kenya/é", this_user())
    assert project.role == "owner"
    assert local_projects() == ["Owls of Kenya/é"]
    assert "this machine" in repr(project)
    assert capsys.readouterr() == ("", "")


def test_a_missing_project_is_told_where_it_is_not_to_be_made():
    with pytest.raises(ProjectNotFound, match="not logged in"):
        annotator.projects.open("Owls", create_if_missing=False)

    assert local_projects() == []


def test_an_annotators_project_is_there_without_being_made(reviewer):
    project = annotator.projects.open("OWLS", create_if_missing=False)

    assert project.to_frame().empty


def test_somebody_elses_project_needs_a_hub():
    with pytest.raises(ProjectNotFound, match="'Owls' of chen"):
        annotator.projects.open("Owls", owner="chen")
    assert annotator.projects.open("Owls", owner=this_user()).name == "Owls"


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 121, None, 3])
def test_a_name_is_a_line_of_text(name):
    with pytest.raises(ParameterError, match="1 to 120 characters"):
        annotator.projects.open(name)


def test_a_name_cannot_lead_out_of_the_folder(data):
    annotator.projects.open("../../etc")
    annotator.projects.open("..")

    assert {path.parent.name for path in data.glob("projects/*")} == {"projects"}
    assert len(local_projects()) == 2


def test_its_annotations_are_those_of_its_outputs(reviewer, tmp_path):
    reviewer.submit("a", "b")
    reviewer.store.delete("a")
    with Reviewer(tmp_path / "more.csv", author="chen") as other:
        other.submit("c")
        frame = annotator.projects.open("Owls").to_frame()
    with Reviewer(tmp_path / "else.csv", project="Frogs") as frogs:
        frogs.submit("f")

    assert frame["clip"].tolist() == ["b", "c"]
    assert frame["annotator"].tolist() == ["maria", "chen"]
    assert frame["label"].tolist() == ["owl", "owl"]
    # The outputs are remembered when the annotator is gone.
    assert annotator.projects.open("owls").to_frame()["clip"].tolist() == ["b", "c"]


def test_a_snapshot_stays_as_it_was(reviewer):
    project = annotator.projects.open("Owls")
    reviewer.submit("a")
    first = project.snapshots.create("first look", message="before lunch")
    reviewer.submit("b")
    second = project.add_snapshot()

    found = annotator.projects.open("Owls").snapshots
    assert [one.name for one in found.list()] == ["Snapshot 2", "first look"]
    assert (first.number, first.n_rows, first.message) == (1, 1, "before lunch")
    assert (second.number, second.n_rows, second.by) == (2, 2, this_user())
    assert found.get("First Look").to_frame()["clip"].tolist() == ["a"]
    assert found.get(2).to_frame()["clip"].tolist() == ["a", "b"]
    assert found.get("2") == found.get("snapshot 2") == second
    assert len(first.sha256) == 64


def test_names_of_snapshots_are_taken_once_and_are_no_numbers(reviewer):
    snapshots = annotator.projects.open("Owls").snapshots
    snapshots.create("v1")

    with pytest.raises(HubConflict, match="choose another name"):
        snapshots.create("V1")
    with pytest.raises(ParameterError, match="taken for a number"):
        snapshots.create("12")
    with pytest.raises(ProjectNotFound, match="no snapshot 'v2'"):
        snapshots.get("v2")


def test_a_snapshot_that_was_changed_by_hand_is_none_any_more(reviewer, data):
    reviewer.submit("a")
    snapshot = annotator.projects.open("Owls").add_snapshot()
    (path,) = data.glob("projects/*/snapshot-*.jsonl")
    path.write_text(path.read_text("utf-8").replace("owl", "cat"), "utf-8")

    with pytest.raises(FormatError, match="changed after it was made"):
        snapshot.to_frame()


def test_all_projects_are_those_opened_and_those_at_work(reviewer):
    annotator.projects.open("Frogs")
    annotator.projects.open("owls")

    found = annotator.projects.get_all_projects()

    assert [project.name for project in found] == ["Frogs", "owls"]
    assert "this machine" in repr(annotator.projects)


def test_a_local_name_is_composed():
    assert local_name(" Oe\u0301 ") == "O\u00e9"
