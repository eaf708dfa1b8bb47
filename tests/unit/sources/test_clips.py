from __future__ import annotations

import random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.annotations import events
from annotator.config.audio import AudioConfig
from annotator.errors import DataError, ParameterError, UnknownColumn
from annotator.sources.clips import ClipTable, identity
from annotator.sources.identities import texts
from annotator.sources.recordings import Recordings

ONE_FILE = Recordings(AudioConfig(path="/somewhere/soundscape.flac"))
BY_COLUMN = Recordings(AudioConfig(column="file"))
PASSED = [("species", "label"), ("start_time", "begin")]


def detections(**columns):
    """Five rows: two recordings, two species in one window, two equal rows."""
    return pd.DataFrame(
        {
            "file": ["a.wav", "a.wav", "b.wav", "a.wav", "a.wav"],
            "start_time": [0.0, 0.0, 0.0, 3.0, 3.0],
            "end_time": [3.0, 3.0, 3.0, 6.0, 6.0],
            "species": ["wren", "robin", "wren", "wren", "wren"],
            **columns,
        }
    )


def test_a_clip_has_the_cells_of_its_row_as_python_objects():
    frame = detections(
        big=np.array([2**62 + 1, 2, 3, 4, 5]),
        score=[0.5, None, 0.1, 0.2, 0.3],
        seen=pd.array([2**62 + 3, None, 1, 2, 3], dtype="Int64"),
    )
    clips = ClipTable(frame, BY_COLUMN)

    first, second = clips.clip(0), clips.clip(1)

    assert dict(first.row) == {
        "file": "a.wav",
        "start_time": 0.0,
        "end_time": 3.0,
        "species": "wren",
        "big": 2**62 + 1,
        "score": 0.5,
        "seen": 2**62 + 3,
    }
    assert type(first["big"]) is type(first["seen"]) is int
    assert second["score"] is None
    assert second["seen"] is None
    assert (first.start_time, first.end_time, first.duration) == (0.0, 3.0, 3.0)


def test_the_row_of_a_clip_cannot_be_changed():
    clip = ClipTable(detections(), BY_COLUMN).clip(0)

    with pytest.raises(TypeError):
        clip.row["species"] = "gull"


def test_the_index_column_names_the_clips():
    clips = ClipTable(detections(id=[5, 6, 7, 8, 9]), BY_COLUMN, index_column="id")

    assert clips.index_name == "id"
    assert clips.identities == ["5", "6", "7", "8", "9"]
    assert (clips.clip(1).index_value, clips.clip(1).identity) == (6, "6")
    assert clips.positions_of("7") == [2]
    assert clips.positions_of("gone") == []


@pytest.mark.parametrize(
    "values",
    [
        [12, 13],
        [12.0, 13.0],
        ["12", "13"],
        ["12.00", "13.0"],
        pd.array([12, 13], dtype="Int64"),
        pd.array(["12", "13"], dtype="string"),
    ],
)
def test_an_index_is_the_same_however_a_file_wrote_it(values):
    frame = pd.DataFrame({"id": values, "start_time": [0.0, 1.0], "end_time": 2.0})

    clips = ClipTable(frame, ONE_FILE, index_column="id")

    assert clips.identities == ["12", "13"]
    assert [clips.identity_of(row) for row in range(2)] == ["12", "13"]


def test_an_index_column_that_is_not_there_is_named():
    with pytest.raises(UnknownColumn, match="Did you mean 'species'"):
        ClipTable(detections(), BY_COLUMN, index_column="specis")


def test_index_values_that_are_there_twice_are_named():
    with pytest.raises(DataError, match=r"'id' are there twice.*: 7"):
        ClipTable(detections(id=[5, 6, 7, 7, 9]), BY_COLUMN, index_column="id")


def test_blank_index_values_are_named_by_row():
    frame = detections(id=["a", None, "c", None, "e"])

    with pytest.raises(DataError, match=r"2 rows have no value .*: row 2, 4\."):
        ClipTable(frame, BY_COLUMN, index_column="id")


def test_an_audio_column_that_is_not_there_is_named():
    with pytest.raises(UnknownColumn, match=r"audio: column names column 'File'"):
        ClipTable(detections(), Recordings(AudioConfig(column="File")))


