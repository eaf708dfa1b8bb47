"""Marks in numbers, on every axis, with every tool, and in the rows that are written."""

from __future__ import annotations

import panel as pn
import pytest

from annotator.app import page as make_page
from tests.ui.driving import Screen, open_page, open_review
from tests.ui.marking import (
    NYQUIST,
    answers,
    drawn_box,
    edges,
    is_close,
    marks,
    number,
    rows,
    shape,
    start_marking,
    submit,
    until_drawn,
)

KIND = {
    "select": {
        "label": "Kind",
        "column": "kind",
        "required": True,
        "items": ["song", "call"],
    }
}
NOTE = {"textbox": {"label": "Note", "column": "note"}}


@pytest.fixture
def review(wav, tmp_path, page, serve, wait_until):
    """Return a function that opens such a review: its screen and its regions."""
    recording = wav(duration=12.0, sample_rate=16_000, name="sound.wav")

    def open_it(tools, **options):
        app = start_marking(recording, tmp_path / "out.csv", tools, **options)
        screen = open_review(page, serve, wait_until, app)
        return screen, app.session.regions, app

    return open_it


# ------------------------------------------------------------------- the numbers


def test_numbers_follow_the_box_and_the_box_the_numbers(review):
    screen, regions, _ = review("multibox")
    regions.add(
        start_time=4.123456, end_time=5.0, min_frequency=2000.0, max_frequency=4000.0
    )
    start, top = number(screen, "start_time"), number(screen, "max_frequency")
    screen.until(lambda: start.input_value() == "4.12")

    top.fill("4321.5")
    top.press("Tab")
    screen.until(lambda: regions.regions[0].max_frequency == 4321.5)
    assert regions.regions[0].start_time == 4.123456  # two decimals are only shown
    screen.drag((5.0, 3000), (6.0, 3000))

    end = number(screen, "end_time")
    screen.until(lambda: end.input_value() == f"{regions.regions[0].end_time:.2f}")
    assert end.input_value() != "5.00"


def test_a_number_beyond_the_limits_becomes_the_limit(review):
    screen, regions, _ = review("bounding_box")
    regions.add(start_time=4.0, end_time=9.0, min_frequency=2000, max_frequency=4000)
    end = number(screen, "end_time")
    screen.until(lambda: end.input_value() == "9.00")

    end.fill("99")
    end.press("Tab")

    screen.until(lambda: end.input_value() == "9.00")
    assert regions.regions[0].end_time == 9.0


def test_numbers_alone_make_a_box(review):
    screen, regions, _ = review("bounding_box")

    for name, value in (
        ("start_time", "4.25"),
        ("end_time", "5"),
        ("min_frequency", "2000"),
        ("max_frequency", "3000"),
    ):
        number(screen, name).fill(value)
        number(screen, name).press("Tab")
        screen.until(lambda name=name: getattr(regions.current, name, None) is not None)

    assert edges(regions.regions[0]) == (4.25, 5, 2000, 3000)
    until_drawn(screen, regions, 1)


# ------------------------------------------------------------- scales and zoom


@pytest.mark.parametrize("kind", ["mel", "log_frequency"])
def test_frequencies_are_right_on_a_bent_axis(review, kind):
    screen, regions, _ = review("bounding_box", visualizations=[kind])

    screen.drag((4.0, 600), (5.5, 5000))

    until_drawn(screen, regions, 1)
    box = regions.regions[0]
    for hz, given in ((box.min_frequency, 600), (box.max_frequency, 5000)):
        y, wanted = screen.pixel(4.0, hz)[1], screen.pixel(4.0, given)[1]
        assert abs(y - wanted) <= 1.01


def test_a_box_stays_at_its_frequencies_when_the_axis_changes(review):
    screen, regions, _ = review("bounding_box", visualizations=["linear", "mel"])
    regions.add(start_time=4.0, end_time=5.0, min_frequency=600, max_frequency=5000)
    until_drawn(screen, regions, 1)
    before = screen.picture()["hash"]

    screen.choose("Type", "Mel")
    screen.until(lambda: screen.picture()["hash"] != before)

    screen.until(lambda: drawn_box(screen, 0) == shape(screen, 4, 5, 600, 5000))
    assert edges(regions.regions[0]) == (4.0, 5.0, 600, 5000)


def test_a_box_on_a_waveform_has_all_frequencies(review):
    screen, regions, _ = review("multibox", visualizations=["waveform"])
    (x0, y0), (x1, _) = screen.pixel_of(4.0, 0.0), screen.pixel_of(5.0, 0.0)
    mouse = screen.page.mouse

    mouse.move(x0, y0)
    mouse.down()
    mouse.move(x1, y0 + 1, steps=5)
    mouse.up()

    until_drawn(screen, regions, 1)
    assert is_close(screen, regions.regions[0], 4.0, 5.0, None, None) or edges(
        regions.regions[0]
    )[2:] == (0.0, NYQUIST)


