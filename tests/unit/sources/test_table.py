from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.config.data import DataConfig
from annotator.errors import (
    ConfigError,
    DataError,
    FormatError,
    NotFound,
    UnknownColumn,
)
from annotator.sources.table import load_table, read_table

BIG = 2**62 + 1
TIMES = "start_time,end_time\n0,3\n"


@pytest.fixture
def table_file(tmp_path):
    def write(name, content):
        path = tmp_path / name
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content, encoding="utf-8")
        return str(path)

    return write


ROWS = [
    {"start_time": 0.0, "end_time": 3.0, "id": BIG, "species": "Wren"},
    {"start_time": 3.5, "end_time": 6.5, "id": None, "species": 'Ä, "b"'},
]


def write_rows(path: Path) -> Path:
    """Write ROWS by other means than the code that is tested."""
    if path.suffix == ".csv":
        path.write_text(
            "start_time,end_time,id,species\n"
            f'0.0,3.0,{BIG},Wren\n3.5,6.5,,"Ä, ""b"""\n',
            encoding="utf-8",
        )
    elif path.suffix == ".parquet":
        import pyarrow as pa
        import pyarrow.parquet as pq

        pq.write_table(pa.Table.from_pylist(ROWS), path)
    elif path.suffix == ".json":
        path.write_text(json.dumps(ROWS))
    else:
        path.write_text("\n".join(json.dumps(row) for row in ROWS) + "\n")
    return path


@pytest.mark.parametrize(
    "name", ["a.csv", "a.CSV", "a.parquet", "a.jsonl", "a.ndjson", "a.json"]
)
def test_a_table_is_read_by_its_extension_with_ids_exact(tmp_path, name):
    path = write_rows((tmp_path / name).with_suffix(Path(name).suffix.lower()))
    path = path.rename(tmp_path / name)

    frame = load_table(path)

    assert frame["start_time"].tolist() == [0.0, 3.5]
    assert frame["species"].tolist() == ["Wren", 'Ä, "b"']
    assert int(frame["id"][0]) == BIG
    assert pd.isna(frame["id"][1])


@pytest.mark.parametrize("name", ["a.csv", "a.parquet", "a.jsonl", "a.json"])
def test_a_table_is_read_from_s3(tmp_path, s3, name):
    path = write_rows(tmp_path / name)
    s3.client.upload_file(str(path), s3.bucket, f"tables/{name}")

    frame = load_table(s3.uri(f"tables/{name}"), auth=s3.auth)

    pd.testing.assert_frame_equal(frame, load_table(path))


@given(st.lists(st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1)), min_size=1))
def test_whole_numbers_survive_a_csv_whatever_they_are(tmp_path_factory, ids):
    path = tmp_path_factory.getbasetemp() / "ids.csv"
    lines = [f"0,1,{'' if n is None else n}" for n in ids]
    path.write_text("\n".join(["start_time,end_time,id", *lines]))

    frame = load_table(path)

    read = [None if pd.isna(cell) else int(cell) for cell in frame["id"].tolist()]
    assert read == ids


def test_numbers_beyond_64_bits_are_exact_text_or_numbers(table_file):
    path = table_file("a.csv", f"start_time,end_time,id\n0,1,{2**64 - 1}\n1,2,\n")

    frame = load_table(path)

    assert int(frame["id"][0]) == 2**64 - 1


def test_large_decimal_numbers_stay_numbers(table_file):
    path = table_file("a.csv", "start_time,end_time,x\n0,1,1e300\n1,2,0.5\n2,3,\n")

    frame = load_table(path)

    assert frame["x"].tolist()[:2] == [1e300, 0.5]


@pytest.mark.parametrize("separator", [";", "\t"])
def test_a_csv_may_be_separated_by_semicolons_or_tabs(table_file, separator):
    path = table_file("a.csv", TIMES.replace(",", separator))

    assert load_table(path)["end_time"].tolist() == [3]


def test_a_byte_order_mark_is_not_part_of_the_first_column(table_file):
    path = table_file("a.csv", b"\xef\xbb\xbf" + TIMES.encode())

    assert list(load_table(path).columns) == ["start_time", "end_time"]


