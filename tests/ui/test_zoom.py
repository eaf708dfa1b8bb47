"""Zoom: what is in sight, at once in the browser, and soon after in full detail."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import soundfile

from annotator.app import BioacousticAnnotator
from tests.ui.driving import open_review

RATE, SECONDS = 48_000, 6.0


@pytest.fixture
def annotator(tmp_path):
    """Return a review of a recording with a steady tone of 6 kHz, and a tick at 3.1 s."""
    t = np.arange(round(RATE * SECONDS)) / RATE
    sound = 0.1 * np.sin(2 * np.pi * 6000 * t)
    sound += 0.003 * np.random.default_rng(1).standard_normal(len(t))
    soundfile.write(tmp_path / "tone.wav", sound, RATE)
    return BioacousticAnnotator(
        data=pd.DataFrame({"start_time": [1.0, 2.0], "end_time": [4.0, 5.0]}),
        audio=str(tmp_path / "tone.wav"),
        output=str(tmp_path / "reviews.csv"),
        form_config={"select": {"label": "call", "items": ["a", "b"]}},
        default_buffer=1.0,
    )


@pytest.fixture
def screen(page, serve, wait_until, annotator):
    return open_review(page, serve, wait_until, annotator)


def test_the_wheel_zooms_in_time_around_the_pointer(screen):
    t0, t1, *frequencies = screen.in_sight

    screen.wheel(3.0, 6000, -300)
    screen.until(lambda: screen.in_sight[0] > t0)
    a, b, *still = screen.in_sight

    assert still == frequencies
    assert (3.0 - a) / (b - a) == pytest.approx((3.0 - t0) / (t1 - t0), abs=0.002)


def test_the_wheel_with_shift_zooms_in_frequency(screen):
    before = screen.in_sight

    screen.wheel(3.0, 6000, -300, key="Shift")
    screen.until(lambda: screen.in_sight != before)

    t0, t1, low, high = screen.in_sight
    assert (t0, t1) == before[:2]
    assert high - low < before[3] - before[2]


def test_keys_zoom_pan_and_reset(screen, annotator):
    whole = screen.in_sight
    clip = annotator.session.clip

    screen.press("+", "+", "ArrowRight")
    zoomed = screen.in_sight
    screen.press("0")

    assert zoomed[1] - zoomed[0] == pytest.approx(0.64 * (whole[1] - whole[0]))
    assert zoomed[0] + zoomed[1] > whole[0] + whole[1]
    assert screen.in_sight == whole
    assert annotator.session.clip is clip


def test_a_click_seeks(screen):
    screen.page.mouse.click(*screen.pixel(2.5, 9000))

    screen.until(lambda: screen.picture()["playhead"] == pytest.approx(2.5, abs=0.01))


def test_another_clip_is_seen_whole(screen, annotator):
    screen.wheel(3.0, 6000, -300)
    screen.until(lambda: screen.in_sight[0] > 0)

    annotator.session.next()
    screen.until_ready(2.0)

    assert screen.in_sight[:2] == pytest.approx((1.0, 6.0))
