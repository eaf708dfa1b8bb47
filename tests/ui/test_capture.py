"""Saving what is in sight, as a person does it on the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from annotator.app import BioacousticAnnotator
from annotator.visualizations.paper import frame_of
from tests.ui.driving import Screen, open_review

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def open_it(page, serve, wait_until, wav, tmp_path) -> Callable[..., Screen]:
    def start(**settings: Any) -> Screen:
        frame = pd.DataFrame(
            {"id": [1, 2], "start_time": [2.0, 5.0], "end_time": [4.0, 7.0]}
        )
        annotator = BioacousticAnnotator(
            data=frame.assign(name=["Reed <b>Triller</b>", "Frog"]),
            audio=str(wav(duration=10.0, sample_rate=16_000, frequency=4000.0)),
            output=str(tmp_path / "reviews.csv"),
            data_index_column="id",
            default_buffer=1.0,
            info_card_title="[[name]]",
            capture_dir=str(tmp_path / "pictures"),
            **settings,
        )
        screen = open_review(page, serve, wait_until, annotator)
        screen.session = annotator.session
        return screen

    return start


def capture(screen: Screen, name: str | None = None) -> str:
    """Press the button, type a name, save; what is said then."""
    screen.part("capture-button").locator("button").click()
    field = screen.part("capture").locator("input")
    field.wait_for()
    if name is not None:
        field.fill(name)
    screen.part("capture").get_by_role("button", name="Save", exact=True).click()
    said = screen.part("capture").locator(".said")
    screen.until(lambda: said.is_visible() and "Saving" not in said.inner_text())
    return said.inner_text()


def test_the_picture_is_saved_under_the_proposed_name_as_large_as_seen(
    open_it, tmp_path
):
    screen = open_it()

    said = capture(screen)

    [path] = (tmp_path / "pictures").iterdir()
    assert path.name.startswith("reed_b_triller_b.20")
    assert f"Saved {path}" in said
    assert not screen.part("capture").locator("input").is_visible()
    with Image.open(path) as image:
        left, top, right, bottom = frame_of(*image.size, has_title=True)
    seen = screen.in_figure("return [fig.inner_width, fig.inner_height];")
    assert [right - left, bottom - top] == pytest.approx(seen, abs=3)


def test_a_second_picture_of_the_name_is_another_file(open_it, tmp_path):
    screen = open_it()

    assert "one.png" in capture(screen, "one")
    assert "one-2.png" in capture(screen, "one")

    assert len(list((tmp_path / "pictures").iterdir())) == 2


def test_a_name_that_leads_out_is_refused_in_a_sentence(open_it, tmp_path):
    screen = open_it()

    said = capture(screen, "../../out.png")

    assert "leads out of" in said
    assert screen.part("capture").locator("input").is_visible()
    assert not list(tmp_path.rglob("*.png"))


def test_zoom_palette_and_contrast_are_those_of_the_screen(open_it, tmp_path):
    screen = open_it()
    screen.session.look.param.update(palette="Grey", contrast=(-30.0, 0.0))
    screen.press("+", "+", "+", "+", "+", "+")
    screen.until(lambda: screen.in_sight[1] - screen.in_sight[0] < 2.0)
    screen.page.wait_for_timeout(500)  # it came to rest

    capture(screen, "zoomed")

    with Image.open(tmp_path / "pictures" / "zoomed.png") as image:
        left, top, right, bottom = frame_of(*image.size, has_title=True)
        pixels = np.asarray(image.convert("RGB"))[top:bottom, left:right].astype(int)
    assert (pixels.max(axis=2) - pixels.min(axis=2)).max() < 3  # greys
    # 4 kHz lies where the axes in sight say: y is Hz on the linear scale.
    _, _, low, high = screen.in_sight
    row = pixels.sum(axis=(1, 2)).argmax()
    assert row / len(pixels) == pytest.approx((high - 4000) / (high - low), abs=0.03)


def test_no_button_where_the_project_wants_none(open_it):
    screen = open_it(capture=False)

    assert not screen.part("capture-button").is_visible()


def test_the_button_has_the_projects_words(open_it):
    screen = open_it(capture="Take <i>a</i> picture")

    assert "Take <i>a</i> picture" in screen.seen("capture-button")
