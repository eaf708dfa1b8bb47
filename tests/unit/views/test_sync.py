"""The Sync button says how far the hub is, and hides where there is nothing to sync to."""

from __future__ import annotations

import pytest

from annotator.hub.client.state import HubState
from annotator.views.kit import Kit
from annotator.views.stage import Stage
from annotator.views.sync import SyncAction, SyncView


def show(state=None, *, label="Sync", only_hub=False):
    action = SyncAction(label, lambda *_a, **_k: "done", hub=state, only_hub=only_hub)
    return SyncView(action, kit=Kit(material=True), stage=Stage())


def test_without_a_project_there_is_nothing_of_a_hub():
    view = show()

    assert view.button.visible
    assert not view._hub.visible


@pytest.mark.parametrize("only_hub", [True, False])
def test_a_login_shows_the_hub_and_a_logout_hides_it(only_hub):
    state = HubState()
    view = show(state, only_hub=only_hub)
    before = (view.button.visible, view._hub.visible)

    state.param.update(connected=True, sent=3)
    during = (view.button.visible, view._hub.visible)
    state.connected = False

    assert before == (not only_hub, False)
    assert during == (True, True)
    assert (view.button.visible, view._hub.visible) == before


def test_the_line_follows_the_state():
    state = HubState(connected=True)
    view = show(state)

    state.param.update(waiting=2, sent=1)
    waiting = view._hub.object
    state.param.update(waiting=0, sent=3)

    assert waiting == '<div class="status">Hub: 2 waiting, 1 sent </div>'
    assert view._hub.object == '<div class="status done">Hub: 3 sent </div>'


def test_reasons_are_folded_away_and_harmless():
    state = HubState(connected=True, set_aside=["clip <b>: <script>"], paused="no & no")
    html = show(state)._hub.object

    assert "<details><summary>Details</summary><pre>no &amp; no\nclip &lt;b&gt;" in html
    assert "<script>" not in html


def test_a_button_that_nobody_wants_stays_away():
    view = show(HubState(connected=True), label="", only_hub=True)

    assert not view.button.visible
    assert view._hub.visible
