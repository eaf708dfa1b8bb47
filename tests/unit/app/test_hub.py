"""An annotator with a project follows the hub; one without does not."""

from __future__ import annotations

import gc

import pandas as pd
import pytest

import annotator
from annotator.errors import HubUnreachable, ParameterError
from annotator.hub.client.client import CLIENT
from tests.doubles.hub import Fault, HubDouble
from tests.doubles.hub_client import quick_client


@pytest.fixture
def hub():
    with HubDouble() as hub, quick_client():
        yield hub


@pytest.fixture
def make(wav, tmp_path, hub):
    frame = pd.DataFrame({"id": [1, 2], "start_time": [0, 1], "end_time": [1, 2]})
    recording = str(wav(duration=3.0))

    def make(**settings):
        given = {"output": str(tmp_path / "reviews.csv"), **settings}
        return annotator.BioacousticAnnotator(
            data=frame,
            audio=recording,
            data_index_column="id",
            form_config={"select": {"label": "ok", "items": ["y", "n"]}},
            **given,
        )

    return make


@pytest.fixture
def ba(make):
    ba = make(project_name="Owls")
    yield ba
    ba.close()


def press(ba):
    """Do what the button does; return its line."""
    return ba._sync.action().run({}, progress=lambda *_: None, cancelled=lambda: False)


def test_without_a_project_or_a_place_there_is_no_button(make):
    ba = make()

    assert ba._sync.action() is None
    assert CLIENT.feeds() == []
    ba.close()


def test_with_a_project_there_is_a_button_for_the_hub_alone(ba):
    action = ba._sync.action()

    assert (action.label, action.only_hub) == ("Sync", True)
    assert action.hub.project == "Owls"
    assert not action.hub.connected


def test_with_a_place_too_the_button_syncs_there_and_shows_the_hub(make, tmp_path):
    ba = make(
        project_name="Owls",
        output={"path": str(tmp_path / "a.csv"), "uri": str(tmp_path / "copies/")},
    )
    ba.session.submit({"ok": "y"})
    action = ba._sync.action()

    assert not action.only_hub
    assert action.hub is not None
    assert press(ba) == "Synced 1 annotation"
    ba.close()


def test_a_button_that_is_switched_off_stays_off(make, tmp_path):
    output = {"path": str(tmp_path / "a.csv"), "sync_button": False}
    ba = make(project_name="Owls", output=output)

    assert ba._sync.action().label == ""
    ba.close()


def test_the_button_sends_what_waits_and_says_so(ba, hub):
    annotator.login(hub.origin, hub.token("maria"))
    ba.session.submit({"ok": "y"})

    assert press(ba) == "Everything is in the hub"
    assert hub.clips("Owls") == ["1"]


def test_the_button_says_why_something_still_waits(ba, hub):
    hub.add("Owls", owner="chen", maria="viewer")
    annotator.login(hub.origin, hub.token("maria"))
    ba.session.submit({"ok": "y"})

    with pytest.raises(HubUnreachable, match="Your role in this project is viewer"):
        press(ba)


def test_sync_by_code_is_for_places(ba, hub):
    annotator.login(hub.origin, hub.token("maria"))

    with pytest.raises(ParameterError, match="No sync destination"):
        ba.sync()


def test_a_submit_never_fails_because_of_the_hub(ba, hub):
    annotator.login(hub.origin, hub.token("maria"))
    hub.always = Fault(500)

    ba.session.submit({"ok": "y"})

    assert len(ba.output()) == 1


def test_an_annotator_that_a_notebook_forgot_is_followed_no_more(make):
    ba = make(project_name="Frogs")
    n_before = len(CLIENT.feeds())
    ba.close()
    del ba
    gc.collect()

    assert (n_before, CLIENT.feeds()) == (1, [])


def test_two_annotators_of_one_output_are_one_feed(ba, make):
    other = make(project_name="Owls")
    n_feeds = len(CLIENT.feeds())
    other.close()

    assert (n_feeds, len(CLIENT.feeds())) == (1, 1)