def test_without_an_index_every_row_has_an_identity_of_its_own():
    clips = ClipTable(detections(), BY_COLUMN)

    assert clips.index_name == "clip_id"
    assert len(set(clips.identities)) == 5
    assert clips.clip(0).index_value == clips.clip(0).identity
    assert all(len(name) == 16 for name in clips.identities)


def test_identities_are_the_same_on_every_machine_and_for_ever():
    here = Recordings(AudioConfig(path="/home/ann/soundscape.flac"))
    there = Recordings(AudioConfig(path="C:\\data\\soundscape.flac"))

    found = ClipTable(detections(), here).identities

    assert found == ClipTable(detections(), there).identities
    # Written down, because outputs hold them: a change would lose reviews.
    assert ClipTable(detections(), BY_COLUMN).identities == EXPECTED


EXPECTED = [
    "71b9ae104796d57e",
    "a2af0d3ea89dace7",
    "d059361f68cf4382",  # b2sum -l 64 of "b.wav\x1f0.0\x1f3.0"
    "140402a5a9704232",
    "25077f192fc62cb6",
]


def test_an_identity_depends_on_the_recording():
    first = Recordings(AudioConfig(path="one.flac"))
    second = Recordings(AudioConfig(path="two.flac"))

    assert not set(ClipTable(detections(), first).identities) & set(
        ClipTable(detections(), second).identities
    )


def test_identities_stay_when_rows_are_added_or_sorted():
    frame = detections(row=[0, 1, 2, 3, 4])
    before = ClipTable(frame.drop(columns="row"), BY_COLUMN).identities
    added = pd.DataFrame(
        {
            "file": ["c.wav", "a.wav"],
            "start_time": [0.0, 9.0],
            "end_time": [3.0, 12.0],
            "species": ["wren", "gull"],
            "row": [-1, -1],
        }
    )
    longer = pd.concat([added, frame.iloc[[2, 3, 0, 4, 1]]], ignore_index=True)

    clips = ClipTable(longer.drop(columns="row"), BY_COLUMN)

    after = dict(zip(longer["row"], clips.identities, strict=True))
    assert [after[row] for row in range(5)] == before


def test_identities_of_single_rows_are_those_of_all():
    rng = random.Random(4)  # noqa: S311 - rows, not secrets
    frame = pd.DataFrame(
        {
            "file": [rng.choice(["a", "b", "", None]) for _ in range(300)],
            "start_time": [rng.choice([0.0, -0.0, 3.0, np.nan]) for _ in range(300)],
            "end_time": [rng.choice([3.0, 6.0, np.nan]) for _ in range(300)],
            "species": [rng.choice(["wren", "robin", None]) for _ in range(300)],
        }
    )

    single = [ClipTable(frame, BY_COLUMN).identity_of(row) for row in range(300)]

    assert single == ClipTable(frame, BY_COLUMN).identities
    assert len(set(single)) == 300


def test_zero_has_no_sign_in_a_name():
    minus = detections(start_time=[-0.0, -0.0, -0.0, 3.0, 3.0])

    assert (
        ClipTable(minus, BY_COLUMN).identities
        == ClipTable(detections(), BY_COLUMN).identities
    )


def test_many_rows_with_the_same_times_are_told_apart():
    frame = pd.DataFrame(
        {"start_time": 0.0, "end_time": 3.0, "species": range(2500)}, index=range(2500)
    )

    clips = ClipTable(frame, ONE_FILE)

    assert clips.clip(2400).identity == clips.identities[2400]
    assert len(set(clips.identities)) == 2500


def test_a_column_added_to_the_table_keeps_what_times_alone_tell():
    before = ClipTable(detections(), BY_COLUMN).identities

    after = ClipTable(detections(notes="x"), BY_COLUMN).identities

    assert after[2] == before[2]


@given(
    st.one_of(
        st.none(),
        st.integers(-(2**70), 2**70),
        st.floats(),
        st.booleans(),
        st.text(max_size=6),
        st.from_regex(r"\A ?-?[0-9]{1,20}(\.0{1,3})?\Z"),
        st.integers(-(2**63), 2**63 - 1).map(np.int64),
        st.floats().map(np.float64),
        st.dates(),
        st.datetimes(),
        st.just(pd.NaT),
        st.just(pd.NA),
        st.just(pd.Timestamp("2026-05-01 10:00")),
        st.just(np.datetime64("2026-05-01T10:00")),
    )
)
def test_sources_and_annotations_agree_on_identity(value):
    assert identity(value) == events.identity(value)


