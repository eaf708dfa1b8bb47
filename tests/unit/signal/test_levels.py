"""Decibels, and the 256 levels of a picture."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from annotator.errors import ParameterError
from annotator.signal.levels import dequantise, power_to_db, quantise

POWER = hnp.arrays(
    np.float32,
    st.integers(1, 100),
    elements=st.floats(0, np.float32(1e12).item(), width=32, allow_subnormal=False),
)


def test_ten_decibels_are_a_factor_of_ten() -> None:
    decibels = power_to_db([1.0, 10.0, 0.01], reference=0.1)

    np.testing.assert_allclose(decibels, [10, 20, -10])


def test_silence_has_a_finite_level() -> None:
    assert power_to_db(0.0) == -200


@given(power=POWER, dynamic_range=st.floats(10, 150))
def test_levels_come_back_as_decibels_to_half_a_level(
    power: np.ndarray, dynamic_range: float
) -> None:
    data, min_db, max_db = quantise(power.copy(), dynamic_range)

    levels = 10 * np.log10(np.maximum(power.astype(np.float64), 1e-37))
    expected = np.clip(levels, min_db, max_db)
    half = 0.5 * dynamic_range / 255
    assert data.dtype == np.uint8
    assert max_db == pytest.approx(max(levels.max(), -200), abs=1e-4)
    assert max_db - min_db == pytest.approx(dynamic_range)
    np.testing.assert_allclose(
        dequantise(data, min_db, max_db), expected, atol=half + 0.01
    )


def test_the_loudest_value_is_255() -> None:
    data, _, max_db = quantise(np.float32([[1e-6, 1.0], [1e-3, 1e-20]]), 60.0)

    assert data.tolist() == [[0, 255], [128, 0]]
    assert max_db == 0


def test_silence_is_black() -> None:
    data, min_db, max_db = quantise(np.zeros((2, 3), np.float32), 100.0)

    assert data.max() == 0
    assert (min_db, max_db) == (-300, -200)


@pytest.mark.parametrize("dynamic_range", [0, -10, float("nan"), float("inf")])
def test_a_range_without_extent_is_refused(dynamic_range: float) -> None:
    with pytest.raises(ParameterError, match="dynamic_range"):
        quantise(np.ones(3, np.float32), dynamic_range)
