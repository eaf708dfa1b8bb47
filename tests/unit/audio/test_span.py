"""From seconds to frames."""

from __future__ import annotations

import doctest
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.audio import span
from annotator.audio.span import cut_span, frame_span
from annotator.errors import SegmentOutOfRange


@given(
    start=st.floats(0, 1e6),
    duration=st.floats(1e-6, 1e4),
    rate=st.sampled_from([8_000, 44_100, 48_000, 250_000]),
)
def test_frames_are_the_nearest_to_the_exact_times(
    start: float, duration: float, rate: int
) -> None:
    first, last = frame_span(start, duration, rate)

    exact_first = Fraction(start) * rate
    exact_last = (Fraction(start) + Fraction(duration)) * rate
    assert abs(first - exact_first) <= 0.5 + 1e-3
    assert abs(last - exact_last) <= 0.5 + 1e-3


@pytest.mark.parametrize("seconds", [0.29, 4.35, 8.2])
def test_times_with_decimals_do_not_lose_a_frame(seconds: float) -> None:
    first, _ = frame_span(seconds, 1.0, 100)

    assert first == round(100 * Fraction(str(seconds)))


def test_a_span_is_cut_at_the_end() -> None:
    assert cut_span("a.wav", 0.5, 2.0, 1_000, 1_000) == (500, 500)


def test_a_span_wholly_past_the_end_is_an_error_that_tells_the_length() -> None:
    with pytest.raises(SegmentOutOfRange, match=r"b\.wav is only 1\.000 s long"):
        cut_span("https://host/a/b.wav?key=secret", 1.0, 2.0, 1_000, 1_000)


def test_examples_hold() -> None:
    assert doctest.testmod(span).failed == 0
