"""The whole recording under the player: seen, clicked, left again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from annotator.app import BioacousticAnnotator
from tests.ui.driving import Screen, open_review

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Locator

CLIPS = [(11, 4.0), (12, 20.0), (13, 40.0)]

# What a person sees of the strip: colours of a row of the canvas, from left to right.
_ROW = """
(canvas, part) => {
  const { width, height } = canvas;
  const { data } = canvas.getContext("2d").getImageData(0, Math.floor(part * height), width, 1);
  return Array.from({ length: width }, (_, k) => [data[4 * k], data[4 * k + 1], data[4 * k + 2], data[4 * k + 3]]);
}
"""


@pytest.fixture
def annotator(wav, tmp_path) -> Callable[..., BioacousticAnnotator]:
    def make(**settings: Any) -> BioacousticAnnotator:
        audio: Path = wav(duration=60.0, sample_rate=16_000)
        table = tmp_path / "clips.csv"
        starts = [start for _, start in CLIPS]
        pd.DataFrame(
            {
                "id": [number for number, _ in CLIPS],
                "start_time": starts,
                "end_time": [start + 3 for start in starts],
            }
        ).to_csv(table, index=False)
        options: dict[str, Any] = {
            "data": str(table),
            "audio": str(audio),
            "output": str(tmp_path / "reviews.csv"),
            "data_index_column": "id",
            "default_buffer": 1.0,
            "form_config": {
                "select": {
                    "label": "right?",
                    "column": "right",
                    "items": ["yes", "no"],
                    "required": True,
                }
            },
        }
        return BioacousticAnnotator(**{**options, **settings})

    return make


@pytest.fixture
def screen(page, serve, wait_until, annotator) -> Screen:
    shown = annotator()
    screen = open_review(page, serve, wait_until, shown)
    screen.session = shown.session
    until_drawn(screen)
    return screen


def lane(screen: Screen) -> Locator:
    return screen.part("overview").locator(".lane")


def until_drawn(screen: Screen) -> None:
    screen.until(lambda: lane(screen).get_attribute("aria-valuemax") == "60")
    screen.until(lambda: brightest(screen, 0.4) > 120)


def brightest(screen: Screen, part: float) -> int:
    row = lane(screen).locator("canvas").evaluate(_ROW, part)
    return max(sum(pixel[:3]) // 3 for pixel in row)


def look(screen: Screen, seconds: float) -> None:
    box = lane(screen).bounding_box()
    lane(screen).click(position={"x": seconds / 60 * box["width"], "y": 15})


def until_at(screen: Screen, start: float) -> None:
    """Wait for the picture of a place that was clicked, to the pixel."""
    screen.until(lambda: abs(screen.picture()["x"] + 1.0 - start) < 0.15)
    screen.until_ready()


def back_button(screen: Screen) -> Locator:
    return screen.part("overview").get_by_role("button", name="Back to the clip")


def test_the_whole_recording_is_shown_with_its_times(screen):
    assert (
        lane(screen).get_attribute("aria-valuetext") == "0:00:04 to 0:00:07 of 0:01:00"
    )
    assert "0:00:00" in screen.seen("overview")
    assert "0:01:00" in screen.seen("overview")


def test_clips_are_marked_where_they_are_and_reviewed_ones_differ(screen):
    def marks() -> list[int]:
        """Seconds at which a mark begins."""
        row = lane(screen).locator("canvas").evaluate(_ROW, 0.95)
        inked = [pixel[3] > 40 for pixel in row]
        return [
            round(k / len(row) * 60, 1)
            for k in range(1, len(row))
            if inked[k] and not inked[k - 1]
        ]

    def colours() -> list[tuple[int, ...]]:
        row = lane(screen).locator("canvas").evaluate(_ROW, 0.95)
        return [tuple(row[round((start + 1.5) / 60 * len(row))]) for _, start in CLIPS]

    assert [pytest.approx(start + 1.5, abs=0.3) for _, start in CLIPS] == marks()
    before = colours()
    screen.answer("yes")
    screen.submit_button.click()
    screen.until(lambda: colours()[0] != before[0])
    assert colours()[1:] == before[1:]


def test_a_click_looks_elsewhere_and_the_button_comes_back(screen):
    look(screen, 30.0)
    until_at(screen, 28.5)

    assert screen.session.clip.start_time == 4.0
    assert "answers are about the clip" in screen.seen("player")
    assert screen.picture()["shaded"][1][0] == pytest.approx(31.5, abs=0.1)
    back_button(screen).click()
    screen.until_ready(4.0)
    assert not back_button(screen).is_visible()


def test_its_colours_are_those_of_the_picture(screen):
    def is_grey() -> bool:
        row = lane(screen).locator("canvas").evaluate(_ROW, 0.4)
        return all(max(pixel[:3]) - min(pixel[:3]) < 4 for pixel in row[200:300])

    assert not is_grey()

    screen.session.look.palette = "Grey"

    screen.until(is_grey)


def test_escape_comes_back(screen):
    look(screen, 30.0)
    until_at(screen, 28.5)

    screen.page.keyboard.press("Escape")

    screen.until_ready(4.0)


def test_another_clip_comes_back_too(screen):
    look(screen, 30.0)
    until_at(screen, 28.5)

    screen.click_row("12")

    screen.until_ready(20.0)
    assert not back_button(screen).is_visible()


def test_submit_elsewhere_is_about_the_clip(screen):
    look(screen, 50.0)
    until_at(screen, 48.5)

    screen.answer("yes")
    screen.submit_button.click()
    screen.until_ready(20.0)

    assert screen.session.is_reviewed(0)
    assert screen.session.clip.position == 1


def test_after_a_click_the_keys_are_the_dashboards(screen):
    look(screen, 30.0)
    until_at(screen, 28.5)

    screen.page.keyboard.press("ArrowDown")

    screen.until(lambda: screen.session.clip.position == 1)


def test_arrows_move_along_the_recording_when_the_strip_has_the_focus(screen):
    lane(screen).focus()

    screen.page.keyboard.press("ArrowRight")
    screen.until_ready(7.0)
    screen.page.keyboard.press("End")
    screen.until_ready(57.0)
    screen.page.keyboard.press("Escape")

    screen.until_ready(4.0)
    assert screen.session.clip.position == 0


def test_the_pointer_tells_the_time(screen):
    box = lane(screen).bounding_box()

    screen.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 10)

    screen.until(lambda: "0:00:30" in lane(screen).inner_text())


def test_a_recording_that_cannot_be_read_is_a_sentence_in_the_strip(
    page, serve, wait_until, annotator, tmp_path
):
    (tmp_path / "broken.wav").write_bytes(b"no sound at all" * 100)
    shown = annotator(audio=str(tmp_path / "broken.wav"))

    screen = open_review_of_nothing(page, serve, wait_until, shown)

    screen.until(lambda: "cannot be read as audio" in screen.seen("overview"))
    assert "Details" not in screen.seen("overview")


def open_review_of_nothing(page, serve, wait_until, shown) -> Screen:
    from annotator.app import page as make_page
    from tests.ui.driving import open_page

    return open_page(page, serve(lambda: make_page(shown)), wait_until)


def test_a_large_recording_elsewhere_is_drawn_when_it_is_asked_for(
    page, serve, wait_until, annotator, monkeypatch, wav
):
    from annotator.audio import io
    from annotator.review import strips

    # A recording in a store, as far as the strip is concerned.
    monkeypatch.setattr(strips, "scheme_of", lambda _: "s3")
    monkeypatch.setattr("annotator.review.overview.UNASKED", 1_000_000)
    shown = annotator()
    screen = open_review(page, serve, wait_until, shown)
    button = screen.part("overview").get_by_role(
        "button", name="Draw the whole recording (2 MB)"
    )
    button.wait_for()
    assert lane(screen).get_attribute("aria-valuemax") == "60"

    button.click()

    until_drawn(screen)
    assert not button.is_visible()
    assert io.stat(shown.session.clip.recording).size > 1_000_000
