"""Visualizations on the page: each shows its own picture, and a bad one a sentence."""

from __future__ import annotations

import io
import os
from functools import reduce

import numpy as np
import pandas as pd
import pytest
import soundfile
from PIL import Image

from annotator import visualizations as vis
from annotator.app import BioacousticAnnotator
from annotator.visualizations.options import OPTIONS
from tests.ui.driving import open_review

RATE = 22_050


def square_root(f, fmin, fmax):
    return np.sqrt((f - fmin) / (fmax - fmin))


def warped(mono, sr, width):
    made = vis.spectrogram(mono, sr, width)
    return {**made, "freq_min": 0, "freq_max": sr / 2, "freq_scale": square_root}


def coloured(mono, sr, width):
    made = vis.mel(mono, sr, width)
    png = vis.render_png(made["matrix"], 300, 80, cmap="viridis")
    return {**made, "matrix": None, "png_bytes": png}


def broken(mono, sr, width):
    msg = "no such <b>filter</b>"
    raise RuntimeError(msg)


@pytest.fixture
def annotator(tmp_path):
    """Return a review of a rising tone in noise, with every visualization."""
    seconds = np.arange(2 * RATE) / RATE
    tone = 0.3 * np.sin(2 * np.pi * (500 + 2_000 * seconds) * seconds)
    noise = 0.01 * np.random.default_rng(2).standard_normal(2 * RATE)
    soundfile.write(tmp_path / "tone.wav", tone + noise, RATE)
    return BioacousticAnnotator(
        data=pd.DataFrame({"start_time": [0.5], "end_time": [1.5]}),
        audio=str(tmp_path / "tone.wav"),
        output=str(tmp_path / "reviews.csv"),
        form_config={"textbox": {"label": "notes"}},
        default_buffer=0.5,
        visualizations=[*OPTIONS, warped, coloured, broken],
    )


def picture_of(annotator):
    session = annotator.session
    return session.loader.prepare(session.clip, session.look.state).spectrogram


def hash_of(data: np.ndarray) -> int:
    """Return the hash that `Screen.picture` computes in the browser."""
    found = reduce(lambda so_far, value: so_far * 31 + value, data.ravel().tolist(), 0)
    return (found + 2**31) % 2**32 - 2**31


def test_each_visualization_shows_its_own_picture_and_axis(
    page, serve, wait_until, annotator
):
    annotator.session.look.width = 250
    screen = open_review(page, serve, wait_until, annotator)
    ways = annotator.session.loader.visualizations

    for key in [*ways][1:-2]:
        screen.choose("Type", ways[key].label)
        screen.until(lambda key=key: annotator.session.look.kind == key)
        picture = picture_of(annotator)
        screen.until(
            lambda picture=picture: (
                screen.picture()["rows"] == picture.data.shape[0]
                and screen.picture()["y_range"]
                == pytest.approx([picture.bottom, picture.top])
            )
        )
        expected = hash_of(picture.data)
        screen.until(lambda expected=expected: screen.picture()["hash"] == expected)
        seen = screen.picture()
        unit = 1000 if picture.scale.is_frequency else 1
        labelled = picture.scale.position(
            [unit * float(text) for text in seen["labels"]]
        )
        assert len(labelled) >= 3
        within = (picture.top - picture.bottom) / 500
        np.testing.assert_allclose(seen["ticks"], labelled, atol=within)
        if folder := os.environ.get("PICTURES"):
            page.screenshot(path=f"{folder}/{key}.png")


def test_a_picture_keeps_its_own_colours(page, serve, wait_until, annotator):
    screen = open_review(page, serve, wait_until, annotator)

    screen.choose("Type", "coloured")

    def is_coloured():
        box = screen.part("spectrogram").bounding_box()
        shot = page.screenshot(
            clip={"x": box["x"] + 200, "y": box["y"] + 40, "width": 300, "height": 120}
        )
        pixels = np.asarray(Image.open(io.BytesIO(shot)).convert("RGB")).astype(int)
        # viridis is green in the middle, magma never
        return ((pixels[..., 1] > pixels[..., 0] + 40) & (pixels[..., 1] > 90)).any()

    screen.until(is_coloured)


def test_a_visualization_that_fails_says_so_and_the_next_one_works(
    page, serve, wait_until, annotator
):
    screen = open_review(page, serve, wait_until, annotator)

    screen.choose("Type", "broken")
    screen.until(
        lambda: (
            "The visualization 'broken' failed with RuntimeError: no such <b>filter</b>"
            in screen.seen("player")
        )
    )
    screen.choose("Type", "Mel")

    screen.until(lambda: screen.picture()["rows"] == 128)
    expected = hash_of(picture_of(annotator).data)
    screen.until(lambda: screen.picture()["hash"] == expected)
    assert "broken' failed" not in screen.seen("player")
