from __future__ import annotations

import pytest

from annotator.config.audio import AudioConfig
from annotator.errors import ConfigError, DataError
from annotator.sources.recordings import Recordings


def found(cell=None, **audio):
    recordings = Recordings(AudioConfig(**audio), resolve=lambda name: f"<{name}>")
    return recordings.resolve({"file": cell})


def test_one_recording_serves_all_clips():
    assert found(path="sounds/day 1.flac") == "<sounds/day 1.flac>"
    assert found("other.wav", uri="s3://bucket/a.flac") == "s3://bucket/a.flac"


@pytest.mark.parametrize(
    ("cell", "prefix", "expected"),
    [
        ("a.wav", "", "<a.wav>"),
        ("a.wav", "sounds", "<sounds/a.wav>"),
        ("a.wav", "sounds/", "<sounds/a.wav>"),
        ("a.wav", "s3://bucket/dir", "s3://bucket/dir/a.wav"),
        ("/x/a.wav", "s3://bucket/dir/", "s3://bucket/dir/x/a.wav"),
        ("/x/a.wav", "sounds", "</x/a.wav>"),
        ("C:\\x\\a.wav", "sounds", "<C:\\x\\a.wav>"),
        ("~/a.wav", "sounds", "<~/a.wav>"),
        ("s3://site/a.wav", "", "s3://site/a.wav"),
        ("s3://site/a.wav", "bucket", "s3://bucket/site/a.wav"),
        ("s3://site/a.wav", "gs://bucket", "s3://site/a.wav"),
        ("https://x.org/a.wav", "", "https://x.org/a.wav"),
        (17, "sounds", "<sounds/17>"),
        (" a.wav ", "", "<a.wav>"),
        ("a.wav", "/", "</a.wav>"),
    ],
)
def test_a_prefix_is_put_before_the_name(cell, prefix, expected):
    assert found(cell, column="file", prefix=prefix) == expected


@pytest.mark.parametrize(
    ("suffix", "expected"),
    [
        ("audio.flac", "<a/audio.flac>"),
        ("/audio.flac", "<a/audio.flac>"),
        (".flac", "<a.flac>"),
        ("./audio.flac", "<a/./audio.flac>"),
    ],
)
def test_a_suffix_is_a_further_part_of_the_path_or_an_ending(suffix, expected):
    assert found("a", column="file", suffix=suffix) == expected


@pytest.mark.parametrize("cell", [None, float("nan"), "", "  "])
def test_the_fallback_is_taken_as_it_is_where_the_cell_is_blank(cell):
    audio = {"column": "file", "prefix": "sounds", "suffix": "x"}

    assert found(cell, **audio, fallback="noise.wav") == "<noise.wav>"
    with pytest.raises(DataError, match="Column 'file' names no recording"):
        found(cell, **audio)


def test_no_recording_at_all_is_told():
    with pytest.raises(DataError, match="No recording is configured"):
        found()


@pytest.mark.parametrize("kind", ["sql", "api"])
def test_what_is_not_there_yet_is_told(kind):
    with pytest.raises(ConfigError, match="not supported yet"):
        found(**{kind: "x"})
