"""Steps of drawing, and movements of the hand that make one of several."""

from __future__ import annotations

from annotator.form.spec import FormSpec
from annotator.review.drawing import Drawing, History
from annotator.review.regions import RegionEditor
from annotator.review.shapes import Limits
from annotator.sources.clips import Clip


def test_a_movement_that_goes_on_knows_what_it_began_with():
    first = Drawing("multibox")
    history = History(first)
    history.step(Drawing("multibox", length=2.0), "drag")
    now = Drawing("multibox", length=3.0)
    history.step(now, "drag")

    assert history.start_of("drag") is first
    assert history.start_of("another") is now
    assert history.start_of(None) is now


def test_a_drag_over_the_other_edge_ends_where_it_was_led():
    form = FormSpec.from_dict({"annotation": {"tools": "bounding_box"}})
    editor = RegionEditor(form)
    editor.start(Clip(0, "a", "a", "one.wav", 3.0, 6.0, {}))
    editor.limit(Limits(0.0, 10.0, 0.0, 4000.0))
    box = editor.add(start_time=4.0, end_time=5.0, min_frequency=1, max_frequency=2)

    editor.change(box.key, gesture="drag", start_time=5.6)
    editor.change(box.key, gesture="drag", start_time=6.0)

    [region] = editor.regions
    assert (region.start_time, region.end_time) == (5.0, 6.0)