def test_a_clip_gets_back_the_name_it_had_before_a_row_came_beside_it():
    alone = ClipTable(detections().iloc[[0]], BY_COLUMN).identities[0]
    clips = ClipTable(detections(), BY_COLUMN, pass_values=PASSED)
    other = clips.identities[1]

    assert clips.positions_of(alone) == []
    assert clips.recognise(alone, [{"label": "wren", "valid": "yes"}])

    assert clips.positions_of(alone) == [0]
    assert clips.clip(0).identity == alone
    assert clips.identities[1] == other


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [{}],
        [{"label": "gull"}],
        [{"begin": 0.0}],
        [{"label": "wren"}, {"label": "robin"}],
    ],
)
def test_a_name_from_before_is_not_given_to_the_wrong_clip(rows):
    alone = ClipTable(detections().iloc[[0]], BY_COLUMN).identities[0]
    clips = ClipTable(detections(), BY_COLUMN, pass_values=PASSED)
    before = list(clips.identities)

    assert not clips.recognise(alone, rows)

    assert clips.identities == before


def test_clips_with_an_index_never_had_another_name():
    alone = ClipTable(detections().iloc[[0]], BY_COLUMN).identities[0]
    frame = detections(id=[1, 2, 3, 4, 5])
    clips = ClipTable(frame, BY_COLUMN, index_column="id", pass_values=PASSED)

    assert not clips.recognise(alone, [{"label": "wren"}])


@pytest.mark.parametrize(
    "values",
    [
        [1.0, 1.5, float("nan"), float("inf"), -0.0, 2.0**60, 1e300],
        [1, 2**62, -3],
        pd.array([1, None, 2**62 + 1], dtype="Int64"),
        ["1.0", "a", None, "", "1.0"],
        pd.array(["1.0", None], dtype="string"),
        [1, "1.0", 1.0, None, True],
        pd.to_datetime(["2026-05-01", None]),
        [True, False],
    ],
)
def test_a_columns_texts_are_the_identities_of_its_cells(values):
    column = pd.Series(values)

    assert texts(column) == [identity(cell) for cell in column]


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("start_time", "soon", "has no usable start_time: it says 'soon'"),
        ("end_time", None, "has no usable end_time: it is blank"),
        ("end_time", float("inf"), "has no usable end_time: it says inf"),
        ("end_time", -1.0, "ends at -1 s, before its start at 0 s"),
    ],
)
def test_a_row_without_usable_times_has_a_problem_and_the_others_none(
    column, value, said
):
    frame = detections()
    frame[column] = frame[column].astype(object)
    frame.loc[0, column] = value

    clips = ClipTable(frame, BY_COLUMN)

    assert f"Row 1 of the table {said}" in clips.clip(0).problem
    assert clips.clip(1).problem == ""


def test_a_row_without_recording_has_a_problem():
    clips = ClipTable(detections(file=["a.wav", None, "b", "b", "b"]), BY_COLUMN)

    assert "'file' names no recording" in clips.clip(1).problem
    assert clips.clip(1).recording == ""


@pytest.mark.parametrize("row", [-1, 5])
def test_a_row_that_is_not_there_is_refused(row):
    with pytest.raises(ParameterError, match="rows are 0 to 4"):
        ClipTable(detections(), BY_COLUMN).clip(row)


def test_an_empty_table_has_no_clips():
    clips = ClipTable(detections().head(0), BY_COLUMN, index_column="gone")

    assert (len(clips), clips.identities, clips.positions_of("a")) == (0, [], [])


@pytest.mark.parametrize(
    ("row", "position"),
    [
        ({"label": "robin", "begin": 0.0}, 1),
        ({"label": "robin", "begin": "0"}, 1),
        ({"label": "robin", "begin": "", "valid": "yes"}, 1),
        ({"label": "wren", "begin": 3}, None),
        ({"label": "gull", "begin": 0.0}, None),
        ({"label": None}, None),
        ({}, None),
    ],
)
def test_an_output_row_is_matched_to_the_only_clip_it_fits(row, position):
    clips = ClipTable(detections(), BY_COLUMN, pass_values=PASSED)

    found = clips.match(row)

    assert found == (None if position is None else clips.identities[position])
