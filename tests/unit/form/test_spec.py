from __future__ import annotations

import copy
from datetime import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.config.load import Origin
from annotator.errors import ConfigError
from annotator.form.fields import Button
from annotator.form.spec import FormSpec

REVIEW = {
    "title": {"value": "REVIEW", "progress_tracker": True},
    "pass_value": {"source_column": "id", "column": "detection_id"},
    "select": {
        "label": "valid?",
        "column": "is_valid",
        "required": True,
        "items": ["yes", {"value": "no", "form": "correct"}],
    },
    "textbox": {"label": "notes"},
    "dynamic_forms": {
        "correct": [
            {"textbox": {"label": "species", "required": True}},
            {"checkbox": {"label": "sure", "checked_form": "why"}},
        ],
        "why": [{"textbox": {"label": "reason"}}],
    },
}


def form(mapping, **options):
    return FormSpec.from_dict(mapping, **options)


def told(mapping, **options):
    with pytest.raises(ConfigError) as caught:
        form(mapping, **options)
    return list(caught.value.problems)


def kinds(elements):
    return [element.kind for element in elements]


# Order and keys ----------------------------------------------------------------


def test_elements_stand_in_the_order_of_their_keys():
    spec = form(
        {
            "line": True,
            "form": [{"number": {}}, "break", {"text": "t"}],
            "title": "T",
            "break": None,
            "textbox": {},
        }
    )

    assert kinds(spec.elements) == [
        *("line", "number", "break", "text", "title", "break", "textbox"),
    ]


def test_each_element_has_a_key_of_its_own():
    spec = form(REVIEW)
    elements = [*spec.elements, *spec.sections["correct"], *spec.sections["why"]]

    keys = [element.key for element in elements]

    assert len(set(keys)) == len(keys)
    assert "dynamic_forms.correct.0.textbox" in keys


@pytest.mark.parametrize("off", [False])
def test_false_leaves_an_element_out(off):
    assert form({"line": off, "textbox": {}}).elements[0].kind == "textbox"


def test_a_list_under_an_element_is_several_of_them():
    spec = form({"pass_value": ["a", {"source_column": "b", "column": "c"}]})

    assert spec.pass_values == (("a", "a"), ("b", "c"))


def test_a_named_list_that_nothing_opens_always_shows_where_it_stands():
    spec = form(
        {"title": "A", "annotate_form": [{"textbox": {"label": "a"}}], "number": {}}
    )

    assert kinds(spec.elements) == ["title", "textbox", "number"]
    assert spec.sections == {}


def test_a_named_list_that_an_answer_opens_is_a_section():
    spec = form(
        {
            "checkbox": {"label": "wrong", "checked_form": "correction_form"},
            "correction_form": [{"textbox": {"label": "right"}}],
        }
    )

    assert kinds(spec.elements) == ["checkbox"]
    assert list(spec.sections) == ["correction_form"]


@pytest.mark.parametrize(
    "dynamic",
    [
        {"a": [{"textbox": {"label": "t"}}]},
        [{"a": [{"textbox": {"label": "t"}}]}],
        {"a": {"textbox": {"label": "t"}}},
    ],
    ids=["mapping", "list", "mapping of a mapping"],
)
def test_dynamic_forms_may_be_a_mapping_or_a_list(dynamic):
    spec = form(
        {"checkbox": {"label": "c", "checked_form": "a"}, "dynamic_forms": dynamic}
    )

    assert [element.column for element in spec.sections["a"]] == ["t"]


def test_the_mapping_is_not_changed():
    before = copy.deepcopy(REVIEW)

    spec = form(REVIEW, fixed={"site": "x"})
    spec.to_row(spec.initial({}), {})

    assert before == REVIEW


# Buttons and title ---------------------------------------------------------------


def test_without_buttons_there_is_one_to_submit():
    buttons = form({}).buttons

    assert (buttons.previous, buttons.next) == (None, None)
    assert buttons.submit.label == "Submit"


def test_buttons_have_their_labels():
    buttons = form(
        {
            "submission_buttons": {
                "line": True,
                "previous": True,
                "next": {"label": "Later", "icon": False},
                "submit": "Verify",
            }
        }
    ).buttons

    assert buttons.previous == Button("◀ Prev")
    assert buttons.next == Button("Later", icon=False)
    assert buttons.submit == Button("Verify")
    assert kinds(buttons.elements) == ["line"]


