"""Marking sounds on the spectrogram, with the pointer and with keys."""

from __future__ import annotations

import pytest

from tests.ui.driving import open_review
from tests.ui.marking import (
    EDGES,
    END,
    NYQUIST,
    START,
    drawn_box,
    edges,
    is_close,
    shape,
    start_marking,
    submit,
    until_drawn,
    until_open,
)


@pytest.fixture
def review(wav, tmp_path, page, serve, wait_until):
    """Return a function that opens such a review: its screen and its regions."""
    recording = wav(duration=12.0, sample_rate=16_000, name="sound.wav")

    def open_it(tools, **options):
        app = start_marking(recording, tmp_path / "out.csv", tools, **options)
        screen = open_review(page, serve, wait_until, app)
        return screen, app.session.regions, app

    return open_it


# ------------------------------------------------------------------ boxes by hand


def test_a_drag_draws_a_box_of_what_it_went_over(review):
    screen, regions, _ = review("bounding_box")

    screen.drag((4.0, 2000), (5.5, 5000))

    until_drawn(screen, regions, 1)
    assert is_close(screen, regions.regions[0], 4.0, 5.5, 2000, 5000)
    assert regions.active == regions.regions[0].key


def test_a_drag_from_right_to_left_and_up_draws_the_same_box(review):
    screen, regions, _ = review("bounding_box")

    screen.drag((5.5, 2000), (4.0, 5000))

    until_drawn(screen, regions, 1)
    assert is_close(screen, regions.regions[0], 4.0, 5.5, 2000, 5000)


def test_a_slip_of_the_hand_draws_no_box(review):
    screen, regions, _ = review("multibox")
    x, y = screen.pixel(4.0, 3000)
    mouse = screen.page.mouse

    mouse.move(x, y)
    mouse.down()
    mouse.move(x + 4, y + 4, steps=4)
    mouse.up()
    screen.drag((4.0, 2000), (5.0, 3000))

    until_drawn(screen, regions, 1)


DRAGS = {
    "left": ((4.0, 3000), (3.5, 3000), (3.5, 5.0, 2000, 4000)),
    "right": ((5.0, 3000), (6.0, 3000), (4.0, 6.0, 2000, 4000)),
    "top": ((4.5, 4000), (4.5, 4500), (4.0, 5.0, 2000, 4500)),
    "bottom": ((4.5, 2000), (4.5, 1000), (4.0, 5.0, 1000, 4000)),
    "left top": ((4.0, 4000), (3.5, 5000), (3.5, 5.0, 2000, 5000)),
    "right top": ((5.0, 4000), (5.5, 3500), (4.0, 5.5, 2000, 3500)),
    "left bottom": ((4.0, 2000), (3.5, 1000), (3.5, 5.0, 1000, 4000)),
    "right bottom": ((5.0, 2000), (5.5, 1500), (4.0, 5.5, 1500, 4000)),
    "whole": ((4.5, 3000), (5.5, 4000), (5.0, 6.0, 3000, 5000)),
    # Edges that cross change places.
    "left over right": ((4.0, 3000), (6.0, 3000), (5.0, 6.0, 2000, 4000)),
    "top under bottom": ((4.5, 4000), (4.5, 500), (4.0, 5.0, 500, 2000)),
    # No edge goes beyond what there is to see.
    "far out": ((5.0, 4000), (9.1, 8200), (4.0, END, 2000, NYQUIST)),
    "against the wall": ((4.5, 3000), (0.2, -800), (START, START + 1, 0, 2031)),
}


def test_edges_corners_and_the_whole_of_a_box_can_be_dragged(review):
    screen, regions, _ = review("multibox")
    other = (7.5, 8.0, 6000, 7000)
    regions.add(**dict(zip(EDGES, other, strict=True)))
    start = dict(zip(EDGES, (4.0, 5.0, 2000, 4000), strict=True))
    box = regions.add(**start)
    until_drawn(screen, regions, 2)

    for name, (grip, to, expected) in DRAGS.items():
        screen.drag(grip, to)
        screen.until(
            lambda expected=expected: is_close(screen, regions.regions[1], *expected)
        )
        assert edges(regions.regions[0]) == other, name
        # Another box each time: a drag's last word may come after what it leads to.
        regions.remove(box.key)
        box = regions.add(**start)
        until_drawn(screen, regions, 2)
        screen.until(lambda: drawn_box(screen, 1) == shape(screen, *start.values()))


def test_an_edge_that_is_not_dragged_stays_exactly_where_it_was(review):
    screen, regions, _ = review("multibox")
    exact = (4.000000123, 5.000000321, 2000.000111, 4000.000999)
    regions.add(**dict(zip(EDGES, exact, strict=True)))
    until_drawn(screen, regions, 1)

    screen.drag((5.0, 3000), (6.0, 3000))

    screen.until(lambda: regions.regions[0].end_time > 5.9)
    now = edges(regions.regions[0])
    assert (now[0], now[2], now[3]) == (exact[0], exact[2], exact[3])


def test_escape_lets_a_drag_be_as_if_it_had_not_been(review):
    screen, regions, _ = review("multibox")
    regions.add(start_time=4.0, end_time=5.0, min_frequency=2000, max_frequency=4000)
    until_drawn(screen, regions, 1)
    screen.press()
    x, y = screen.pixel(4.5, 3000)
    mouse = screen.page.mouse

    mouse.move(x, y)
    mouse.down()
    mouse.move(x + 90, y, steps=5)
    screen.until(lambda: regions.regions[0].start_time > 4.1)  # told meanwhile
    screen.page.keyboard.press("Escape")
    mouse.up()

    screen.until(lambda: edges(regions.regions[0]) == (4.0, 5.0, 2000, 4000))


