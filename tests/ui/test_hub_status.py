"""How far the hub is, beside the Sync button, as a person comes to see it."""

from __future__ import annotations

import pandas as pd
import pytest

import annotator
from annotator.app import BioacousticAnnotator
from tests.doubles.hub import Fault, HubDouble
from tests.doubles.hub_client import quick_client
from tests.ui.driving import open_review


@pytest.fixture
def hub():
    with HubDouble() as hub, quick_client():
        yield hub


@pytest.fixture
def review(hub, wav, tmp_path):
    table = pd.DataFrame({"id": [1, 2, 3], "start_time": [0.0, 1.0, 2.0]})
    table["end_time"] = table["start_time"] + 1
    ba = BioacousticAnnotator(
        data=table,
        audio=str(wav(duration=4.0)),
        output=str(tmp_path / "answers.csv"),
        data_index_column="id",
        form_config={"select": {"label": "Right?", "items": ["yes", "no"]}},
        default_buffer=0,
        project_name="Owls",
    )
    yield ba
    ba.close()


def test_a_login_brings_the_line_and_the_button_and_a_logout_takes_them_away(
    page, serve, wait_until, review, hub
):
    screen = open_review(page, serve, wait_until, review)
    line = screen.part("hub-status")
    before = (line.is_visible(), screen.sync_button.is_visible())

    annotator.login(hub.origin, hub.token("maria"))
    screen.until(lambda: "Hub: 0 sent" in screen.seen("hub-status"))
    hub.always = Fault(503, path="/events")
    screen.answer("yes")
    screen.submit_button.click()
    screen.until(lambda: "not reached, 1 waiting" in screen.seen("hub-status"))
    hub.always = None
    screen.until(lambda: screen.seen("hub-status") == "Hub: 1 sent")
    hub.refuses = lambda _event: "<b>No such clip</b>"
    screen.answer("no")
    screen.submit_button.click()
    screen.until(lambda: "1 set aside" in screen.seen("hub-status"))
    line.locator("summary").click()
    screen.until(lambda: "clip 2: <b>No such clip</b>" in screen.seen("hub-status"))
    line.locator("summary").click()
    screen.sync_button.click()
    screen.until(lambda: "The hub has all but 1" in screen.seen("sync-status"))
    annotator.logout()
    screen.until(lambda: not line.is_visible())

    assert before == (False, False)
    assert not screen.sync_button.is_visible()
    assert hub.clips("Owls") == ["1"]
