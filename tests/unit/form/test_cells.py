from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.unit.form.examples import REVIEW, form


def test_columns_are_those_of_sections_then_the_others_then_fixed_ones():
    spec = form(
        {**REVIEW, "_fixed_kwargs": [{"fixed_value": {"column": "run", "value": 2}}]},
        fixed={"site": "north"},
    )

    assert spec.columns == [
        *("species", "sure", "reason"),
        *("detection_id", "is_valid", "notes"),
        *("run", "site"),
    ]


def test_a_row_has_all_columns_in_their_order():
    spec = form(REVIEW, fixed={"site": "north"})
    values = {"is_valid": "no", "notes": "n", "species": "owl", "sure": True}

    row = spec.to_row(values, {"id": 2**62 + 1})

    assert row == {
        "species": "owl",
        "sure": True,
        "reason": "",
        "detection_id": 2**62 + 1,
        "is_valid": "no",
        "notes": "n",
        "site": "north",
    }
    assert list(row) == spec.columns


def test_answers_of_a_section_that_does_not_show_are_not_written():
    row = form(REVIEW).to_row({"is_valid": "yes", "species": "owl"}, {"id": 1})

    assert row["species"] == row["sure"] == ""


def test_an_argument_beats_the_fixed_value_of_the_form_file():
    spec = form(
        {"_fixed_kwargs": [{"fixed_value": {"column": "a", "value": 1}}]},
        fixed={"a": 2},
    )

    assert spec.to_row({}, {}) == {"a": 2}


def test_an_opened_section_wins_over_a_value_that_is_copied():
    spec = form(
        {
            "checkbox": {"label": "wrong", "checked_form": "fix"},
            "pass_value": "species",
            "dynamic_forms": {"fix": [{"textbox": {"label": "species"}}]},
        }
    )
    source = {"species": "owl"}

    closed = spec.to_row({"wrong": False, "species": "wren"}, source)
    opened = spec.to_row({"wrong": True, "species": "wren"}, source)

    assert (closed["species"], opened["species"]) == ("owl", "wren")


def test_two_sections_may_ask_for_the_same_column():
    spec = form(
        {
            "checkbox": {"label": "c", "checked_form": "a", "unchecked_form": "b"},
            "dynamic_forms": {
                "a": [{"textbox": {"label": "why"}}],
                "b": [{"textbox": {"label": "why not", "column": "why"}}],
            },
        }
    )

    assert spec.columns == ["why", "c"]
    assert spec.to_row({"c": False, "why": "x"}, {}) == {"why": "x", "c": False}


@pytest.mark.parametrize("value", [0, 1, 2.5, "1", True, "yes", "é'<b>"])
def test_the_value_of_an_item_keeps_its_type(value):
    spec = form({"select": {"label": "s", "items": [{"label": "x", "value": value}]}})

    cell = spec.to_row({"s": value}, {})["s"]

    assert (type(cell), cell) == (type(value), value)


@pytest.mark.parametrize("value", [None, "", "  ", float("nan"), pd.NA])
def test_what_is_not_answered_is_empty(value):
    spec = form(
        {
            "select": {"label": "s", "items": ["a"]},
            "textbox": {"label": "t"},
            "number": {"label": "n"},
        }
    )

    row = spec.to_row({"s": value, "t": value, "n": value}, {})

    assert row == {"s": "", "t": "", "n": None}
    assert spec.to_row({}, {}) == row


@pytest.mark.parametrize("number", [3, 2.5, 0, -1])
def test_a_number_is_written_as_given(number):
    cell = form({"number": {"label": "n"}}).to_row({"n": number}, {})["n"]

    assert (type(cell), cell) == (type(number), number)


@pytest.mark.parametrize(
    ("box", "value", "cell"),
    [
        ({}, True, True),
        ({}, False, False),
        ({}, None, False),
        ({"checked_value": "y", "unchecked_value": "n"}, True, "y"),
        ({"checked_value": "y", "unchecked_value": "n"}, "y", "y"),
        ({"checked_value": "y", "unchecked_value": "n"}, "n", "n"),
        ({"yes_value": 1, "no_value": 0}, True, 1),
        ({"yes_value": 1, "no_value": 0}, 0, 0),
        ({"checked_value": False, "unchecked_value": True}, False, False),
        ({"checked_value": False, "unchecked_value": True}, True, True),
    ],
)
def test_a_checkbox_writes_the_value_of_its_state(box, value, cell):
    row = form({"checkbox": {"label": "c", **box}}).to_row({"c": value}, {})

    assert row["c"] == cell


def test_a_value_copied_from_a_column_that_is_not_there_is_empty():
    assert form({"pass_value": "a"}).to_row({}, {}) == {"a": ""}


def test_questions_start_with_their_defaults():
    spec = form(
        {
            "select": {"label": "s", "items": ["a", "selected::b"]},
            "number": {"label": "n", "value": 2},
            "form": [
                {"select": {"label": "s2", "items": [1, 2], "default": 2}},
                {"select": {"label": "s3", "items": [1]}},
                {"textbox": {"label": "t", "default": "x"}},
                {"textbox": {"label": "t2"}},
                {"number": {"label": "n2"}},
                {"checkbox": {"label": "c", "default": True, "checked_value": "y"}},
                {"checkbox": {"label": "c2", "unchecked_value": "n"}},
            ],
        }
    )

    assert spec.initial({}) == {
        "s": "b",
        "n": 2,
        "s2": 2,
        "s3": None,
        "t": "x",
        "t2": "",
        "n2": None,
        "c": "y",
        "c2": "n",
    }


def test_the_questions_of_sections_start_with_theirs():
    assert form(REVIEW).initial({})["species"] == ""


def test_a_row_prefills_the_questions_that_name_its_column():
    spec = form(
        {
            "select": {"label": "s", "items": [1, 2], "source_value": "code"},
            "textbox": {"label": "t", "source_value": "name"},
            "number": {"label": "n", "source_value": "count", "default": 9},
        }
    )

    first = spec.initial({"code": "2", "name": 7, "count": np.int64(2**60 + 1)})
    second = spec.initial({"code": 5, "name": None, "count": float("nan")})

    assert first == {"s": 2, "t": "7", "n": 2**60 + 1}
    assert type(first["n"]) is int
    assert second == {"s": None, "t": "", "n": 9}