def test_buttons_without_one_to_submit_get_it():
    assert form({"submission_buttons": {"next": None}}).buttons.submit.label == "Submit"
    assert form({"submission_buttons": {"next": None}}).buttons.next.label == "Skip"


def test_what_stands_among_the_buttons_is_written_too():
    spec = form({"submission_buttons": {"fixed_value": {"column": "a", "value": 1}}})

    assert spec.to_row({}, {}) == {"a": 1}


def test_the_first_title_and_progress_are_told():
    spec = form(
        {
            "form": [{"title": "A"}, {"title": "B"}, {"progress_tracker": "x"}],
            "textbox": {"label": "x"},
        }
    )

    assert spec.title == "A"
    assert spec.progress.accuracy_column == "x"
    assert form({}).title == ""
    assert form({"title": "A"}).progress is None


@pytest.mark.parametrize(
    ("tracker", "column", "value"),
    [
        (True, None, None),
        ("v", "v", None),
        ({"accuracy": "v"}, "v", None),
        ({"accuracy": {"column": "v", "value": "yes"}}, "v", "yes"),
    ],
)
def test_the_tracker_says_what_counts_as_right(tracker, column, value):
    spec = form(
        {
            "title": {"value": "T", "progress_tracker": tracker},
            "textbox": {"label": "v"},
        }
    )

    assert spec.progress.accuracy_column == column
    assert spec.progress.accuracy_value == value


# Columns and rows ------------------------------------------------------------------


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


# First values ------------------------------------------------------------------------


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
        **{"s": "b", "n": 2, "s2": 2, "s3": None, "t": "x", "t2": ""},
        **{"n2": None, "c": "y", "c2": "n"},
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


# What shows, what is missing, what is wrong ----------------------------------------------


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


# Templates ----------------------------------------------------------------------------------


def test_texts_of_the_form_are_filled_with_the_time_and_fixed_values():
    spec = form(
        {"title": "[[%Y]] [[site]] [[species]] [[x||y]]", "text": "[[species||none]]"},
        fixed={"site": "north"},
        columns=["species"],
        now=datetime(2026, 1, 1),
    )

    assert spec.title == "2026 north [[species]] y"
    assert spec.elements[1].value == "[[species||none]]"


def test_where_the_columns_are_not_known_their_placeholders_stay():
    assert form({"title": "[[species||none]]"}).title == "[[species||none]]"


# What is wrong with a form ---------------------------------------------------------------------

SELECT = {"label": "s", "items": ["a"]}


