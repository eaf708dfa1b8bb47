"""Annotations load and write their columns; drawing them is the views' part."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from annotator.errors import ConfigError
from annotator.form.fields import Window
from annotator.form.spec import FormSpec

TIMES = {
    "start_time": {"label": "Start", "column": "t0", "source_value": "begin"},
    "end_time": "t1",
}
CLIP = {"start_time": 1.0, "end_time": 4.0, "begin": 1.5}


def form(annotation, **more):
    return FormSpec.from_dict({"annotation": annotation, **more})


def told(annotation):
    with pytest.raises(ConfigError) as caught:
        form(annotation)
    return str(caught.value)


@pytest.mark.parametrize(
    ("tools", "columns"),
    [
        (None, ["start_time"]),
        ("time_select", ["start_time"]),
        ("start_end_time_select", ["start_time", "end_time"]),
        (["multibox"], ["start_time", "end_time", "min_frequency", "max_frequency"]),
        (["time_select", "fixed_duration"], ["start_time", "end_time"]),
    ],
)
def test_a_tool_brings_the_columns_it_needs(tools, columns):
    assert form({"tools": tools}).columns == columns


def test_columns_have_the_names_that_are_given():
    spec = form({**TIMES, "tools": "start_end_time_select"}, textbox={"label": "a"})

    assert spec.columns == ["t0", "t1", "a"]
    assert [bound.label for bound in spec.elements[0].bounds] == ["Start", "t1"]


@pytest.mark.parametrize("as_object", [False, True])
def test_a_region_fills_the_columns(as_object):
    edges = {"start_time": 2.25, "end_time": 3, "min_frequency": 100.5}
    region = SimpleNamespace(**edges) if as_object else edges

    row = form({"tools": "bounding_box"}).to_row({}, CLIP, region)

    assert row == {**edges, "max_frequency": None}


def test_without_a_region_time_tools_stand_at_the_clip():
    spec = form({**TIMES, "tools": "start_end_time_select"})

    assert spec.to_row({}, CLIP) == {"t0": 1.5, "t1": 4.0}


def test_without_a_region_boxes_are_empty():
    row = form({"tools": "bounding_box"}).to_row({}, CLIP)

    assert set(row.values()) == {None}


def test_a_time_may_be_given_as_an_answer():
    spec = form({**TIMES, "tools": "start_end_time_select"})

    assert spec.to_row({"t1": 2}, CLIP) == {"t0": 1.5, "t1": 2}
    assert spec.check({"t1": 2}) == []


def test_questions_of_each_region_have_their_columns():
    spec = form({"tools": "multibox", "form": [{"textbox": {"label": "species"}}]})

    assert spec.columns[-1] == "species"
    assert spec.to_row({"species": "owl"}, CLIP, {})["species"] == "owl"


@pytest.mark.parametrize(
    ("annotation", "sentence"),
    [
        ({"tools": []}, "at least one tool"),
        ({"tools": "lasso"}, "Unknown annotation tool 'lasso'; there are time_select"),
        ({"tools": "bounding_box", "start_time": "a"}, "needs the field 'end_time'"),
        (
            {
                "tools": "fixed_duration",
                "fixed_duration": {"window": 1, "initial_window": 2},
            },
            "'window' or 'initial_window', not both",
        ),
        ({"tools": "fixed_duration", "fixed_duration": 0}, "must be more than 0 s"),
        (
            {"tools": "fixed_duration", "fixed_duration": {"window": "long"}},
            "'window' of 'fixed_duration' must be a number",
        ),
        (
            {
                "tools": "fixed_duration",
                "fixed_duration": {"initial_window": 3, "max": 2},
            },
            "which is not between its 'min' 0.01 and its 'max' 2",
        ),
        (
            {"tools": "fixed_duration", "fixed_duration": {"lenght": 3}},
            "Unknown key 'lenght' in 'fixed_duration'",
        ),
        ({"tool": "multibox"}, "Unknown key 'tool' in 'annotation'"),
        ({"start_time": {"colum": "a"}}, "Unknown key 'colum' in 'start_time'"),
    ],
)
def test_what_is_wrong_with_an_annotation_is_told(annotation, sentence):
    assert sentence in told(annotation)


@pytest.mark.parametrize(
    ("given", "window"),
    [
        (1.5, Window(1.5, editable=False)),
        ({"window": 2}, Window(2, editable=False)),
        (
            {"initial_window": 2, "min": 1, "max": 4, "step": 0.5},
            Window(2, editable=True, min=1, max=4, step=0.5),
        ),
        ({"initial_window": 0.005}, Window(0.005, editable=True, min=0.005)),
        (None, Window(1.0, editable=True)),
    ],
)
def test_the_length_of_a_window_is_fixed_or_has_limits(given, window):
    spec = form({"tools": "fixed_duration", "fixed_duration": given})

    assert spec.elements[0].window == window


def test_a_missing_edge_of_a_region_stays_empty():
    spec = form({**TIMES, "tools": ["start_end_time_select", "time_select"]})

    assert spec.to_row({}, CLIP, {"start_time": 2.0}) == {"t0": 2.0, "t1": None}


def test_an_answer_about_a_region_opens_a_section():
    item = {"value": "other", "form": "more"}
    spec = form(
        {"tools": "multibox", "form": [{"select": {"label": "kind", "items": [item]}}]},
        dynamic_forms={"more": [{"textbox": {"label": "which", "required": True}}]},
    )
    region = {"start_time": 1.0}
    known, unknown = {"kind": "other", "which": "drum"}, {"kind": "other"}

    assert spec.to_row(known, CLIP, region)["which"] == "drum"
    assert spec.to_row({"which": "drum"}, CLIP, region)["which"] == ""
    assert spec.check_regions({}, [(region, known)]) == []
    assert spec.check_regions({}, [(region, known), (region, unknown)]) == [
        "Box 2: which: an answer is needed."
    ]


def test_a_region_without_edges_is_not_asked_about():
    asked = [{"textbox": {"label": "what", "required": True}}]
    spec = form({"tools": "bounding_box", "form": asked})

    assert spec.check_regions({}, [({}, {})]) == []
    assert spec.check_regions({}, [(None, {})]) == []


def test_the_annotation_in_sight_is_the_one_that_asks():
    spec = form(
        {"tools": "multibox"},
        checkbox={"label": "more", "checked_form": "late"},
        dynamic_forms={"late": [{"textbox": {"label": "a"}}]},
    )

    assert spec.annotation({}).tools == ("multibox",)
    assert FormSpec.from_dict({"textbox": {"label": "a"}}).annotation({}) is None


def test_a_form_that_only_draws_asks_something():
    assert form({"tools": "multibox"}).notes == ()
