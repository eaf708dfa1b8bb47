from __future__ import annotations

import io

import pandas as pd
import pytest

from annotator.config.audio import AudioConfig
from annotator.errors import DataError, FormatError, ParameterError
from annotator.hub import clip_import, clip_rows
from annotator.hub.clip_import import Columns, clips_of, guess_columns, read_upload
from annotator.hub.places import Places
from annotator.sources.clips import ClipTable
from annotator.sources.recordings import Recordings

ADDRESS = "https://example.org/a.flac"
COLUMNS = Columns(recording="file", start_time="start", end_time="end")


def table(*rows, columns=("file", "start", "end")):
    return pd.DataFrame(list(rows), columns=list(columns))


def test_each_kind_of_file_is_read():
    frame = table((ADDRESS, 1.0, 2.0))
    parquet = io.BytesIO()
    frame.to_parquet(parquet)

    for name, content in (
        ("a.csv", frame.to_csv(index=False).encode()),
        ("A.PARQUET", parquet.getvalue()),
        ("a.jsonl", frame.to_json(orient="records", lines=True).encode()),
    ):
        pd.testing.assert_frame_equal(read_upload(content, name), frame)


def test_the_name_of_an_upload_is_only_a_name():
    frame = read_upload(b"file,start,end\n", "C:\\secret\\..\\a.csv")

    assert list(frame.columns) == ["file", "start", "end"]
    with pytest.raises(FormatError, match=r"^passwd is a file"):
        read_upload(b"x", "/etc/passwd")


def test_a_table_that_is_too_large_is_refused(monkeypatch):
    monkeypatch.setattr(clip_import, "LARGEST", 10)
    with pytest.raises(ParameterError, match="load it in parts"):
        read_upload(b"x" * 11, "a.csv")


@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
def test_a_table_of_too_many_rows_is_refused(monkeypatch, name):
    monkeypatch.setattr(clip_import, "MOST_ROWS", 1)
    frame, parquet = table((ADDRESS, 1, 2), (ADDRESS, 3, 4)), io.BytesIO()
    frame.to_parquet(parquet)
    content = parquet.getvalue() if "parquet" in name else frame.to_csv().encode()

    with pytest.raises(ParameterError, match=r"1 rows"):
        read_upload(content, name)


def test_a_broken_file_is_a_sentence():
    with pytest.raises(FormatError, match="cannot be read as PARQUET"):
        read_upload(b"PAR1", "a.parquet")


def test_an_address_within_the_hubs_network_is_not_opened(monkeypatch):
    def read(*_args, **_options):
        pytest.fail("it was opened")

    monkeypatch.setattr(clip_import, "read_bytes", read)
    for address in (
        "https://127.0.0.1/a.csv",
        "http://example.org/a.csv",
        "/etc/a.csv",
    ):
        with pytest.raises(ParameterError):
            clip_import.read_address(address, Places())


def test_a_table_is_read_from_below_the_shared_folder(tmp_path):
    (tmp_path / "clips.csv").write_text(f"file,start,end\n{ADDRESS},1,2\n")

    frame = clip_import.read_address("clips.csv", Places(audio_root=tmp_path))

    assert len(frame) == 1


def test_columns_are_guessed_by_their_names():
    frame = table(columns=("Begin", " Duration ", "FILE", "clip_id"))

    assert guess_columns(frame) == Columns(
        recording="FILE", start_time="Begin", duration=" Duration ", index="clip_id"
    )


def test_a_clip_has_the_name_that_a_notebook_gives_it():
    frame = table((ADDRESS, 1.0, 2.5))

    found = clips_of(frame, COLUMNS, Places())

    local = ClipTable(
        frame.rename(columns={"start": "start_time", "end": "end_time"}),
        Recordings(AudioConfig(column="file")),
    )
    assert [clip["identity"] for clip in found.clips] == local.identities
    clip_rows.checked(found.clips)


def test_the_row_keeps_what_else_the_table_says():
    frame = table((ADDRESS, 1, 3, "owl", None), columns=("file", "s", "d", "sp", "x"))

    found = clips_of(
        frame, Columns(recording="file", start_time="s", duration="d"), Places()
    )

    (clip,) = found.clips
    assert (clip["start_time"], clip["end_time"]) == (1.0, 4.0)
    assert clip["row"]["sp"] == "owl"
    assert clip["row"]["x"] is None


def test_rows_that_are_no_clips_are_told_and_left_out():
    frame = table(
        (ADDRESS, 1.0, 2.0),
        ("/etc/passwd", 1.0, 2.0),
        (ADDRESS, 2.0, 1.0),
        (ADDRESS, None, 1.0),
        (None, 1.0, 2.0),
        (ADDRESS, 1.0, 1.0),
    )

    found = clips_of(frame, COLUMNS, Places())

    assert len(found.clips) == 1
    assert found.n_wrong == 5
    assert [problem.partition(" of")[0][:5] for problem in found.problems] == [
        f"Row {row}" for row in range(2, 7)
    ]
    assert "not opened here" in found.problems[0]
    assert "/etc/passwd" not in found.problems[0]


def test_the_names_of_clips_may_come_from_a_column():
    frame = table((ADDRESS, 1, 2, 7), columns=("file", "start", "end", "id"))
    columns = Columns(recording="file", start_time="start", end_time="end", index="id")

    assert clips_of(frame, columns, Places()).clips[0]["identity"] == "7"
    twice = pd.concat([frame, frame], ignore_index=True)
    with pytest.raises(DataError, match="twice"):
        clips_of(twice, columns, Places())


@pytest.mark.parametrize(
    "columns",
    [
        Columns(),
        Columns(recording="file"),
        Columns(recording="file", start_time="start"),
    ],
)
def test_what_is_missing_is_asked_for(columns):
    with pytest.raises(DataError, match="Say which column"):
        clips_of(table((ADDRESS, 1, 2)), columns, Places())
