"""The look of pictures: what is set at once in the browser, and what is drawn anew."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

from annotator.app import BioacousticAnnotator
from annotator.app import page as make_page
from tests.ui.driving import open_page, open_review

RATE = 22_050


class Line:
    """The page's line to its server; when it is dead, the server's answers are lost."""

    def __init__(self, page) -> None:
        self.is_dead = False
        page.route_web_socket("**/ws*", self._join)

    def _join(self, socket) -> None:
        server = socket.connect_to_server()
        socket.on_message(server.send)
        server.on_message(lambda data: None if self.is_dead else socket.send(data))


def annotator_of(tmp_path, clips: dict[str, np.ndarray], **settings):
    for name, samples in clips.items():
        soundfile.write(tmp_path / name, samples, RATE, subtype="FLOAT")
    return BioacousticAnnotator(
        data=pd.DataFrame(
            {"start_time": 0.0, "end_time": 1.0, "file": list(clips)},
        ),
        audio={"column": "file", "prefix": str(tmp_path)},
        output=str(tmp_path / "reviews.csv"),
        form_config={"select": {"label": "call", "items": ["a", "b"]}},
        default_buffer=0.0,
        **settings,
    )


@pytest.fixture
def annotator(tmp_path):
    """Return a review of noise in two channels, and of a faint tone in it."""
    rng = np.random.default_rng(2)
    noise = 0.1 * rng.standard_normal((RATE, 2)).astype("float32")
    noise[:, 1] *= np.linspace(0, 1, RATE)
    tone = 0.001 * noise + 0.2 * np.sin(np.arange(RATE) / 4)[:, None]
    return annotator_of(
        tmp_path,
        {"noise.wav": noise, "tone.wav": tone.astype("float32")},
        visualizations=["linear", "selected::mel"],
        spectrogram_resolution=[500, 1000],
    )


def own_contrast(annotator) -> list[float]:
    """Return the contrast that the clip's own levels ask for, as bytes."""
    session = annotator.session
    data = session.loader.prepare(session.clip, session.look.state).spectrogram.data
    low, high = np.percentile(data[data > 0], [10, 99.9], method="inverted_cdf")
    span = 20 * 255 / 100  # 20 dB at least
    return pytest.approx([min(low, 255 - span), max(high, low + span)])


def contrast(screen) -> list[float]:
    seen = screen.picture()
    return [seen["low"], seen["high"]]


def test_colours_and_contrast_need_no_server(page, serve, wait_until, annotator):
    line = Line(page)
    screen = open_review(page, serve, wait_until, annotator)
    screen.unfold_settings()
    before = screen.picture()
    line.is_dead = True

    screen.choose("Palette", "Grey")
    screen.until(lambda: screen.picture()["colours"] != before["colours"])
    page.get_by_label("Auto contrast").click()
    screen.until(lambda: screen.picture()["low"] != before["low"])

    assert contrast(screen) == own_contrast(annotator)
    # What is set is told to the session all the same.
    screen.until(lambda: annotator.session.look.auto_contrast)
    screen.until(lambda: annotator.session.look.palette == "Grey")


def test_auto_contrast_is_of_each_clip(page, serve, wait_until, annotator):
    annotator.session.look.auto_contrast = True
    screen = open_review(page, serve, wait_until, annotator)
    screen.until(lambda: contrast(screen) == own_contrast(annotator))
    before = contrast(screen)

    annotator.session.next()
    screen.until(lambda: contrast(screen) != before)

    screen.until(lambda: contrast(screen) == own_contrast(annotator))


def test_what_is_set_holds_for_all_clips_and_is_kept(
    page, serve, wait_until, annotator
):
    screen = open_review(page, serve, wait_until, annotator)
    screen.unfold_settings()
    look = annotator.session.look
    assert look.kind == "mel"

    screen.choose("Type", "Linear")
    screen.choose("Window (samples)", "256 (11.6 ms)")
    screen.choose("Resolution", "500 px")
    screen.choose("Channel", "2")
    screen.until(lambda: screen.picture()["rows"] == 128)
    screen.until(lambda: screen.picture()["columns"] == 500)
    annotator.session.next()
    screen.until(lambda: annotator.session.clip.position == 1)
    screen.until(lambda: screen.picture()["rows"] == 128)
    screen.answer("a")
    screen.until(screen.submit_button.is_enabled)
    screen.submit_button.click()
    screen.until(lambda: annotator.session.n_reviewed == 1)

    state = look.state
    assert (state.kind, state.n_fft, state.width, state.channel) == (
        *("linear", 256, 500),
        2,
    )
    kept = annotator.session.last_event.look
    assert (kept["kind"], kept["n_fft"], kept["channel"]) == ("linear", 256, 2)
    assert look.is_unfolded


def test_what_a_script_sets_is_shown(page, serve, wait_until, annotator):
    screen = open_review(page, serve, wait_until, annotator)

    annotator.session.look.param.update(
        max_frequency=5000.0, is_unfolded=True, contrast=(-60.0, -10.0), palette="Grey"
    )
    screen.until(lambda: screen.picture()["low"] == pytest.approx(255 * 0.4))

    screen.until(
        lambda: (
            screen.root.get_by_role("combobox", name="Palette").inner_text() == "Grey"
        )
    )
    assert screen.part("player").get_by_label("To (kHz)").input_value() == "5"
    screen.until(lambda: screen.picture()["labels"][-1] == "5")


def test_sounds_that_are_none_leave_the_rest_alone(page, serve, wait_until, tmp_path):
    rng = np.random.default_rng(3)
    noise = 0.1 * rng.standard_normal(RATE).astype("float32")
    broken = np.where(np.arange(RATE) % 1000 == 0, np.nan, 3 * noise * 10)
    annotator = annotator_of(
        tmp_path,
        {
            "noise.wav": noise,
            "silent.wav": np.zeros(RATE, "float32"),
            "short.wav": noise[:3],
            "broken.wav": broken.astype("float32"),
            "text.wav": noise,
            "last.wav": noise,
        },
    )
    (tmp_path / "text.wav").write_text("no sound at all")
    screen = open_page(page, serve(lambda: make_page(annotator)), wait_until)
    screen.until_ready(0.0)

    found = {}
    for position in range(6):
        screen.until(lambda at=position: annotator.session.clip.position == at)
        screen.until(lambda: _has_settled(screen, annotator))
        found[position] = screen.picture()["rows"] > 1, screen.seen("player")
        annotator.session.next()

    assert [shown for shown, _ in found.values()] == [True] * 4 + [False, True]
    assert "all samples are 0" in found[1][1]
    assert "no numbers" in found[3][1]
    assert "text.wav" in found[4][1]
    assert screen.submit_button.is_visible()


def _has_settled(screen, annotator) -> bool:
    clip = annotator.session.clip
    shown = screen.in_figure(
        "return Array.from(fig.renderers[0].data_source.data.clip)[0];"
    )
    is_told = shown == "" and Path(clip.recording).name in screen.seen("player")
    return shown.startswith(clip.identity) or is_told
