from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.audio.remote.flac.estimate import guess

steps = st.lists(
    st.tuples(st.integers(1, 10**7), st.integers(0, 10**8)), min_size=1, max_size=12
)


@given(steps=steps, share=st.floats(0, 1), audio=st.integers(0, 10**7))
def test_a_guess_lies_between_the_anchors_around(
    steps: list[tuple[int, int]], share: float, audio: int
) -> None:
    frames = np.cumsum([0, *(step for step, _ in steps)])
    places = np.cumsum([audio, *(step for _, step in steps)])
    frame = int(share * frames[-1])

    here = guess(frame, frames, places)

    assert here.floor <= here.low <= here.middle <= here.high <= here.ceiling
    left = frames[places == here.floor].min()
    right = frames[places == here.ceiling].max()
    assert left <= frame <= right


@given(
    frames=st.lists(st.integers(1, 10**9), min_size=2, max_size=10, unique=True),
    rate=st.integers(1, 8),
    share=st.floats(0, 1),
)
def test_an_even_rate_is_met_to_the_byte(
    frames: list[int], rate: int, share: float
) -> None:
    known = np.array([0, *sorted(frames)])
    frame = int(share * known[-1])

    here = guess(frame, known, known * rate)

    assert abs(here.middle - frame * rate) <= 1 + 1e-9 * frame


def test_an_anchor_is_known_exactly() -> None:
    frames, places = np.array([0, 1000, 5000]), np.array([40, 900, 2000])

    here = guess(1000, frames, places)

    assert (here.low, here.middle, here.high) == (900, 900, 900)


def test_near_an_anchor_its_own_rate_counts() -> None:
    # one byte a frame, measured just before 10,000; ten on the average behind
    frames = np.array([0, 9_000, 10_000, 1_000_000])
    places = np.array([0, 9_000, 10_000, 9_910_000])

    here = guess(10_500, frames, places)

    assert 10_400 < here.middle < 11_500


def test_a_leap_between_the_anchors_is_found_from_the_rates_beside_them() -> None:
    # a tenth of a byte a frame until 600,000, then two
    frames = np.array([0, 50_000, 950_000, 1_000_000])
    places = np.array([0, 5_000, 760_000, 860_000])

    quiet = guess(500_000, frames, places)
    loud = guess(700_000, frames, places)

    assert abs(quiet.middle - 50_000) < 60_000  # a straight line says 382,500
    assert abs(loud.middle - 260_000) < 60_000  # a straight line says 550,300


@pytest.mark.parametrize("frame", [150_000, 500_000, 850_000])
def test_a_pause_between_loud_parts_is_halved(frame: int) -> None:
    # two bytes a frame at both ends, and nearly none in between
    frames = np.array([0, 50_000, 950_000, 1_000_000])
    places = np.array([0, 100_000, 300_000, 400_000])

    here = guess(frame, frames, places)

    assert 160_000 < here.middle < 240_000  # a straight line says 122,000 to 278,000


def test_just_beside_a_loud_part_it_is_not_yet_over() -> None:
    frames = np.array([0, 50_000, 950_000, 1_000_000])
    places = np.array([0, 100_000, 300_000, 400_000])

    here = guess(52_000, frames, places)

    assert 103_000 < here.middle < 105_000


def test_a_guess_is_surer_the_nearer_the_anchor() -> None:
    frames = np.array([0, 50_000, 5_000_000, 6_000_000])
    places = np.array([0, 60_000, 5_000_000, 6_300_000])

    widths = []
    for frame in (51_000, 60_000, 200_000, 2_000_000):
        here = guess(frame, frames, places)
        widths.append(here.high - here.low)

    assert widths == sorted(widths)
    assert widths[0] < 1000
