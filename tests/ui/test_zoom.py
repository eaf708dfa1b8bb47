"""Zoom: what is in sight, at once in the browser, and soon after in full detail."""

from __future__ import annotations

import librosa
import numpy as np
import pandas as pd
import pytest
import soundfile

from annotator.app import BioacousticAnnotator
from annotator.review.prepare import ViewState
from tests.ui.driving import open_review

RATE, SECONDS = 48_000, 6.0
TIMES = ("Time min (s)", "Time max (s)")
FREQUENCIES = ("Freq min (kHz)", "Freq max (kHz)")


@pytest.fixture
def annotator(tmp_path):
    """Return a review of a recording with a steady tone of 6 kHz."""
    t = np.arange(round(RATE * SECONDS)) / RATE
    sound = 0.1 * np.sin(2 * np.pi * 6000 * t)
    sound += 0.003 * np.random.default_rng(1).standard_normal(len(t))
    soundfile.write(tmp_path / "tone.wav", sound, RATE)
    return BioacousticAnnotator(
        data=pd.DataFrame({"start_time": [1.0, 2.0], "end_time": [4.0, 5.0]}),
        audio=str(tmp_path / "tone.wav"),
        output=str(tmp_path / "reviews.csv"),
        form_config={"select": {"label": "call", "items": ["a", "b"]}},
        visualizations=["linear", "mel", "log_frequency", "waveform"],
        default_buffer=1.0,
    )


@pytest.fixture
def screen(page, serve, wait_until, annotator):
    return open_review(page, serve, wait_until, annotator)


def type_in(screen, label: str, text: str) -> None:
    field = screen.part("player").get_by_label(label)
    field.fill(text)
    field.press("Enter")


def typed(screen, labels) -> list[float]:
    fields = (screen.part("player").get_by_label(label) for label in labels)
    return [float(field.input_value()) for field in fields]


def test_the_wheel_zooms_around_the_pointer(screen):
    t0, t1, *frequencies = screen.in_sight

    screen.wheel(3.0, 6000, -300)
    screen.until(lambda: screen.in_sight[0] > t0)
    a, b, *still = screen.in_sight
    screen.wheel(3.0, 6000, -300, key="Shift")
    screen.until(lambda: screen.in_sight[2:] != tuple(still))
    c, d, low, high = screen.in_sight

    assert still == frequencies  # without Shift: time
    assert (3.0 - a) / (b - a) == pytest.approx((3.0 - t0) / (t1 - t0), abs=0.002)
    assert (c, d) == (a, b)  # with Shift: frequency
    bottom, top = frequencies
    share = (6000 - low) / (high - low)
    assert share == pytest.approx((6000 - bottom) / (top - bottom), abs=0.003)


def test_the_wheel_over_the_frequency_axis_zooms_in_frequency(screen):
    before = screen.in_sight
    left, top = screen.pixel(before[0], 12_000)

    screen.page.mouse.move(left - 20, top)
    screen.page.mouse.wheel(0, -300)
    screen.until(lambda: screen.in_sight != before)

    assert screen.in_sight[:2] == before[:2]


def test_keys_zoom_pan_and_reset(screen, annotator):
    whole = screen.in_sight
    clip = annotator.session.clip

    screen.press("+", "+", "ArrowRight")
    zoomed = screen.in_sight
    screen.press("_")
    wider = screen.in_sight
    screen.press("0")

    assert zoomed[1] - zoomed[0] == pytest.approx(0.64 * (whole[1] - whole[0]))
    assert zoomed[0] + zoomed[1] > whole[0] + whole[1]
    assert wider[1] - wider[0] == pytest.approx(0.8 * (whole[1] - whole[0]))
    assert screen.in_sight == whole
    assert annotator.session.clip is clip

    screen.press("ArrowRight")  # nothing to pan to: the next clip
    screen.until(lambda: annotator.session.clip is not clip)


def test_a_box_zooms_a_drag_pans_and_a_double_click_resets(screen):
    whole = screen.in_sight
    screen.part("player").get_by_role("button", name="Zoom box").click()
    screen.drag((2.0, 9000), (3.0, 4000))
    boxed = screen.in_sight
    screen.part("player").get_by_role("button", name="Pan").click()
    screen.drag((2.5, 6000), (2.3, 6000))
    panned = screen.in_sight
    screen.page.mouse.dblclick(*screen.pixel(2.6, 6000))

    hz = (whole[3] - whole[2]) / 360  # a pixel
    assert boxed == (
        pytest.approx(2.0, abs=0.01),
        pytest.approx(3.0, abs=0.01),
        pytest.approx(4000, abs=hz),
        pytest.approx(9000, abs=hz),
    )
    assert panned[0] - boxed[0] == pytest.approx(0.2, abs=0.01)
    assert panned[1] - panned[0] == pytest.approx(boxed[1] - boxed[0])
    screen.until(lambda: screen.in_sight == whole)


def test_a_click_seeks_and_the_pointer_is_told_in_numbers(screen):
    screen.page.mouse.click(*screen.pixel(2.5, 9000))
    screen.until(lambda: screen.picture()["playhead"] == pytest.approx(2.5, abs=0.01))

    time, _, hz, _ = screen.part("player").locator(".readout").inner_text().split()
    assert float(time) == pytest.approx(2.5, abs=0.01)
    assert float(hz) == pytest.approx(9.0, abs=0.08)


