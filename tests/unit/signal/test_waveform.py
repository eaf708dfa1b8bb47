"""The waveform: nothing that stands out is lost."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.errors import ParameterError
from annotator.signal.scales import AMPLITUDE
from annotator.signal.waveform import compute_waveform, envelope


@given(
    n_frames=st.integers(1, 50_000),
    where=st.floats(0, 1, exclude_max=True),
    width=st.integers(1, 500),
    level=st.floats(0.05, 1),
)
def test_a_click_of_one_sample_reaches_its_height(
    n_frames: int, where: float, width: int, level: float
) -> None:
    samples = np.zeros(n_frames, np.float32)
    sample = int(where * n_frames)
    samples[sample] = level

    picture = compute_waveform(samples, 8_000, width=width, height=200)

    columns = picture.data.shape[1]
    column = int((sample + 0.5) / n_frames * columns)
    top = np.flatnonzero(picture.data[:, column]).max()
    assert columns == min(width, n_frames)
    assert top == min(199, int((np.float32(level) + 1) * 100))


@given(st.integers(1, 3_000), st.integers(1, 200))
def test_columns_reach_from_their_lowest_to_their_highest_sample(
    n_frames: int, width: int
) -> None:
    samples = np.random.default_rng(n_frames).uniform(-1, 1, n_frames).astype("f4")
    columns = min(n_frames, width)

    lowest, highest, body = envelope(samples, columns)

    edges = [i * n_frames // columns for i in range(columns + 1)]
    for i in range(columns):
        part = samples[edges[i] : edges[i + 1]]
        joined = samples[edges[i] : edges[i + 1] + 1]
        assert lowest[i] == joined.min()
        assert highest[i] == joined.max()
        assert body[i] == pytest.approx(np.sqrt(np.mean(part**2)), rel=1e-4)


def test_zero_lies_in_the_middle_of_a_picture_over_minus_one_to_one() -> None:
    picture = compute_waveform(np.zeros(500), 8_000, height=101, start_time=2.0)

    assert np.flatnonzero(picture.data[:, 0]).tolist() == [50]
    assert picture.scale == AMPLITUDE
    assert (picture.bottom, picture.top) == (-1.0, 1.0)
    assert (picture.start_time, picture.end_time) == (2.0, 2.0625)


def test_what_lies_beyond_one_is_drawn_at_the_edge() -> None:
    picture = compute_waveform(np.full(10, 3.7), 8_000, height=100)

    assert np.flatnonzero(picture.data[:, 0]).tolist() == [99]


def test_zoomed_amplitudes_show_what_is_quiet() -> None:
    samples = 0.01 * np.sin(np.arange(4_000))

    picture = compute_waveform(samples, 8_000, height=100, limits=(-0.02, 0.02))

    lit = np.flatnonzero(picture.data.max(axis=1))
    assert (lit.min(), lit.max()) == (25, 74)


def test_a_part_of_the_clip_is_drawn_with_its_own_times() -> None:
    samples = np.zeros(8_000)
    samples[3_010] = 1

    picture = compute_waveform(
        samples, 8_000, width=100, start_time=10, span=(10.25, 10.5)
    )

    assert (picture.start_time, picture.end_time) == (10.25, 10.5)
    assert picture.data[-1].nonzero()[0].tolist() == [50]


def test_memory_stays_bounded_for_long_clips() -> None:
    samples = np.zeros(30_000_000, np.float32)  # 10 minutes at 48 kHz, 120 MB

    tracemalloc.start()
    compute_waveform(samples, 48_000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 30e6


@pytest.mark.parametrize(
    "options", [{"limits": (1, -1)}, {"width": 0}, {"height": 0}, {"span": (3, 4)}]
)
def test_impossible_options_are_refused(options) -> None:
    with pytest.raises(ParameterError):
        compute_waveform(np.zeros(100), 8_000, **options)