def test_boxes_are_drawn_finely_when_zoomed_in(review):
    screen, regions, _ = review("bounding_box")
    for _ in range(6):
        screen.wheel(5.0, 3000, -300)
    screen.until(lambda: screen.in_sight[1] - screen.in_sight[0] < 2.0)
    t0, t1, _, _ = screen.in_sight
    a, b = t0 + 0.25 * (t1 - t0), t0 + 0.75 * (t1 - t0)

    screen.drag((a, 2000), (b, 3000))

    until_drawn(screen, regions, 1)
    assert is_close(screen, regions.regions[0], a, b, 2000, 3000)


# --------------------------------------------------------------- the other tools


def test_the_line_of_a_time_comes_to_the_pointer(review):
    screen, regions, app = review("time_select")
    until_drawn(screen, regions, 1)
    assert edges(regions.regions[0]) == (3.0, None, None, None)

    screen.drag((6.0, 3000), (7.0, 3000))
    screen.until(lambda: is_close(screen, regions.regions[0], 7.0, *[None] * 3))

    row = submit(screen, app)[-1]
    assert float(row["start_time"]) == pytest.approx(7.0, abs=0.02)


def test_the_two_lines_of_a_span_are_dragged_one_by_one(review):
    screen, regions, _ = review("start_end_time_select")
    until_drawn(screen, regions, 1)

    screen.drag((7.0, 3000), (5.0, 3000))
    screen.until(lambda: is_close(screen, regions.regions[0], 3.0, 5.0, None, None))
    screen.drag((3.0, 3000), (8.0, 3000))

    screen.until(lambda: is_close(screen, regions.regions[0], 5.0, 5.0, None, None))


def test_a_click_places_a_window_and_a_click_beside_clears_it(review):
    screen, regions, _ = review(
        "fixed_duration", annotation={"fixed_duration": {"window": 1.5}}
    )

    screen.page.mouse.click(*screen.pixel(5.0, 3000))
    until_drawn(screen, regions, 1)
    assert is_close(screen, regions.regions[0], 4.25, 5.75, None, None)
    screen.drag((5.0, 3000), (6.0, 3000))
    screen.until(lambda: is_close(screen, regions.regions[0], 5.25, 6.75, None, None))
    screen.press("ArrowRight")
    screen.until(lambda: regions.regions[0].start_time > 5.28)
    region = regions.regions[0]
    assert region.end_time - region.start_time == pytest.approx(1.5)
    screen.page.mouse.click(*screen.pixel(2.0, 3000))

    until_drawn(screen, regions, 0)


def test_a_window_that_may_be_changed_has_a_number_and_edges(review):
    screen, regions, _ = review(
        "fixed_duration",
        annotation={"fixed_duration": {"initial_window": 1.0, "max": 2.5}},
    )
    screen.field("Window (s)").fill("2")
    screen.field("Window (s)").press("Tab")
    screen.until(lambda: regions.window == 2.0)

    screen.page.mouse.click(*screen.pixel(5.0, 3000))
    until_drawn(screen, regions, 1)
    assert is_close(screen, regions.regions[0], 4.0, 6.0, None, None)
    width = screen.pixel(6.0, 0)[0] - screen.pixel(4.0, 0)[0]
    box = marks(screen).locator(".stroke")
    screen.until(lambda: abs((box.bounding_box() or {"width": 0})["width"] - width) < 4)
    screen.drag((6.0, 3000), (8.0, 3000))

    screen.until(lambda: is_close(screen, regions.regions[0], 4.0, 6.5, None, None))
    screen.until(lambda: float(screen.field("Window (s)").input_value()) == 2.5)


def test_another_tool_is_chosen_from_a_list(review):
    screen, regions, _ = review(["multibox", "time_select"])

    screen.choose("Tool", "Time")

    until_drawn(screen, regions, 1)
    assert regions.tool == "time_select"
    screen.until(lambda: not number(screen, "max_frequency").is_visible())


# ------------------------------------------------- the questions, and what is written