def test_the_part_in_sight_comes_at_full_detail(screen, annotator):
    type_in(screen, "Time min (s)", "2.9")
    type_in(screen, "Time max (s)", "3.1")
    screen.until(lambda: screen.detail()["visible"])

    seen = screen.detail()
    rows, columns = seen["shape"]
    session = annotator.session
    span = (seen["x"], seen["x"] + seen["dw"])
    alone = session.loader.detail(
        session.clip,
        ViewState(width=columns),
        span,
        max_db=session.loader.prepare(
            session.clip, session.look.state
        ).spectrogram.max_db,
    )
    assert np.array_equal(np.reshape(seen["pixels"], (rows, columns)), alone.data)
    assert span[0] <= 2.9 < 3.1 <= span[1]
    assert columns > 1.5 * 2000 * seen["dw"] / 5  # than the whole had of this part

    screen.press("0")
    assert not screen.detail()["visible"]  # the whole is there at once
    screen.press("+", "+")
    screen.until(lambda: screen.detail()["visible"])


def test_another_clip_is_seen_whole_and_another_look_as_it_was(screen, annotator):
    type_in(screen, "Time min (s)", "2")
    before, hashed = screen.in_sight, screen.picture()["hash"]
    annotator.session.look.n_fft = 256
    screen.until(lambda: screen.picture()["hash"] != hashed)
    assert screen.in_sight[:2] == before[:2]

    annotator.session.next()
    screen.until_ready(2.0)

    assert screen.in_sight[:2] == pytest.approx((1.0, 6.0))
    assert not screen.detail()["visible"]


@pytest.mark.parametrize(
    ("kind", "position"),
    [("mel", librosa.hz_to_mel), ("log_frequency", np.log2)],
)
def test_bounds_and_ticks_are_right_on_scales_that_bend(
    screen, annotator, kind, position
):
    before = screen.picture()["hash"]
    annotator.session.look.kind = kind
    screen.until(lambda: screen.picture()["hash"] != before)

    type_in(screen, "Freq min (kHz)", "2")
    type_in(screen, "Freq max (kHz)", "9,5")
    screen.until(lambda: typed(screen, FREQUENCIES) == [2.0, 9.5])

    low, high = screen.in_sight[2:]
    pixel = (high - low) / 300
    assert low == pytest.approx(position(2000), abs=pixel)
    assert high == pytest.approx(position(9500), abs=pixel)
    seen = screen.picture()
    assert len(seen["ticks"]) >= 3
    hz = np.array([float(label) for label in seen["labels"]]) * 1000
    assert seen["ticks"] == pytest.approx(position(hz), abs=pixel)
    assert all(low <= tick <= high for tick in seen["ticks"])


def test_play_covers_what_is_in_sight(screen):
    type_in(screen, "Time min (s)", "2.5")
    type_in(screen, "Time max (s)", "2.8")
    screen.play_button.click()

    heads = []

    def ended() -> bool:
        heads.append(screen.picture()["playhead"])
        return len(heads) > 3 and heads[-1] <= heads[-2] == heads[-3]

    screen.until(ended)
    assert min(heads[1:]) >= 2.5
    assert max(heads) <= 2.81


@pytest.mark.parametrize("rate", [250_000, 384_000])
def test_ultrasound_is_zoomed_like_anything_else(
    page, serve, wait_until, tmp_path, rate, request
):
    if rate == 250_000:
        shared_data = request.getfixturevalue("shared_data")
        path, start, end = shared_data / "deermouse_usv_250k.wav", 0.2, 0.8
    else:
        path, start, end = tmp_path / "sweep.wav", 0.1, 0.9
        t = np.arange(rate) / rate
        sweep = 0.5 * np.sin(2 * np.pi * (20_000 * t + 75_000 * t**2))
        soundfile.write(path, sweep, rate)  # from 20 to 170 kHz
    annotator = BioacousticAnnotator(
        data=pd.DataFrame({"start_time": [start], "end_time": [end]}),
        audio=str(path),
        output=str(tmp_path / "reviews.csv"),
        form_config={"select": {"label": "call", "items": ["a", "b"]}},
        default_buffer=0.1,
    )
    screen = open_review(page, serve, wait_until, annotator)

    type_in(screen, "Time min (s)", "0.495")
    type_in(screen, "Time max (s)", "0.505")
    type_in(screen, "Freq min (kHz)", "80")
    type_in(screen, "Freq max (kHz)", "110")
    screen.until(lambda: screen.detail()["visible"] and screen.detail()["dw"] < 0.02)

    seen = screen.detail()
    assert seen["x"] < 0.495 < 0.505 < seen["x"] + seen["dw"]
    assert seen["y"] < 80_000 < 110_000 < seen["y"] + seen["dh"]
    if rate == 384_000:  # 20 kHz + 150 kHz/s * 0.5 s
        rows = np.reshape(seen["pixels"], seen["shape"]).sum(axis=1)
        brightest = seen["y"] + (rows.argmax() + 0.5) / len(rows) * seen["dh"]
        assert brightest == pytest.approx(95_000, abs=1500)
