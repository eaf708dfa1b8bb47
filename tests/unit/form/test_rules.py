from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.form.examples import REVIEW, form


def test_the_question_that_an_answer_opens_follows_it():
    spec = form(REVIEW)

    shown = [e.key for e in spec.visible({"is_valid": "no"}) if hasattr(e, "column")]

    assert shown == [
        *("pass_value", "select", "dynamic_forms.correct.0.textbox"),
        *("dynamic_forms.correct.1.checkbox", "textbox"),
    ]


def test_a_section_may_open_another():
    shown = form(REVIEW).visible({"is_valid": "no", "sure": True})

    assert "dynamic_forms.why.0.textbox" in [element.key for element in shown]


def test_sections_that_open_each_other_show_once():
    box = {"checkbox": {"label": "c", "checked_form": "a"}}
    spec = form(
        {
            **box,
            "dynamic_forms": {"a": [{"checkbox": {"label": "d", "checked_form": "a"}}]},
        }
    )

    assert len(spec.visible({"c": True, "d": True})) == 2


def test_only_visible_required_questions_are_missing():
    spec = form(REVIEW)

    assert spec.missing({}) == ["valid?"]
    assert spec.missing({"is_valid": "yes"}) == []
    assert spec.missing({"is_valid": "no"}) == ["species"]
    assert spec.missing({"is_valid": "no", "species": "  "}) == ["species"]
    assert spec.missing({"is_valid": "no", "species": "owl"}) == []


@pytest.mark.parametrize(("answer", "missing"), [(0, []), (None, ["n"]), ("", ["n"])])
def test_zero_is_an_answer(answer, missing):
    spec = form({"number": {"label": "n", "required": True}})

    assert spec.missing({"n": answer}) == missing


def test_false_is_the_answer_of_an_item_but_not_of_a_required_box():
    spec = form(
        {
            "select": {"label": "s", "items": [True, False], "required": True},
            "checkbox": {"label": "c", "required": True},
        }
    )

    assert spec.missing({"s": False, "c": False}) == ["c"]


@pytest.mark.parametrize(
    ("limits", "value", "sentence"),
    [
        ({"min": 1, "max": 5}, 6, "'n' must be between 1 and 5, not 6"),
        ({"min": 1}, 0.5, "'n' must be at least 1, not 0.5"),
        ({"max": 5}, 5.1, "'n' must be at most 5, not 5.1"),
        ({}, "3", "'n' must be a number, not '3'"),
        ({}, True, "'n' must be a number, not True"),
        ({}, float("inf"), "'n' must be a number, not inf"),
        ({}, [3], "'n' must be a number, not a list"),
    ],
)
def test_a_number_out_of_its_range_is_told(limits, value, sentence):
    assert form({"number": {"label": "n", **limits}}).check({"n": value}) == [sentence]


@given(st.floats(-10, 10), st.floats(-10, 10), st.floats(-10, 10))
def test_numbers_within_their_range_are_accepted_and_no_others(low, high, value):
    low, high = sorted((low, high))
    spec = form({"number": {"label": "n", "min": low, "max": high}})

    assert (spec.check({"n": value}) == []) == (low <= value <= high)


def test_an_item_that_is_not_there_is_told():
    items = {"label": "s", "items": ["yes", "no"]}

    (sentence,) = form({"select": items}).check({"s": "yess"})

    assert sentence == "'s' has no item 'yess'. Did you mean 'yes'?"
    assert form({"select": {**items, "custom_value": True}}).check({"s": "yess"}) == []


def test_a_column_that_is_not_there_is_told():
    assert form(REVIEW).check({"is_vald": "yes"}) == [
        "The form has no column 'is_vald'. Did you mean 'is_valid'?"
    ]


def test_answers_that_do_not_show_are_not_checked():
    spec = form(
        {
            "checkbox": {"label": "c", "checked_form": "a"},
            "dynamic_forms": {"a": [{"number": {"label": "n", "max": 1}}]},
        }
    )

    assert spec.check({"c": False, "n": 7}) == []
    assert len(spec.check({"c": True, "n": 7})) == 1
