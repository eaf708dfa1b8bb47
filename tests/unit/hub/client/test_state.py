"""What a person reads about the way to the hub."""

from __future__ import annotations

import pytest

from annotator.hub.client.state import HubState


@pytest.mark.parametrize(
    ("params", "summary", "is_good"),
    [
        ({"sent": 1200}, "Hub: 1,200 sent", True),
        ({"waiting": 3, "sent": 9}, "Hub: 3 waiting, 9 sent", False),
        ({"set_aside": ["x"], "sent": 9}, "Hub: 9 sent, 1 set aside", False),
        ({"paused": "role"}, "Hub: paused, 0 waiting, 0 sent", False),
        (
            {"paused": "role", "trouble": "net", "waiting": 2},
            "Hub: paused, 2 waiting, 0 sent",
            False,
        ),
        (
            {"trouble": "net", "waiting": 2},
            "Hub: not reached, 2 waiting, 0 sent",
            False,
        ),
    ],
)
def test_one_line_says_how_far_it_is(params, summary, is_good):
    state = HubState(connected=True, **params)

    assert state.summary == summary
    assert state.is_good == is_good


def test_details_are_the_reasons():
    state = HubState(paused="your role", trouble="no net", set_aside=["a", "b"])

    assert state.details.split("\n") == ["your role", "no net", "a", "b"]
    assert HubState().details == ""
