"""Marking regions without a display: tools, limits, undo, rows."""

from __future__ import annotations

import pytest

from annotator.errors import ParameterError
from annotator.form.spec import FormSpec
from annotator.review.regions import RegionEditor
from annotator.review.shapes import Limits
from annotator.sources.clips import Clip

LIMITS = Limits(0.0, 10.0, 0.0, 4000.0)
BOX = {
    "start_time": 1.0,
    "end_time": 2.0,
    "min_frequency": 500.0,
    "max_frequency": 900.0,
}
OTHER = {
    "start_time": 4.0,
    "end_time": 6.0,
    "min_frequency": 100.0,
    "max_frequency": 300.0,
}
ALL = [BOX, OTHER]


def clip(name="a", start=3.0, end=6.0, **row):
    row = {"start_time": start, "end_time": end, **row}
    return Clip(0, name, name, "one.wav", start, end, row)


def editor(tools, at=None, **annotation):
    """Start an editor at a clip of 3 to 6 s, in a view of 0 to 10 s and 4 kHz."""
    form = FormSpec.from_dict({"annotation": {"tools": tools, **annotation}})
    editor = RegionEditor(form)
    editor.start(at or clip())
    editor.limit(LIMITS)
    return editor


def edges(editor):
    return [region.edges for region in editor.regions]


def times(editor):
    return [(region.start_time, region.end_time) for region in editor.regions]


# --------------------------------------------------------------- the five tools


def test_multibox_keeps_all_boxes_in_order():
    e = editor("multibox")

    first, second = (e.add(**box) for box in ALL)

    assert edges(e) == ALL
    assert first.key != second.key
    assert e.active == second.key


def test_a_single_box_takes_the_place_of_the_former_and_keeps_its_answers():
    e = editor("bounding_box", form=[{"textbox": {"label": "what"}}])
    first = e.add(**BOX)
    e.answer(first.key, "what", "owl")

    e.add(**OTHER)

    assert edges(e) == [OTHER]
    assert e.regions[0].values == {"what": "owl"}


def test_one_line_stands_at_the_clips_start():
    assert times(editor("time_select")) == [(3.0, None)]


def test_two_lines_stand_at_the_clips_times():
    assert times(editor("start_end_time_select")) == [(3.0, 6.0)]


def test_lines_stand_where_a_column_says():
    at = clip(onset="4.25", offset=None)

    e = editor(
        "start_end_time_select",
        at,
        start_time={"source_value": "onset"},
        end_time={"source_value": "offset"},
    )

    assert times(e) == [(4.25, 6.0)]  # an empty cell leaves the clip's own time


def test_a_clip_without_times_has_no_lines():
    e = editor("start_end_time_select", clip(start=float("nan"), end=float("nan")))

    assert times(e) == [(None, None)]
    assert not e.regions[0].is_drawn


def test_a_line_moves_where_it_is_put():
    e = editor("time_select")

    e.add(start_time=7.5, end_time=9.0, min_frequency=10.0)

    assert edges(e) == [
        {
            "start_time": 7.5,
            "end_time": None,
            "min_frequency": None,
            "max_frequency": None,
        }
    ]


@pytest.mark.parametrize(
    ("moved", "expected"),
    [
        ({"start_time": 8.0}, (6.0, 6.0)),
        ({"end_time": 1.0}, (3.0, 3.0)),
        ({"start_time": 5.0, "end_time": 4.0}, (4.0, 5.0)),
    ],
)
def test_two_lines_do_not_cross(moved, expected):
    e = editor("start_end_time_select")

    e.change(e.regions[0].key, **moved)

    assert times(e) == [expected]


def test_edges_of_a_box_may_cross():
    e = editor("bounding_box")
    box = e.add(**BOX)

    e.change(box.key, start_time=3.0)
    e.change(box.key, max_frequency=200.0)

    assert edges(e) == [
        {
            "start_time": 2.0,
            "end_time": 3.0,
            "min_frequency": 200.0,
            "max_frequency": 500.0,
        }
    ]


def test_boxes_end_at_the_limits():
    e = editor("bounding_box")

    e.add(start_time=-3, end_time=99, min_frequency=-1, max_frequency=1e6)

    assert edges(e) == [
        {
            "start_time": 0.0,
            "end_time": 10.0,
            "min_frequency": 0.0,
            "max_frequency": 4000.0,
        }
    ]


def test_what_was_drawn_beyond_new_limits_stays_until_it_is_moved():
    e = editor("bounding_box")
    box = e.add(**OTHER)

    e.limit(Limits(0.0, 5.0, 0.0, 4000.0))
    e.change(box.key, start_time=3.0)

    assert times(e) == [(3.0, 6.0)]


def test_an_edge_may_be_taken_away():
    e = editor("bounding_box")
    box = e.add(**BOX)

    e.change(box.key, max_frequency=None)

    assert e.regions[0].max_frequency is None
    assert e.regions[0].min_frequency == 500.0


@pytest.mark.parametrize("edge", [float("nan"), float("inf"), "1.0", True, [1]])
def test_an_edge_that_is_no_number_is_refused(edge):
    e = editor("bounding_box")

    with pytest.raises(ParameterError, match="must be a finite number"):
        e.add(**{**BOX, "start_time": edge})

    assert e.regions == []


# ------------------------------------------------------------------ fixed windows