@pytest.mark.parametrize(
    ("mapping", "sentence"),
    [
        ({"slect": {}}, "Unknown key 'slect' in 'form_config'. Did you mean 'select'?"),
        ({"select": {"label": "s"}}, "The select 's' has no 'items'"),
        ({"select": {**SELECT, "requird": 1}}, "Unknown key 'requird' in 'select'."),
        (
            {"select": {**SELECT, "required": "yes"}},
            "'required' of 'select' must be true",
        ),
        (
            {"select": {**SELECT, "default": "b"}},
            "default 'b' of the select 's' is not",
        ),
        ({"select": {**SELECT, "label": ["x"]}}, "'label' of 'select' must be a text"),
        ({"select": {"items": 3}}, "'items' must be a list, a file or a range, not 3"),
        ({"select": {"items": [["a"]]}}, "an item must be a text or number"),
        ({"select": {"items": [None]}}, "an item must be a text or number"),
        ({"select": {"items": [{"a": 1, "b": 2}]}}, "an item must be a text or number"),
        ({"select": {"items": [{"value": 1, "form": 3}]}}, "'form' of an item must be"),
        ({"select": {"items": {"min": 5, "max": 1}}}, "a range needs min <= max"),
        ({"select": {"items": {"min": 1}}}, "a range needs 'max'"),
        ({"select": {"items": {"path": 3}}}, "'path' must name a file, not 3"),
        (
            {"select": {"items": {"path": "a", "pth": 3}}},
            "Unknown key 'pth' in 'items'",
        ),
        ({"select": {"items": "a.csv"}}, "no loader was given"),
        (
            {"select": {"items": [{"value": "n", "form": "x"}]}},
            "form 'x' is not defined",
        ),
        ({"checkbox": {"unchecked_form": "x"}}, "The dynamic form 'x' is not defined"),
        ({"checkbox": {"default": "maybe"}}, "default 'maybe' of the checkbox"),
        ({"number": {"min": "a"}}, "'min' of 'number' must be a number, not 'a'"),
        ({"number": {"min": 5, "max": 1}}, "has min 5 above max 1"),
        ({"number": {"value": "a"}}, "'value' of 'number' must be a number"),
        ({"pass_value": {"column": "a"}}, "'pass_value' needs the column"),
        ({"fixed_value": {"value": 1}}, "'fixed_value' needs a 'column'"),
        ({"fixed_value": "x"}, "'fixed_value' must be a mapping, not 'x'"),
        (
            {"form": [{"slect": {}}]},
            "Unknown form element 'slect'. Did you mean 'select'?",
        ),
        ({"form": ["lin"]}, "An element must be a mapping such as"),
        ({"form": 3}, "'form' must be a list of elements, not 3"),
        ({"dynamic_forms": 3}, "'dynamic_forms' must be a mapping of names"),
        ({"dynamic_forms": {"a": 3}}, "'a' must be a list of elements, not 3"),
        ({"dynamic_forms": [{"a": []}, {"a": []}]}, "'a' is defined twice"),
        ({"dynamic_forms": {"a": []}, "a": []}, "'a' is defined twice"),
        ({"submission_buttons": 3}, "'submission_buttons' must be a mapping, not 3"),
        ({"submission_buttons": {"submt": {}}}, "Unknown key 'submt' in 'submission_b"),
        ({"submission_buttons": {"next": {"icon": 3}}}, "'icon' must be true or false"),
        ({"title": {"vale": "x"}}, "Unknown key 'vale' in 'title'"),
        ({"progress_tracker": {"accuracy": "x"}}, "The accuracy column 'x' is not"),
        (
            {"textbox": [[{}]], "number": 1, "title": {"value": {}}},
            "'value' of 'title'",
        ),
        (
            {"form": [{"textbox": {"label": "a"}}, {"number": {"label": "a"}}]},
            "The column 'a' is written by two elements, form.0.textbox and form.1.number",
        ),
        (
            {
                "textbox": {"label": "a"},
                "checkbox": {"checked_form": "x"},
                "dynamic_forms": {"x": [{"textbox": {"label": "a"}}]},
            },
            "The column 'a' is written by two elements that show at the same time",
        ),
    ],
)
def test_what_is_wrong_is_told(mapping, sentence):
    assert any(sentence in problem for problem in told(mapping))


def test_a_form_that_is_no_mapping_is_told():
    assert told(["textbox"]) == ["The form must be a mapping, not a list"]


def test_a_fixed_column_that_the_form_asks_for_is_told():
    (problem,) = told({"textbox": {"label": "a"}}, fixed={"a": 1})

    assert "The column 'a' is written by two elements" in problem


def test_columns_of_the_data_that_are_not_there_are_told():
    found = told(
        {"pass_value": "idd", "textbox": {"label": "t", "source_value": "nme"}},
        columns=["id", "name"],
    )

    assert found == [
        "Column 'idd', named by 'pass_value', is not in the data. Did you mean 'id'?",
        "Column 'nme', named by 'source_value', is not in the data."
        " Did you mean 'name'?",
    ]


def test_all_problems_are_told_with_their_lines():
    lines = {("number",): 2, ("number", "min"): 3, ("sel",): 5}

    found = told({"number": {"min": "a"}, "sel": 1}, origin=Origin("f.yaml", lines))

    assert found == [
        "'min' of 'number' must be a number, not 'a' (f.yaml, line 3)",
        "Unknown key 'sel' in 'form_config' of f.yaml, line 5. Did you mean 'select'?",
    ]


def test_what_is_only_odd_is_noted():
    spec = form({"dynamic_forms": {"a": []}})

    assert spec.notes == (
        "The dynamic form 'a' is defined but nothing opens it",
        "The form asks nothing: it has no input element",
    )
    assert form(REVIEW).notes == ()


@pytest.mark.parametrize("label", ["it's", "<b>Öl</b>", "a,b", "鳥", "x" * 500])
def test_any_label_is_a_column(label):
    assert form({"textbox": {"label": label}}).columns == [label]


def test_a_plain_text_is_the_label():
    assert form({"textbox": "Notes", "number": None, "checkbox": True}).columns == [
        *("Notes", "checkbox"),
    ]
