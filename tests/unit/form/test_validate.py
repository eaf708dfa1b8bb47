from __future__ import annotations

import pytest

from annotator.config.load import Origin
from annotator.errors import ConfigError
from tests.unit.form.examples import REVIEW, form


def told(mapping, **options):
    with pytest.raises(ConfigError) as caught:
        form(mapping, **options)
    return list(caught.value.problems)


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