def test_a_clip_that_comes_during_a_drag_ends_it(review):
    screen, regions, app = review("multibox")
    x, y = screen.pixel(4.0, 3000)
    mouse = screen.page.mouse
    mouse.move(x, y)
    mouse.down()
    mouse.move(x + 90, y + 50, steps=5)

    app.session.next()
    screen.until_ready(4.0)
    until_open(screen, regions)
    mouse.move(x + 120, y + 60, steps=3)
    mouse.up()
    screen.drag((4.0, 2000), (5.0, 3000))

    until_drawn(screen, regions, 1)
    assert is_close(screen, regions.regions[0], 4.0, 5.0, 2000, 3000)


def test_with_shift_a_box_is_drawn_within_another(review):
    screen, regions, _ = review("multibox")
    regions.add(start_time=2.0, end_time=8.0, min_frequency=100, max_frequency=7500)
    until_drawn(screen, regions, 1)

    screen.drag((4.0, 2000), (5.0, 3000), key="Shift")

    until_drawn(screen, regions, 2)
    assert is_close(screen, regions.regions[1], 4.0, 5.0, 2000, 3000)


def test_a_click_takes_a_box_in_hand_and_a_click_beside_lets_it_go(review):
    screen, regions, _ = review("multibox")
    first = regions.add(
        start_time=4.0, end_time=5.0, min_frequency=2000, max_frequency=4000
    )
    regions.activate(None)
    until_drawn(screen, regions, 1)
    screen.until(lambda: screen.root.locator("g.mark.active").count() == 0)

    screen.page.mouse.click(*screen.pixel(4.5, 3000))
    screen.until(lambda: regions.active == first.key)
    screen.page.mouse.click(*screen.pixel(8.0, 7000))

    screen.until(lambda: regions.active == "")


# --------------------------------------------------------------------- by keys


def test_a_box_can_be_made_moved_and_removed_with_keys_alone(review):
    screen, regions, app = review("multibox")
    clip = app.session.clip
    screen.press("b")
    until_drawn(screen, regions, 1)
    made = edges(regions.regions[0])

    for key in ("ArrowRight", "ArrowRight", "ArrowLeft", "Shift+ArrowRight"):
        screen.page.keyboard.press(key)
    screen.until(
        lambda: (
            edges(regions.regions[0])[:2]
            == (pytest.approx(made[0] + 0.05), pytest.approx(made[1] + 0.10))
        )
    )
    screen.page.keyboard.press("ArrowUp")
    screen.until(lambda: regions.regions[0].min_frequency > made[2])
    low, high = edges(regions.regions[0])[2:]
    n_rows = screen.picture()["rows"]
    assert high - made[3] == pytest.approx(NYQUIST / n_rows, rel=0.01)
    screen.page.keyboard.press("Shift+ArrowDown")
    screen.until(lambda: regions.regions[0].max_frequency < high)
    assert regions.regions[0].min_frequency == low
    screen.page.keyboard.press("Delete")

    until_drawn(screen, regions, 0)
    assert app.session.clip is clip  # the arrows did not change it


def test_arrows_change_the_clip_when_no_box_is_in_hand(review):
    screen, regions, app = review("multibox")
    screen.press("b")
    until_drawn(screen, regions, 1)

    screen.page.keyboard.press("Escape")
    screen.until(lambda: regions.active == "")
    screen.page.keyboard.press("ArrowRight")

    screen.until(lambda: app.session.clip.index_value == 2)


def test_the_keys_go_from_box_to_box(review):
    screen, regions, _ = review("multibox")
    for start in (2.0, 4.0, 6.0):
        regions.add(
            start_time=start,
            end_time=start + 1,
            min_frequency=1000,
            max_frequency=3000,
        )
    regions.activate(None)
    until_drawn(screen, regions, 3)
    keys = [region.key for region in regions.regions]
    screen.press()

    seen = []
    for key in (".", ".", ",", ","):
        before = regions.active
        screen.page.keyboard.press(key)
        screen.until(lambda before=before: regions.active != before)
        seen.append(keys.index(regions.active))

    assert seen == [0, 1, 0, 2]


def test_drawing_is_undone_before_reviews_are(review):
    screen, regions, app = review("multibox")
    screen.drag((4.0, 2000), (5.0, 3000))
    until_drawn(screen, regions, 1)
    submit(screen, app)
    until_open(screen, regions)
    screen.until_ready(4.0)
    screen.drag((5.0, 2000), (6.0, 3000))
    until_drawn(screen, regions, 1)
    screen.drag((5.5, 2500), (6.5, 3500))
    screen.until(lambda: regions.regions[0].start_time > 5.4)

    screen.press("Control+z")
    screen.until(lambda: is_close(screen, regions.regions[0], 5, 6, 2000, 3000))
    screen.page.keyboard.press("Control+z")
    until_drawn(screen, regions, 0)
    screen.page.keyboard.press("Control+y")
    until_drawn(screen, regions, 1)
    screen.page.keyboard.press("Control+Shift+z")
    screen.until(lambda: regions.regions[0].start_time > 5.4)
    for _ in range(2):
        screen.page.keyboard.press("Control+z")
    until_drawn(screen, regions, 0)
    assert app.session.n_reviewed == 1
    screen.page.keyboard.press("Control+z")

    screen.until(lambda: app.session.n_reviewed == 0)
    assert app.session.clip.index_value == 1
    until_drawn(screen, regions, 1)  # what was submitted is there to be gone on with
