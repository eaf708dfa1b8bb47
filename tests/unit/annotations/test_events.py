"""Events: ids, times, identities, and what JSON keeps of a row."""

from __future__ import annotations

import datetime as dt
import json
import time
import uuid

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.annotations.cells import clean, row_key
from annotator.annotations.events import (
    Author,
    Event,
    identity,
    new_id,
    time_order,
    timestamp,
)

CELLS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda cells: st.lists(cells) | st.dictionaries(st.text(), cells),
    max_leaves=5,
)


def test_ids_are_uuids_of_version_7_and_hold_the_time():
    before = time.time_ns() // 1_000_000

    found = uuid.UUID(new_id())

    assert (found.version, found.variant) == (7, uuid.RFC_4122)
    assert before <= found.int >> 80 <= before + 60_000


def test_ids_rise_within_a_process():
    ids = [new_id() for _ in range(10_000)]

    assert ids == sorted(ids)
    assert len(set(ids)) == len(ids)


def test_timestamp_is_utc_with_microseconds():
    assert timestamp(1_700_000_000.25) == "2023-11-14T22:13:20.250000Z"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (12, "12"),
        (12.0, "12"),
        ("12", "12"),
        ("12.0", "12"),
        (np.int64(2**60 + 1), str(2**60 + 1)),
        (np.float64(12), "12"),
        ("012", "012"),
        ("a 1", "a 1"),
        (1.5, "1.5"),
        (None, ""),
        (float("nan"), ""),
        (pd.NA, ""),
    ],
)
def test_identity(value, expected):
    assert identity(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (float("nan"), None),
        (float("inf"), "inf"),
        (pd.NaT, None),
        (np.datetime64("NaT", "ns"), None),
        (np.datetime64("2026-05-01T04:00"), "2026-05-01T04:00"),
        (
            pd.Timestamp("2026-05-01T04:00:00.000000001"),
            "2026-05-01T04:00:00.000000001",
        ),
        (dt.date(2026, 5, 1), "2026-05-01"),
        (np.uint64(2**64 - 1), 2**64 - 1),
        (np.float32(0.5), 0.5),
        (np.bool_(True), True),
        (np.str_("owl"), "owl"),
        (np.array([1, 2]), [1, 2]),
        (("a", float("nan")), ["a", None]),
        ({"a": np.int8(1)}, {"a": 1}),
        (b"\xff owl", "\ufffd owl"),
        ("\ud83e\udd89", "🦉"),
        ("lone \ud800", "lone \ufffd"),
    ],
)
def test_clean_makes_cells(value, expected):
    found = clean(value)

    assert repr(found) == repr(expected)  # the types inside count as well


@given(st.dictionaries(st.text(), CELLS))
def test_an_event_is_the_same_after_json(row):
    stamped = Author("maria").stamp(row)
    event = Author("maria", "1.0", "abc").event("set", "7", [stamped])

    line = event.to_json()

    assert Event.from_json(line.encode()) == event
    assert "\n" not in line
    assert json.loads(line)  # strict enough for others


@pytest.mark.parametrize(
    "line",
    [
        "",
        "{}",
        "[1]",
        '{"id": "a", "kind": "set", "rows": [{"label": "no id"}]}',
        '{"id": "a", "kind": "other", "rows": []}',
        '{"id": 1, "kind": "set", "rows": []}',
    ],
)
def test_what_is_no_event_is_refused(line):
    with pytest.raises(ValueError, match=r"event|Expecting"):
        Event.from_json(line)


def test_stamp_fills_in_only_what_is_missing():
    given_row = {"label": "owl", "annotator": "chen", "created_at": None}

    row = Author("maria", "1.0").stamp(given_row, created_at="now")

    assert (row["annotator"], row["created_at"]) == ("chen", "now")
    assert row["app_version"] == "1.0"
    assert uuid.UUID(row["annotation_id"])


def test_times_are_ordered_across_zones_and_spellings():
    texts = [
        "not a time",
        "2026-01-01T00:00:00Z",
        "2026-01-01T01:30:00+01:00",
        "2026-01-01T00:45:00.5",
    ]

    assert sorted(texts, key=time_order) == texts


def test_a_row_s_key_is_the_same_as_number_and_as_text():
    row = {"n": 12.0, "yes": True, "f": 0.1, "none": None, "id": 2**60}
    text = {"n": "12", "yes": "True", "f": "0.1", "none": "", "id": str(2**60)}

    assert row_key(row) == row_key(text)
    assert row_key({"n": 1234567890123456}) == row_key({"n": 1234567890123456.0})
    assert row_key({"a": "001"}) != row_key({"a": "1"})
    assert row_key({"a": "1e5"}) != row_key({"a": 100_000})