@pytest.mark.parametrize(
    "content",
    [
        '{"data": [{"start_time": 0, "end_time": 3}]}',
        '{"results": [{"start_time": 0, "end_time": 3}], "n": 1}',
        '{"start_time": [0], "end_time": [3]}',
        '{"start_time": {"0": 0}, "end_time": {"0": 3}}',
        '{"start_time": 0, "end_time": 3}',
    ],
)
def test_json_may_be_laid_out_in_several_ways(table_file, content):
    frame = load_table(table_file("a.json", content))

    assert frame.to_dict("list") == {"start_time": [0], "end_time": [3]}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", "{"),
        ("a.json", "7"),
        ("a.json", "[1, 2]"),
        ("a.jsonl", '{"start_time": 0}\n{"start'),
        ("a.parquet", b"PAR1 this is none PAR1"),
        ("a.csv", 'start_time,end_time\n"0,1\n0,1,2,3\n'),
        ("a.csv", b"start_time,end_time,bird\n0,3,M\xf6we\n"),
    ],
)
def test_a_broken_file_is_named(table_file, name, content):
    path = table_file(name, content)

    with pytest.raises(FormatError) as caught:
        load_table(path)

    assert str(caught.value).startswith(path)


def test_text_in_another_encoding_says_what_to_do(table_file):
    path = table_file("a.csv", b"start_time,end_time,bird\n0,3,M\xf6we\n")

    with pytest.raises(FormatError, match="not UTF-8 text: save it as such"):
        load_table(path)


@pytest.mark.parametrize("name", ["a.xlsx", "a"])
def test_an_unknown_kind_of_file_says_which_are_known(table_file, name):
    with pytest.raises(FormatError, match=r"one of \.csv, \.parquet, \.jsonl"):
        load_table(table_file(name, TIMES))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(NotFound, match=r"gone\.csv"):
        load_table(tmp_path / "gone.csv")


def test_relative_paths_are_resolved_and_addresses_are_not(table_file):
    path = table_file("a.csv", TIMES)
    asked = []

    load_table("a.csv", lambda name: asked.append(name) or path)
    with pytest.raises(FormatError):
        load_table("s3://bucket/a.xlsx?x=1", asked.append)

    assert asked == ["a.csv"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", ""),
        ("a.csv", "\n\n"),
        ("a.csv", "start_time,end_time,id\n"),
        ("a.jsonl", ""),
        ("a.json", ""),
        ("a.json", "[]"),
    ],
)
def test_an_empty_table_opens(table_file, name, content):
    frame = load_table(table_file(name, content))

    assert len(frame) == 0
    assert {"start_time", "end_time"} <= set(frame.columns)


# The caller's own table


def test_the_callers_table_is_not_changed_and_changes_do_not_reach_us():
    mine = pd.DataFrame({"begin": [0.0], "end_time": [3.0], "x": ["a"]}, index=[7])
    before = mine.copy(deep=True)
    config = DataConfig(value=mine, start_time="begin")

    frame = load_table(config)
    pd.testing.assert_frame_equal(mine, before)
    mine.loc[7, "end_time"] = 99.0
    mine["x"] = "changed"
    frame.loc[0, "begin"] = 1.0

    assert frame["end_time"].tolist() == [3.0]
    assert frame["x"].tolist() == ["a"]
    assert "begin" not in before.columns or mine["begin"].tolist() == [0.0]


def test_an_index_of_the_callers_table_may_be_the_index_column():
    mine = pd.DataFrame({"start_time": [0.0], "end_time": [3.0]})
    mine.index = pd.Index(["x7"], name="id")

    assert "id" in load_table(DataConfig(value=mine, index_column="id")).columns
    assert "id" not in load_table(mine).columns


def test_two_columns_of_one_name_are_refused():
    mine = pd.DataFrame(
        np.zeros((1, 3)), columns=["start_time", "end_time", "end_time"]
    )

    with pytest.raises(DataError, match=r"one name \(end_time\)"):
        load_table(mine)


def test_column_names_are_text():
    mine = pd.DataFrame({"start_time": [0.0], "end_time": [3.0], 7: [1]})

    assert list(load_table(mine).columns) == ["start_time", "end_time", "7"]
    assert list(mine.columns) == ["start_time", "end_time", 7]


# Times


def test_columns_of_times_are_renamed():
    mine = pd.DataFrame({"Start (s)": [1.0], "End (s)": [4.0]})

    frame = load_table(
        DataConfig(value=mine, start_time="Start (s)", end_time="End (s)")
    )

    assert frame.to_dict("list") == {"start_time": [1.0], "end_time": [4.0]}


