"""A team with a real hub: tokens, projects, assignment, answers, agreement, snapshots."""

from __future__ import annotations

import pandas as pd
import pytest

import annotator
from annotator.app import BioacousticAnnotator
from annotator.errors import InvalidToken, ProjectNotFound
from annotator.hub.permissions import Caller
from tests.integration.hubs import Hub

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hub")
    hub = Hub(f"sqlite:///{folder / 'hub.db'}", folder)
    for name in ("ada", "bob"):
        hub.add(name)
    hub.start()
    yield hub
    hub.stop()


@pytest.fixture(autouse=True)
def logged_out():
    yield
    annotator.logout(timeout=0)


def token_of(hub, name):
    return hub.store.tokens.create(hub.store.users.by_name(name), "script").secret


def review(recording, folder, who, answers):
    """Review the clips as somebody, and return the annotator."""
    ba = BioacousticAnnotator(
        data=pd.DataFrame(
            {
                "id": [1, 2, 3],
                "start_time": [0.0, 1.0, 2.0],
                "end_time": [1.0, 2.0, 3.0],
            }
        ),
        data_index_column="id",
        audio=str(recording),
        output=str(folder / who / "reviews.csv"),
        annotator=who,
        project_name="Owls",
        form_config={"select": {"label": "verdict", "items": ["yes", "no"]}},
    )
    for answer in answers:
        ba.session.submit({"verdict": answer})
    return ba


def test_two_people_review_agree_and_take_a_snapshot(hub, wav, tmp_path):
    recording = wav(duration=4.0, sample_rate=8_000, name="owls.wav")
    ada = hub.store.users.by_name("ada")

    annotator.login(hub.base, token_of(hub, "ada"))
    review(recording, tmp_path, "ada", ["yes", "yes", "no"]).close()
    assert annotator.logout() == 0
    uid = hub.store.projects.find(Caller(ada), "Owls").uid
    hub.store.members.set(Caller(ada), uid, "bob", "annotator")

    annotator.login(hub.base, token_of(hub, "bob"))
    shared = annotator.projects.open("Owls", owner="ada", create_if_missing=False)
    frame = shared.to_frame()
    snapshot = shared.snapshots.create("before", message="all of May")

    again = shared.snapshots.get("before").to_frame()
    pd.testing.assert_frame_equal(again, frame)
    assert list(frame["verdict"]) == ["yes", "yes", "no"]
    assert set(frame["annotator"]) == {"ada"}
    assert snapshot.number == 1


def test_a_deleted_token_stops_the_next_call_and_keeps_what_waits(hub, wav, tmp_path):
    recording = wav(duration=4.0, sample_rate=8_000, name="owls.wav")
    user = hub.store.users.by_name("bob")
    made = hub.store.tokens.create(user, "laptop")
    annotator.login(hub.base, made.secret)

    hub.store.tokens.delete(user, made.info.key_id)
    review(recording, tmp_path, "bob", ["yes"]).close()

    with pytest.raises(InvalidToken):
        annotator.projects.get_all_projects()
    assert annotator.logout(timeout=1) == 1
    annotator.login(hub.base, token_of(hub, "bob"))
    review(recording, tmp_path, "bob", []).close()
    assert annotator.logout() == 0
    uid = hub.store.projects.find(Caller(user), "Owls").uid  # ada's, shared with bob
    events = hub.store.events.list(Caller(user), uid)
    assert [event.kind for event in events if event.user == "bob"] == ["set"]


def test_what_is_not_there_and_not_to_be_made_is_said(hub):
    annotator.login(hub.base, token_of(hub, "ada"))

    with pytest.raises(ProjectNotFound):
        annotator.projects.open("No such", create_if_missing=False)
