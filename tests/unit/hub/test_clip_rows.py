"""What is taken as a clip, and what is refused."""

from __future__ import annotations

import json
import math

import pytest

from annotator.errors import Refused
from annotator.hub.clip_rows import checked, is_identity

GOOD = {
    "identity": "site a|12.5",
    "recording": "s3://owls/Käuze/1.flac",
    "start_time": 3,
    "end_time": 6.5,
    "row": {"species": "Strix aluco", "score": 0.5},
}


def without(key):
    return {name: value for name, value in GOOD.items() if name != key}


def test_a_clip_is_made_what_the_database_keeps():
    (found,) = checked([GOOD])

    assert json.loads(found.pop("row")) == GOOD["row"]
    assert found == {**without("row"), "start_time": 3.0}
    assert isinstance(found["start_time"], float)


def test_the_row_may_be_left_out():
    assert checked([without("row")])[0]["row"] == "{}"


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ("text", "object with the keys"),
        (None, "object with the keys"),
        ({**GOOD, "colour": 1}, "object with the keys"),
        (without("identity"), "identity"),
        ({**GOOD, "identity": 12}, "identity"),
        ({**GOOD, "identity": ""}, "identity"),
        ({**GOOD, "identity": "x" * 256}, "identity"),
        ({**GOOD, "identity": "a\nb"}, "identity"),
        ({**GOOD, "identity": "a\u202eb"}, "identity"),
        ({**GOOD, "identity": "\ud800"}, "identity"),
        (without("recording"), "recording"),
        ({**GOOD, "recording": None}, "recording"),
        ({**GOOD, "recording": "a\0.wav"}, "recording"),
        ({**GOOD, "recording": "a\x7f.wav"}, "recording"),
        ({**GOOD, "recording": "\udfff.wav"}, "recording"),
        (without("start_time"), "finite"),
        ({**GOOD, "start_time": "3"}, "finite"),
        ({**GOOD, "start_time": True}, "finite"),
        ({**GOOD, "start_time": math.nan}, "finite"),
        ({**GOOD, "start_time": -math.inf}, "finite"),
        ({**GOOD, "end_time": math.inf}, "finite"),
        ({**GOOD, "end_time": 10**400}, "finite"),
        ({**GOOD, "end_time": 3}, "before the end"),
        ({**GOOD, "end_time": 2.9}, "before the end"),
        ({**GOOD, "start_time": 2**60, "end_time": 2**60 + 1}, "before the end"),
        ({**GOOD, "row": []}, "row is an object"),
        ({**GOOD, "row": {"a": math.nan}}, "row is an object"),
        ({**GOOD, "row": {"a": "\ud800"}}, "row is an object"),
        ({**GOOD, "row": {"a": 2**64}}, "row is an object"),
        ({**GOOD, "row": {1: "a"}}, "row is an object"),
    ],
)
def test_what_is_no_clip_is_refused(wrong, reason):
    with pytest.raises(Refused, match=reason) as refused:
        checked([GOOD, wrong])

    assert [index for index, _ in refused.value.problems] == [1]


def test_a_refusal_repeats_nothing_that_was_sent():
    with pytest.raises(Refused) as refused:
        checked([{**GOOD, "identity": "s3cr3t\n"}, {"s3cr3t": 1}])

    assert "s3cr3t" not in str(refused.value)


def test_no_more_than_a_hundred_problems_are_told():
    with pytest.raises(Refused) as refused:
        checked([{}] * 1_000)

    assert len(refused.value.problems) == 100


@pytest.mark.parametrize(
    ("value", "is_one"), [("12", True), ("", False), ("a\0", False), (12, False)]
)
def test_only_some_texts_are_identities(value, is_one):
    assert is_identity(value) is is_one
