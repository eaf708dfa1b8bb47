from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from annotator.errors import ParameterError
from annotator.review.filters import kind_of, mask_of, operators_for

NUMBERS = pd.Series([1.0, 2.0, np.nan, 3.0], name="confidence")
TEXT = pd.Series(["Wren", "robin", None, "", "Robin (juv.)"], name="species")
DATES = pd.Series(["2026-05-01", "2026-05-02T23:30:00Z", None], name="day")


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, 2], "number"),
        ([1.5, None], "number"),
        (["1", "2.5", None], "number"),
        (["a", "1"], "text"),
        (["2026-05-01", None], "date"),
        (["2026-05-01T10:00", "2026-05-02 10:00"], "date"),
        ([dt.datetime(2026, 5, 1)], "date"),
        ([True, False], "text"),
        ([None, None], "text"),
        ([], "text"),
    ],
)
def test_the_kind_of_a_column_is_told_by_its_cells(values, kind):
    assert kind_of(pd.Series(values)) == kind


@pytest.mark.parametrize(
    ("condition", "rows"),
    [
        ("=", [1]),
        ("!=", [0, 3]),
        (">=", [1, 3]),
        ("<=", [0, 1]),
        (">", [3]),
        ("<", [0]),
    ],
)
@pytest.mark.parametrize("value", [2, 2.0, "2"])
def test_numbers_are_compared_and_blanks_meet_nothing(condition, value, rows):
    assert np.flatnonzero(mask_of(NUMBERS, condition, value)).tolist() == rows


def test_whole_numbers_beyond_floats_are_compared_exactly():
    ids = pd.Series(pd.array([2**62, 2**62 + 1, None], dtype="Int64"))

    assert mask_of(ids, "=", 2**62 + 1).tolist() == [False, True, False]


@pytest.mark.parametrize(
    ("condition", "value", "rows"),
    [
        ("equals", "ROBIN", [1]),
        ("not equals", "robin", [0, 3, 4]),
        ("contains", "n (", [4]),
        ("starts with", "rob", [1, 4]),
        ("ends with", "EN", [0]),
        ("contains", "(", [4]),
        ("equals", 7, []),
    ],
)
def test_text_is_compared_without_regard_to_case(condition, value, rows):
    assert np.flatnonzero(mask_of(TEXT, condition, value)).tolist() == rows


@pytest.mark.parametrize(
    ("condition", "rows"),
    [
        ("on", [1]),
        ("not on", [0]),
        ("on or after", [1]),
        ("on or before", [0, 1]),
        ("after", []),
        ("before", [0]),
    ],
)
@pytest.mark.parametrize("value", ["2026-05-02", dt.date(2026, 5, 2)])
def test_dates_are_compared_by_day(condition, value, rows):
    assert np.flatnonzero(mask_of(DATES, condition, value)).tolist() == rows


@pytest.mark.parametrize(
    ("condition", "rows"),
    [
        ("is null", [2]),
        ("is not null", [0, 1, 3, 4]),
        ("is empty", [2, 3]),
        ("is not empty", [0, 1, 4]),
    ],
)
def test_blank_cells_can_be_asked_for(condition, rows):
    assert np.flatnonzero(mask_of(TEXT, condition, None)).tolist() == rows


def test_blank_cells_can_be_asked_for_among_numbers():
    ids = pd.Series(pd.array([1, None], dtype="Int64"))

    assert mask_of(ids, "is empty", None).tolist() == [False, True]


@pytest.mark.parametrize(
    ("values", "condition", "value", "said"),
    [
        (NUMBERS, "contains", "1", "no condition for a column of numbers"),
        (TEXT, ">", 1, "use 'equals'"),
        (NUMBERS, ">", "high", "confidence > 'high': the value must be a number"),
        (NUMBERS, ">", None, "must be a number"),
        (DATES, "on", "someday", "must be a date such as 2026-05-31"),
    ],
)
def test_an_impossible_condition_is_told(values, condition, value, said):
    with pytest.raises(ParameterError, match=said):
        mask_of(values, condition, value)


@pytest.mark.parametrize("kind", ["number", "date", "text"])
def test_every_operator_that_is_offered_works(kind):
    values, value = {
        "number": (NUMBERS, 1),
        "date": (DATES, "2026-05-01"),
        "text": (TEXT, "x"),
    }[kind]

    for condition in operators_for(kind):
        assert mask_of(values, condition, value).shape == values.shape
