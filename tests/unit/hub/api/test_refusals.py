"""Refusals say what is expected, and where; never what was there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from annotator.hub.api import (
    clips,
    events,
    leases,
    members,
    projects,
    snapshots,
    tokens,
)
from annotator.hub.api.refusals import _ELSE, NO_JSON, reasons
from annotator.hub.api.shapes import Asked, Body

CANARY = "KANARIENVOGEL"


def subclasses(kind):
    for one in kind.__subclasses__():
        yield one
        yield from subclasses(one)


MODELS = sorted({*subclasses(Body), *subclasses(Asked)}, key=lambda kind: kind.__name__)


def refused(model, value):
    """Return what is wrong with a value, as FastAPI tells it."""
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(model).validate_python(value)
    found = caught.value.errors()
    return reasons([{**one, "loc": ("body", *one["loc"])} for one in found])


def test_there_are_models_to_try():
    assert {clips.NewClips, events.Batch, leases.Renewal, tokens.NewToken} <= set(
        MODELS
    )


@pytest.mark.parametrize(
    ("model", "value", "reason"),
    [
        (projects.NewProject, {}, "body.name: this is missing."),
        (projects.NewProject, {"name": 3}, "body.name: a text is expected."),
        (
            projects.NewProject,
            {"name": "x" * 121},
            "body.name: a text of at most 120 characters is expected.",
        ),
        (
            projects.NewProject,
            {"name": "x", CANARY: 1},
            "body: there is a name here that is not known.",
        ),
        (
            members.MemberEdit,
            {"role": "owner"},
            "body.role: one of 'viewer', 'annotator' or 'manager' is expected.",
        ),
        (leases.Wish, {"minutes": 0}, "body.minutes: more than 0.0 is expected."),
        (
            leases.Wish,
            {"minutes": float("nan")},
            "body.minutes: a finite number is expected.",
        ),
        (
            clips.Assignment,
            {"reviews_wanted": 101},
            "body.reviews_wanted: 100 or less is expected.",
        ),
        (
            clips.Assignment,
            {"reviews_wanted": True},
            "body.reviews_wanted: a whole number is expected.",
        ),
        (
            tokens.NewToken,
            {"name": "t", "scopes": []},
            "body.scopes: a list of at least 1 is expected.",
        ),
        (
            snapshots.NewSnapshot,
            {"message": "\ud800"},
            "body.message: a text of valid Unicode is expected.",
        ),
        (
            events.Batch,
            {"events": [0] * 201},
            "body.events: a list of at most 200 is expected.",
        ),
        (
            projects.ProjectEdit,
            {},
            "body: change name and description, or archived, in a request of its own.",
        ),
    ],
)
def test_what_is_expected_is_said_in_words(model, value, reason):
    assert refused(model, value) == [(None, reason)]


def test_an_item_is_named_by_its_number():
    value = {"users": ["ada", 3]}

    assert refused(clips.Assignment, value) == [
        (1, "body.users.1: a text is expected.")
    ]


def test_a_place_in_the_text_of_a_body_is_no_number_of_an_item():
    error = {"type": "json_invalid", "loc": ("body", 7), "ctx": {"error": CANARY}}

    assert reasons([error]) == [(None, NO_JSON)]


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from([CANARY, CANARY * 20_000, "\ud800", ""]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([CANARY, "x"]), inner, max_size=2)
    ),
    max_leaves=5,
)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
@given(data=st.data())
def test_nothing_that_was_sent_is_repeated(model, data):
    fields = dict.fromkeys([*model.model_fields, CANARY], VALUES)
    value = data.draw(VALUES | st.fixed_dictionaries({}, optional=fields))
    try:
        TypeAdapter(model).validate_python(value)
    except ValidationError as error:
        found = error.errors()
    else:
        return

    for _, reason in reasons([{**one, "loc": ("body", *one["loc"])} for one in found]):
        assert CANARY not in reason
        assert _ELSE not in reason  # each kind of error has words of its own