@pytest.mark.parametrize("moved", [{"start_time": 4.0}, {"end_time": 5.5}])
def test_a_fixed_window_moves_as_a_whole(moved):
    e = editor("fixed_duration", fixed_duration=1.5)
    window = e.add(start_time=1.0, end_time=1.2)
    assert times(e) == [(1.0, 2.5)]

    e.change(window.key, **moved)

    assert times(e) == [(4.0, 5.5)]


def test_a_fixed_window_stays_inside_and_as_long_as_it_is():
    e = editor("fixed_duration", fixed_duration=1.5)
    window = e.add(start_time=9.5)
    assert times(e) == [(8.5, 10.0)]

    e.change(window.key, start_time=-4.0, end_time=-2.0)

    assert times(e) == [(0.0, 1.5)]


def test_a_window_that_may_be_changed_keeps_within_its_bounds():
    e = editor(
        "fixed_duration",
        fixed_duration={"initial_window": 2.0, "min": 1.0, "max": 3.0},
    )
    window = e.add(start_time=1.0)
    assert times(e) == [(1.0, 3.0)]

    e.change(window.key, start_time=1.0, end_time=8.0)
    assert times(e) == [(1.0, 4.0)]
    e.change(window.key, start_time=3.9, end_time=4.0)

    assert times(e) == [(3.0, 4.0)]  # at its left edge: the right one stayed
    assert e.window == 1.0


def test_the_next_window_is_as_long_as_the_one_before():
    e = editor("fixed_duration", fixed_duration={"initial_window": 2.0})
    e.set_window(0.5)
    e.add(start_time=1.0)

    e.set_window(0.8)

    assert times(e) == [(1.0, 1.8)]
    e.add(start_time=5.0)
    assert times(e) == [(5.0, 5.8)]


def test_a_fixed_length_cannot_be_set():
    e = editor("fixed_duration", fixed_duration=1.5)

    e.set_window(0.5)

    assert e.window == 1.5
    assert not e.can_undo


# ------------------------------------------------------------------ taking away


def test_a_removed_box_is_gone_and_no_other():
    e = editor("multibox")
    first, _ = (e.add(**box) for box in ALL)

    assert e.remove(first.key)

    assert edges(e) == [OTHER]
    assert e.active == ""
    assert not e.remove(first.key)


def test_a_removed_line_goes_back_to_its_start():
    e = editor("time_select")
    line = e.add(start_time=9.0)

    e.remove(line.key)

    assert times(e) == [(3.0, None)]


def test_only_what_is_there_can_be_in_hand():
    e = editor("multibox")
    box = e.add(**BOX)

    e.activate("nothing")
    assert (e.active, e.current) == ("", None)
    e.activate(box.key)

    assert e.current.key == box.key


def test_the_only_region_of_a_tool_for_one_is_current():
    e = editor("bounding_box")
    box = e.add(**BOX)

    e.activate(None)

    assert e.current.key == box.key


# ------------------------------------------------------------------ undo and redo


def test_each_step_can_be_taken_back_and_again():
    e = editor("multibox")
    box = e.add(**BOX)
    e.change(box.key, start_time=1.5)
    e.remove(box.key)
    drawn = edges(e)

    steps = 0
    while e.undo():
        steps += 1
    assert (steps, edges(e), e.can_undo) == (3, [], False)
    while e.redo():
        steps -= 1

    assert (steps, edges(e), e.can_redo) == (0, drawn, False)


def test_one_movement_is_one_step():
    e = editor("multibox")
    box = e.add(gesture=1, **BOX)
    for start in (1.1, 1.2, 1.3):
        e.change(box.key, gesture=2, start_time=start)

    e.undo()

    assert edges(e) == [BOX]


def test_letting_go_ends_a_movement():
    e = editor("multibox")
    box = e.add(gesture=1, **BOX)
    e.change(box.key, gesture=2, start_time=1.1)
    e.activate(None)
    e.change(box.key, gesture=2, start_time=1.2)

    e.undo()

    assert e.regions[0].start_time == 1.1


def test_a_new_step_forgets_those_that_were_taken_back():
    e = editor("multibox")
    e.add(**BOX)
    e.undo()

    e.add(**OTHER)

    assert not e.can_redo
    assert not e.redo()


def test_a_step_that_changes_nothing_is_none():
    e = editor("multibox")
    box = e.add(**BOX)

    e.change(box.key, start_time=BOX["start_time"])
    e.undo()

    assert edges(e) == []


def test_a_word_typed_letter_by_letter_is_one_step():
    e = editor("multibox", form=[{"textbox": {"label": "what"}}])
    box = e.add(**BOX)
    for word in ("o", "ow", "owl"):
        e.answer(box.key, "what", word)

    e.undo()

    assert e.regions[0].values == {"what": ""}


# --------------------------------------------------------------------- more tools


def test_each_tool_keeps_its_own_regions():
    e = editor(["multibox", "time_select"])
    e.add(**BOX)

    e.choose_tool("time_select")
    assert times(e) == [(3.0, None)]
    e.choose_tool("multibox")

    assert edges(e) == [BOX]


def test_another_tool_is_a_step_that_can_be_taken_back():
    e = editor(["multibox", "time_select"])
    e.choose_tool("time_select")

    e.undo()

    assert e.tool == "multibox"


def test_a_tool_that_is_not_offered_is_refused():
    with pytest.raises(ParameterError, match="offers multibox"):
        editor("multibox").choose_tool("lasso")
