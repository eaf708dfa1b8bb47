"""From the YAML of an annotation to the rows of the output, as the reference has them."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest
import yaml

from annotator.app import BioacousticAnnotator
from annotator.errors import SubmitError

CONFIG = Path(__file__).parents[2] / "config" / "multibox.yaml"
REFERENCE = """
pass_value: {source_column: species, column: label}
annotation:
  tools: multibox
  start_time: {label: start, column: start_time}
  end_time: {label: end, column: end_time}
  min_frequency: {label: low, column: min_frequency}
  max_frequency: {label: high, column: max_frequency}
  form:
    - select: {label: kind, column: kind, required: true, items: [song, {value: other, form: more}]}
textbox: {label: notes}
dynamic_forms:
  more:
    - textbox: {label: which, required: true}
"""
BOX = {
    "start_time": 3.25,
    "end_time": 4.5,
    "min_frequency": 1000.123456,
    "max_frequency": 2000.0,
}


@pytest.fixture
def review(wav, tmp_path):
    """Start a review of two clips; keywords go to it."""
    recording = wav(duration=12.0, sample_rate=16_000, name="sound.wav")
    table = pd.DataFrame(
        {
            "id": [7, 8],
            "start_time": [3.0, 5.0],
            "end_time": [4.0, 6.0],
            "species": ["wren", "robin"],
        }
    )

    def start(form, **options):
        return BioacousticAnnotator(
            data=table,
            audio=str(recording),
            output=str(tmp_path / "out.csv"),
            data_index_column="id",
            form_config=form,
            **options,
        )

    return start


def written(app):
    with open(app.settings.output_path(), newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        rows = list(reader)
    return list(reader.fieldnames or []), rows


def test_boxes_become_rows_in_the_columns_of_the_reference(review):
    app = review(yaml.safe_load(REFERENCE))
    session, regions = app.session, app.session.regions
    first = regions.add(**BOX)
    second = regions.add(**{**BOX, "start_time": 3.5})
    regions.answer(first.key, "kind", "song")
    regions.answer(second.key, "kind", "other")
    regions.answer(second.key, "which", "drumming")

    session.submit({"notes": "windy"}, regions.as_rows())

    columns, rows = written(app)
    ours = ["annotation_id", "annotator", "created_at", "app_version"]
    # The reference's order: the index, the sections, then the keys of the form.
    assert columns == [
        *("id", "which", "label"),
        *("start_time", "end_time", "min_frequency", "max_frequency"),
        *("kind", "notes", *ours),
    ]
    assert [list(row.values())[: -len(ours)] for row in rows] == [
        ["7", "", "wren", "3.25", "4.5", "1000.123456", "2000.0", "song", "windy"],
        [
            "7",
            "drumming",
            "wren",
            "3.5",
            "4.5",
            "1000.123456",
            "2000.0",
            "other",
            "windy",
        ],
    ]
    assert session.clip.index_value == 8
    assert regions.regions == []


def test_a_missing_answer_names_its_box_and_nothing_is_written(review):
    app = review(yaml.safe_load(REFERENCE))
    regions = app.session.regions
    first = regions.add(**BOX)
    second = regions.add(**BOX)
    regions.answer(first.key, "kind", "song")
    regions.answer(second.key, "kind", "other")

    with pytest.raises(SubmitError, match="Box 2: which: an answer is needed"):
        app.session.submit({}, regions.as_rows())

    assert not Path(app.settings.output_path()).exists()
    assert regions.missing() == ["which (box 2)"]
    assert len(regions.regions) == 2


def test_multibox_needs_a_box(review):
    app = review(yaml.safe_load(REFERENCE))

    with pytest.raises(SubmitError, match="Mark at least one box"):
        app.session.submit({}, app.session.regions.as_rows())


@pytest.mark.parametrize(
    ("edges", "sentence"),
    [
        ({"start_time": 5, "end_time": 4}, "'start' is 5, above 'end', which is 4"),
        ({"start_time": "soon"}, "'start' must be a number, not 'soon'"),
        ({"max_frequency": True}, "'high' must be a number, not True"),
    ],
)
def test_a_script_is_told_of_a_box_that_cannot_be(review, edges, sentence):
    app = review(yaml.safe_load(REFERENCE))

    with pytest.raises(SubmitError) as caught:
        app.session.submit({}, [{"kind": "song", **edges}])

    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("tool", "cells"),
    [
        ("time_select", ["3.0"]),
        ("start_end_time_select", ["3.0", "4.0"]),
        ("bounding_box", ["", "", "", ""]),
        ("fixed_duration", ["", ""]),
    ],
)
def test_without_a_hand_on_it_a_tool_writes_what_it_starts_with(review, tool, cells):
    app = review({"annotation": {"tools": tool}})

    app.session.submit({}, app.session.regions.as_rows())

    _, (row,) = written(app)
    assert list(row.values())[1 : 1 + len(cells)] == cells


def test_the_tool_in_hand_decides_which_cells_stay_empty(review):
    app = review({"annotation": {"tools": ["start_end_time_select", "time_select"]}})
    app.session.regions.choose_tool("time_select")

    app.session.submit({}, app.session.regions.as_rows())

    _, (row,) = written(app)
    assert (row["start_time"], row["end_time"]) == ("3.0", "")


@pytest.mark.parametrize(
    ("tool", "edges"),
    [
        ("multibox", BOX),
        ("bounding_box", BOX),
        ("time_select", {"start_time": 3.5}),
        ("start_end_time_select", {"start_time": 3.5, "end_time": 3.75}),
        ("fixed_duration", {"start_time": 3.5, "end_time": 4.5}),
    ],
)
def test_a_reviewed_clip_is_marked_as_it_was(review, tool, edges):
    form = {"annotation": {"tools": [tool], "form": [{"textbox": {"label": "what"}}]}}
    app = review(form)
    regions = app.session.regions
    marked = regions.add(**edges)
    regions.answer(marked.key, "what", "owl")
    app.session.submit({}, regions.as_rows())

    again = review(form, output_index_column="id")  # another day
    again.session.view = "all"
    again.session.select(0)

    regions = again.session.regions
    assert (regions.tool, regions.read_only) == (tool, True)
    (region,) = regions.regions
    assert {k: v for k, v in region.edges.items() if v is not None} == edges
    assert vars(region)["values"] == {"what": "owl"}
    assert regions.add(**BOX) is None
    assert not regions.remove(region.key)


def test_the_tool_of_a_review_shows_in_the_columns_that_are_filled(review):
    app = review({"annotation": {"tools": ["multibox", "time_select"]}})
    app.session.regions.choose_tool("time_select")
    app.session.submit({}, app.session.regions.as_rows())

    app.session.view = "all"
    app.session.select(0)

    assert app.session.regions.tool == "time_select"


def test_a_deleted_review_can_be_gone_on_with(review):
    app = review({"annotation": {"tools": "multibox"}})
    session, regions = app.session, app.session.regions
    regions.add(**BOX)
    session.submit({}, regions.as_rows())
    session.view = "all"
    session.select(0)
    assert regions.read_only

    session.delete_review()

    assert not regions.read_only
    assert [region.edges for region in regions.regions] == [BOX]
    assert not regions.can_undo


def test_a_person_who_comes_back_finds_what_was_drawn(review):
    app = review({"annotation": {"tools": "multibox"}})
    regions = app.session.regions
    regions.add(**BOX)

    app.session.next()
    assert regions.regions == []
    app.session.previous()

    assert [region.edges for region in regions.regions] == [BOX]
    assert regions.undo()


def test_a_clip_that_may_be_reviewed_again_begins_anew(review):
    app = review({"annotation": {"tools": "multibox"}}, duplicate_entries=True)
    session, regions = app.session, app.session.regions
    session.select(1)
    regions.add(**BOX)
    session.submit({}, regions.as_rows())

    assert session.clip.index_value == 8
    assert regions.regions == []


def test_an_answer_brings_the_annotation_into_sight(review):
    form = {
        "select": {
            "label": "any",
            "items": ["no", {"value": "yes", "form": "mark"}],
        },
        "dynamic_forms": {"mark": [{"annotation": {"tools": "multibox"}}]},
    }
    app = review(form)
    regions = app.session.regions
    assert (regions.tool, regions.as_rows()) == ("", [])
    app.session.submit({"any": "no"}, regions.as_rows())

    regions.use(app.session.form.annotation({"any": "yes"}))
    regions.add(**BOX)
    app.session.submit({"any": "yes"}, regions.as_rows())

    _, rows = written(app)
    assert [row["start_time"] for row in rows] == ["", "3.25"]


def test_the_shipped_example_asks_and_writes(review):
    form = yaml.safe_load(CONFIG.read_text())["form_config"]
    app = review(form)
    regions = app.session.regions
    marked = regions.add(**BOX)
    regions.answer(marked.key, "kind", "call")

    app.session.submit({"notes": ""}, regions.as_rows())

    columns, (row,) = written(app)
    assert columns[:9] == [
        *("id", "clip", "call_start", "call_end", "low_hz", "high_hz"),
        *("kind", "overlapped", "notes"),
    ]
    assert (row["call_start"], row["kind"], row["overlapped"]) == (
        "3.25",
        "call",
        "False",
    )