def test_a_column_in_the_way_of_a_renamed_one_stays_under_another_name():
    mine = pd.DataFrame({"start_time": ["08:00"], "offset": [1.0], "end_time": [4.0]})

    frame = load_table(DataConfig(value=mine, start_time="offset"))

    assert frame["start_time"].tolist() == [1.0]
    assert frame["start_time_original"].tolist() == ["08:00"]


def test_start_and_end_may_swap_their_names():
    mine = pd.DataFrame({"start_time": [4.0], "end_time": [1.0]})

    frame = load_table(
        DataConfig(value=mine, start_time="end_time", end_time="start_time")
    )

    assert frame.to_dict("list") == {"end_time": [4.0], "start_time": [1.0]}


@pytest.mark.parametrize("duration", [3, 3.0, "3", "length"])
def test_a_duration_makes_the_end_and_wins_over_it(duration):
    mine = pd.DataFrame({"start_time": [1.0], "end_time": [99.0], "length": ["3"]})

    frame = load_table(DataConfig(value=mine, duration=duration))

    assert frame["end_time"].tolist() == [4.0]


def test_a_duration_leaves_the_column_of_ends_as_it_is():
    mine = pd.DataFrame({"start_time": [1.0], "End (s)": [99.0]})

    frame = load_table(DataConfig(value=mine, end_time="End (s)", duration=3))

    assert frame["End (s)"].tolist() == [99.0]
    assert frame["end_time"].tolist() == [4.0]


def test_times_that_are_no_numbers_do_not_keep_the_table_from_opening():
    mine = pd.DataFrame({"start_time": ["soon", "1"], "end_time": [None, "2"]})

    frame = load_table(DataConfig(value=mine, duration="end_time"))

    assert frame["start_time"].tolist() == ["soon", "1"]
    assert frame["end_time"].isna().tolist() == [True, False]


@pytest.mark.parametrize(
    ("columns", "advice"),
    [
        (["Start (s)", "End (s)"], "{start_time: 'Start (s)', end_time: 'End (s)'}"),
        (
            ["Begin Time (s)", "End Time (s)"],
            "{start_time: 'Begin Time (s)', end_time: 'End Time (s)'}",
        ),
        (["onset", "duration"], "{start_time: 'onset', duration: 'duration'}"),
        (["start_time", "stop"], "{start_time: 'start_time', end_time: 'stop'}"),
        (["x", "y"], "start_time: '...'"),
    ],
)
def test_a_table_without_times_says_how_to_map_its_columns(columns, advice):
    mine = pd.DataFrame([[0.0, 3.0]], columns=columns)

    with pytest.raises(DataError) as caught:
        load_table(mine)

    assert advice in str(caught.value)
    assert repr(columns[0]) in str(caught.value)


@pytest.mark.parametrize("key", ["start_time", "end_time", "duration"])
def test_a_mapped_column_that_is_not_there_is_named(key):
    mine = pd.DataFrame({"start_time": [0.0], "end_time": [3.0], "Start (s)": [0.0]})

    with pytest.raises(
        UnknownColumn, match=rf"data: {key} .*Did you mean 'Start \(s\)'"
    ):
        load_table(DataConfig(value=mine, **{key: "start (s"}))


@pytest.mark.parametrize("config", [{"sql": "select 1 from x"}, {"api": "x"}, {}])
def test_a_source_that_cannot_be_used_is_told(config):
    with pytest.raises(ConfigError):
        load_table(DataConfig(**config))


def test_the_shared_detections_open(shared_data):
    name = "birdnet_soundscape_conf0.1_overlap0.BirdNET.results.csv"
    config = DataConfig(
        path=str(shared_data / name), start_time="Start (s)", end_time="End (s)"
    )

    frame = load_table(config)

    assert len(frame) == 36
    assert frame["start_time"].iloc[-1] < frame["end_time"].iloc[-1] <= 120
    assert frame["Common name"].nunique() == 11


def test_a_table_can_be_read_as_it_stands(table_file):
    frame = read_table(table_file("species.csv", "value,label\n1,wren\n"))

    assert frame.to_dict("list") == {"value": [1], "label": ["wren"]}
