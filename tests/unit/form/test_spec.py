from __future__ import annotations

import copy
from datetime import datetime

import pytest

from annotator.form.fields import Button
from tests.unit.form.examples import REVIEW, form


def kinds(elements):
    return [element.kind for element in elements]


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
