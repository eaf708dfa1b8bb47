"""The single sections: what their keys take, and how a plain text is understood."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.config.audio import AudioConfig
from annotator.config.base import Config, Given, split_selected
from annotator.config.data import DataConfig
from annotator.config.description import DescriptionConfig
from annotator.config.output import OutputConfig
from annotator.config.problems import Problems
from annotator.config.project import AnnotatorConfig
from annotator.config.view import ViewConfig
from annotator.errors import ConfigError


def problems(kind: type[Config], mapping):
    with pytest.raises(ConfigError) as caught:
        kind.from_dict(mapping)
    return list(caught.value.problems)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("clips.csv", "path"),
        ("data/my select few from june.csv", "path"),
        ("select few from june.csv", "path"),
        ("C:\\Field work\\select from\\a.csv", "path"),
        ("s3://bucket/a.csv", "uri"),
        ("https://x.org/a?q=select", "uri"),
        ("file:///data/a.csv", "uri"),
        ("api::https://x.org/clips", "api"),
        ("API::x", "api"),
        ("SELECT * FROM 'a.csv'", "sql"),
        ("  select id\nfrom 'a.parquet'\nwhere x", "sql"),
        ("WITH t AS (SELECT 1) SELECT * FROM t", "sql"),
        ("selected.csv", "path"),
    ],
)
def test_a_plain_text_for_data_is_understood_by_its_looks(text, kind):
    assert AnnotatorConfig.from_dict({"data": text}).data.source == (kind, text)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("recording", "column"),
        ("Begin Path", "column"),
        ("a.flac", "path"),
        ("recordings/a", "path"),
        ("C:\\Field work\\a", "path"),
        ("C:a", "path"),
        ("s3://bucket/a.flac", "uri"),
        ("gs://bucket/a.flac", "uri"),
    ],
)
def test_a_plain_text_for_audio_is_understood_by_its_looks(text, kind):
    assert AnnotatorConfig.from_dict({"audio": text}).audio.source == (kind, text)


@pytest.mark.parametrize(
    ("section", "key", "text"),
    [
        ("audio", "column", "a/b.c"),
        ("audio", "path", "recording"),
        ("audio", "uri", "recording"),
        ("data", "path", "select a from b"),
        ("data", "sql", "a.csv"),
    ],
)
def test_an_explicit_key_decides(section, key, text):
    nested = AnnotatorConfig.from_dict({section: {key: text}})
    flat = AnnotatorConfig.from_dict({f"{section}_{key}": text})

    assert getattr(nested, section).source == (key, text)
    assert getattr(flat, section).source == (key, text)


def test_the_source_type_decides_about_a_value():
    config = AnnotatorConfig.from_dict(
        {
            "data": {"value": "a.csv", "source_type": "sql"},
            "audio_value": "File",
            "audio_source_type": "path",
        }
    )

    assert config.data.source == ("sql", "a.csv")
    assert config.audio.source == ("path", "File")


def test_a_path_object_is_a_path():
    config = AnnotatorConfig.from_dict({"data": Path("select x"), "audio": Path("rec")})

    assert config.data.source == ("path", "select x")
    assert config.audio.source == ("path", "rec")


def test_a_data_frame_is_kept_as_it_is():
    frame = pd.DataFrame({"id": [1]})

    config = AnnotatorConfig.from_dict({"data": frame})

    kind, value = config.data.source
    assert kind == "frame"
    assert value is frame
    assert "1 rows" in repr(config)


@pytest.mark.parametrize(
    ("mapping", "expected"),
    [
        ({"path": "a", "uri": "b"}, "names more than one source: 'data.path' and"),
        ({"path": "a", "value": "b"}, "more than one source"),
        ({"value": 3}, "'data.value' must be a text or a DataFrame, not 3"),
        ({"value": [1]}, "must be a text or a DataFrame, not a list"),
        ({"source_type": "sql"}, "'data.source_type' needs 'data.value'"),
        ({"source_type": "sqlite", "value": "x"}, "must be 'path', 'uri'"),
        ({"start_time": 3}, "'data.start_time' must be a text, not 3"),
        ({"duration": True}, "'data.duration' must be"),
        ({"pth": "a"}, "Unknown key 'pth' in 'data'. Did you mean 'path'?"),
        ({3: "a"}, "Unknown key 3 in 'data'"),
    ],
)
def test_impossible_data_is_told(mapping, expected):
    assert expected in problems(DataConfig, mapping)[0]


def test_an_empty_source_is_not_set():
    assert DataConfig.from_dict({"path": "", "uri": "s3://a"}).source == (
        "uri",
        "s3://a",
    )


def test_data_without_a_source_has_none():
    assert DataConfig().source == ("", None)


def test_a_data_frame_is_no_audio():
    assert problems(AudioConfig, {"value": pd.DataFrame()}) == [
        "'audio.value' must be a text, not a DataFrame"
    ]


@pytest.mark.parametrize(
    ("button", "uri", "label"),
    [
        (None, "s3://b", "Sync"),
        (None, "", None),
        (True, "s3://b", "Sync"),
        ("Sync to S3", "s3://b", "Sync to S3"),
        (False, "s3://b", None),
        (False, "", None),
        ("", "s3://b", None),
    ],
)
def test_the_sync_button_has_its_label(button, uri, label):
    config = OutputConfig.from_dict({"sync_button": button, "uri": uri})

    assert config.sync_label == label


@pytest.mark.parametrize("button", [True, "Sync to S3"])
def test_a_sync_button_without_an_address_is_a_problem(button):
    (problem,) = problems(OutputConfig, {"sync_button": button})

    assert "'output.sync_button' is on but there is no address" in problem


def test_a_sync_button_that_is_on_by_itself_needs_no_address():
    assert OutputConfig.from_dict({"path": "a.csv"}).sync_label is None


def test_an_address_is_no_place_for_the_output():
    (problem,) = problems(OutputConfig, {"path": "s3://bucket/a.csv"})

    assert "must be a local file, not 's3://bucket/a.csv'" in problem
    assert "uri" in problem


def test_output_has_its_defaults():
    output = OutputConfig()

    assert output.provenance
    assert output.on_conflict == "merge"
    assert output.recursive is None


def test_output_takes_only_known_conflict_rules():
    assert problems(OutputConfig, {"on_conflict": "overwrite"}) == [
        "'output.on_conflict' must be 'merge', 'replace' or 'fail', not 'overwrite'"
    ]


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("default_buffer", "abc", "a number of seconds >= 0, not 'abc'"),
        ("default_buffer", -1, "a number of seconds >= 0, not -1"),
        ("default_buffer", float("nan"), "a number of seconds >= 0, not nan"),
        ("default_buffer", float("inf"), "a number of seconds >= 0, not inf"),
        ("default_buffer", True, "a number of seconds >= 0, not True"),
        ("default_buffer", [3], "a number of seconds >= 0, not a list"),
        ("player_height", 0, "a whole number of pixels >= 1, not 0"),
        ("player_height", 2.5, "a whole number of pixels >= 1, not 2.5"),
        ("player_height", True, "a whole number of pixels >= 1, not True"),
        ("duplicate_entries", "yes", "true or false, not 'yes'"),
        ("duplicate_entries", 1, "true or false, not 1"),
        ("sort_order", "up", "'asc' or 'desc', not 'up'"),
        ("sort", 3, "a text, not 3"),
        ("capture", 1, "true or false or a text, not 1"),
        ("display_columns", 3.5, "a list, not 3.5"),
        ("display_columns", {"a": 1}, "a list"),
        (
            "spectrogram_resolution",
            [0],
            "whole numbers of pixels > 0 and <= 20000, not 0",
        ),
        ("spectrogram_resolution", [20_001], "<= 20000, not 20001"),
        ("spectrogram_resolution", ["9" * 5_000], "<= 20000"),
        ("spectrogram_resolution", ["selected::wide"], "not 'wide'"),
        ("spectrogram_resolution", [True], "not True"),
        ("spectrogram_resolution", [], "must not be empty"),
        ("visualizations", [], "must not be empty"),
        ("visualizations", [3], "names, functions or mappings {fn, label}, not 3"),
    ],
)
def test_an_impossible_value_is_told_with_what_is_possible(key, value, told):
    (problem,) = problems(ViewConfig, {key: value})

    assert problem.startswith(f"'view.{key}' must")
    assert told in problem


def test_a_buffer_of_nothing_is_possible():
    assert ViewConfig.from_dict({"default_buffer": 0}).default_buffer == 0


@pytest.mark.parametrize("text", ["desc", "DESC", "descending", "Descend"])
def test_anything_that_begins_with_desc_is_descending(text):
    assert ViewConfig.from_dict({"sort_order": text}).sort_descending


@pytest.mark.parametrize(
    ("given", "widths", "default"),
    [
        ([1000, 2000, 4000], [1000, 2000, 4000], 2000),
        ([1000, "2000", "selected::4000"], [1000, 2000, 4000], 4000),
        ([500], [500], 500),
        (500, [500], 500),
        ("selected::500", [500], 500),
    ],
)
def test_the_marked_or_second_resolution_is_shown_first(given, widths, default):
    view = ViewConfig.from_dict({"spectrogram_resolution": given})

    assert (view.resolutions, view.default_resolution) == (widths, default)


@pytest.mark.parametrize(
    ("given", "default"),
    [
        (["linear", "mel"], "linear"),
        (["linear", "selected::mel"], "mel"),
        (
            ["linear", {"name": "selected::mel", "n_mels": 64, "label": "Birds"}],
            "Birds",
        ),
        ("mel", "mel"),
        ({"name": "pcen", "gain": 0.9}, "pcen"),
        ([np.fft.rfft], "rfft"),
        ([{"fn": np.fft.rfft, "label": "x"}], "x"),
    ],
)
def test_the_marked_or_first_visualization_is_shown_first(given, default):
    assert ViewConfig.from_dict({"visualizations": given}).gallery.default == default


def test_all_mistakes_in_visualizations_are_told_at_once_with_file_and_line(tmp_path):
    path = tmp_path / "review.yaml"
    path.write_text(
        "data: a.csv\naudio: a.wav\nvisualizations:\n- mell\n"
        "- {name: mel, n_mel: 64, n_fft: 7}\n",
        encoding="utf-8",
    )

    with pytest.raises(ConfigError) as caught:
        AnnotatorConfig.load(config=path)

    told = "\n".join(caught.value.problems)
    assert (
        "'visualizations' must not hold the unknown name 'mell'. Did you mean 'mel'?"
        in told
    )
    assert "'mel' has no option 'n_mel'. Did you mean 'n_mels'?" in told
    assert "n_fft of 'mel' must be a whole number >= 16 and <= 131072, not 7" in told
    assert told.count("review.yaml, line 3") == 3


@pytest.mark.parametrize(
    ("given", "label"), [(True, "Capture"), ("Save", "Save"), (False, None), ("", None)]
)
def test_the_capture_button_has_its_label(given, label):
    assert ViewConfig.from_dict({"capture": given}).capture_label == label


def test_instances_do_not_share_their_lists():
    first, second = ViewConfig(), ViewConfig()

    first.visualizations.append("waveform")

    assert second.visualizations == ["linear", "mel"]


def test_configurations_do_not_share_their_sections():
    first, second = AnnotatorConfig(), AnnotatorConfig()

    first.view.default_buffer = 9

    assert second.view.default_buffer == 3


@pytest.mark.parametrize(
    ("given", "key"),
    [("notes.md", "path"), ("Listen well.", "text"), ("# A\nsee b.md", "text")],
)
def test_a_plain_description_is_a_text_or_a_file(given, key):
    assert (
        getattr(AnnotatorConfig.from_dict({"description": given}).description, key)
        == given
    )


def test_a_description_of_the_wrong_kind_is_told():
    assert "must be true or false" in problems(DescriptionConfig, {"open": "no"})[0]


def test_none_is_not_set():
    config = ViewConfig.from_dict({"sort": None, "default_buffer": None})

    assert config.to_dict() == {}


def test_what_differs_from_the_defaults_is_written_and_read_again():
    mapping = {
        "data": {"path": "a.csv", "start_time": "Start (s)"},
        "output": {"path": "b.csv", "provenance": False, "uri": "s3://b/c"},
        "view": {"default_buffer": 1.5, "display_columns": ["a"], "capture": False},
        "fixed": {"site": "north"},
    }

    again = AnnotatorConfig.from_dict(AnnotatorConfig.from_dict(mapping).to_dict())

    assert again.to_dict() == mapping


@given(st.lists(st.sampled_from(["linear", "mel", "selected::mel", "x"]), max_size=5))
def test_marks_are_taken_off_and_nothing_else(items):
    plain, chosen = split_selected(items)

    assert plain == [item.replace("selected::", "") for item in items]
    assert (chosen is None) == ("selected::mel" not in items)
    if chosen is not None:
        assert items[chosen] == "selected::mel"


@given(
    key=st.sampled_from(list(ViewConfig.keys())),
    value=st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=9)
    | st.lists(st.integers(), max_size=2)
    | st.dictionaries(st.text(), st.integers(), max_size=1),
)
def test_any_value_is_taken_or_told_in_one_sentence(key, value):
    problems = Problems()

    config = ViewConfig.build({key: Given(value, key)}, problems)

    assert all(problem.startswith(f"'{key}' must") for problem in problems)
    if not problems and value is not None:
        assert ViewConfig.from_dict(config.to_dict()).to_dict() == config.to_dict()