def test_each_box_is_asked_about_and_becomes_a_row(review):
    screen, regions, app = review("multibox", form=[KIND, NOTE])
    assert not screen.submit_button.is_enabled()
    screen.drag((4.0, 2000), (5.0, 3000))
    until_drawn(screen, regions, 1)
    screen.drag((6.0, 4000), (7.0, 5000))
    until_drawn(screen, regions, 2)
    screen.until(lambda: "Kind (box 1)" in screen.seen("review-form"))
    assert not screen.submit_button.is_enabled()

    screen.press("2")  # a number key answers about the box in hand
    screen.until(lambda: answers(regions, "kind") == [None, "call"])
    screen.field("Note").fill("far away")
    screen.page.mouse.click(*screen.pixel(4.5, 2500))
    screen.until(lambda: screen.field("Note").input_value() == "")
    screen.answer("song")
    screen.field("Remark").fill("windy")
    found = submit(screen, app)

    assert [(row["kind"], row["note"], row["Remark"]) for row in found] == [
        ("song", "", "windy"),
        ("call", "far away", "windy"),
    ]
    assert [row["id"] for row in found] == ["1", "1"]
    assert float(found[1]["min_frequency"]) == pytest.approx(4000, abs=40)
    assert app.session.clip.index_value == 2
    until_drawn(screen, regions, 0)


def test_the_list_takes_boxes_in_hand_and_removes_them(review):
    screen, regions, _ = review("multibox", form=[KIND])
    for start in (2.0, 4.0):
        regions.add(
            start_time=start,
            end_time=start + 1,
            min_frequency=1000,
            max_frequency=3000,
        )
    items = screen.part("review-form").locator(".item")
    screen.until(lambda: items.count() == 2)
    assert "2.00 - 3.00 s" in items.first.inner_text()
    assert "Kind?" in items.first.inner_text()

    items.first.locator(".pick").click()
    screen.until(lambda: regions.active == regions.regions[0].key)
    items.first.locator(".drop").click()

    until_drawn(screen, regions, 1)
    assert regions.regions[0].start_time == 4.0


def test_a_box_that_was_not_drawn_is_submitted_with_empty_cells(review):
    screen, _, app = review("bounding_box", form=[KIND])

    row = submit(screen, app)[-1]

    assert row["start_time"] == row["max_frequency"] == row["kind"] == ""


def test_what_was_marked_in_a_reviewed_clip_is_drawn_and_stays(review):
    screen, regions, app = review("multibox", form=[KIND])
    screen.drag((4.0, 2000), (5.0, 3000))
    until_drawn(screen, regions, 1)
    screen.answer("song")
    submit(screen, app)
    screen.show("All")
    screen.click_row("1")
    screen.until_ready(3.0)
    until_drawn(screen, regions, 1)
    assert "song" in marks(screen).text_content()
    before = edges(regions.regions[0])

    screen.drag((4.5, 2500), (6.5, 3500))
    screen.drag((6.0, 5000), (7.0, 6000))
    screen.press("b", "Delete", "Control+y")
    screen.page.mouse.click(*screen.pixel(4.5, 2500))

    screen.until(lambda: regions.active != "")
    assert [edges(region) for region in regions.regions] == [before]
    assert len(rows(app)) == 1


def test_two_annotators_on_one_page_draw_for_themselves(
    wav, tmp_path, page, serve, wait_until
):
    recording = wav(duration=12.0, sample_rate=16_000)
    first = start_marking(recording, tmp_path / "one.csv", "multibox")
    second = start_marking(recording, tmp_path / "two.csv", "multibox")
    address = serve(lambda: pn.Column(make_page(first), make_page(second)))
    open_page(page, address, wait_until, n_annotators=2)
    screens = [Screen(page, wait_until, number) for number in (0, 1)]
    page.set_viewport_size({"width": 1440, "height": 2200})
    for screen in screens:
        screen.until_ready(3.0)

    screens[1].drag((4.0, 2000), (5.0, 3000))
    until_drawn(screens[1], second.session.regions, 1)
    page.keyboard.press("ArrowRight")

    screens[1].until(lambda: second.session.regions.regions[0].start_time > 4.03)
    assert first.session.regions.regions == []
    assert marks(screens[0]).count() == 0


def test_what_is_in_hand_is_what_the_player_plays(review):
    screen, regions, _ = review("multibox")
    regions.add(start_time=4.0, end_time=5.0, min_frequency=2000, max_frequency=4000)
    until_drawn(screen, regions, 1)

    def selection():
        return screen.in_figure(
            "return [...fig.document._all_models.values()]"
            ".find((m) => m.properties?.play_selection).selection"
        )

    screen.until(
        lambda: (
            selection()
            == [4, 5, pytest.approx(2000, abs=2), pytest.approx(4000, abs=2)]
        )
    )
    screen.press("Escape")

    screen.until(lambda: selection() == [])


def test_a_screen_reader_is_told_where_the_box_in_hand_is(review):
    screen, regions, _ = review("multibox")
    regions.add(start_time=4.0, end_time=5.0, min_frequency=2000, max_frequency=4000)

    spoken = screen.part("player").locator("[aria-live=polite].spoken")

    screen.until(
        lambda: spoken.text_content() == "Mark 1: 4.00 to 5.00 s, 2000 to 4000 Hz"
    )
