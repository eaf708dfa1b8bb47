from __future__ import annotations

import copy

import numpy as np

from annotator.config.project import AnnotatorConfig

MINIMAL = {"data": "a.csv", "audio": "b.flac"}


def test_columns_that_are_named_but_not_there_are_told():
    config = AnnotatorConfig.from_dict(
        {
            "data": {"path": "a.csv", "index_column": "idd", "duration": "len"},
            "audio": {"column": "recordng"},
            "display_columns": ["id", "speces"],
            "sort": "scores",
            "form_config": {
                "pass_value": "idx",
                "form": [
                    {"pass_value": {"source_column": "nothing", "column": "a"}},
                    {"textbox": {"source_value": "notess"}},
                ],
                "dynamic_forms": {"x": [{"pass_value": "alike"}]},
            },
        }
    )
    columns = ["id", "species", "score", "recording", "start_time", "notes"]

    found = config.validate_columns(columns)

    assert found == [
        "Column 'len', named by 'data.duration', is not in the data.",
        "Column 'idd', named by 'data.index_column', is not in the data."
        " Did you mean 'id'?",
        "Column 'recordng', named by 'audio.column', is not in the data."
        " Did you mean 'recording'?",
        "Column 'speces', named by 'display_columns', is not in the data."
        " Did you mean 'species'?",
        "Column 'scores', named by 'sort', is not in the data. Did you mean 'score'?",
        "Column 'idx', named by 'pass_value', is not in the data. Did you mean 'id'?",
        "Column 'nothing', named by 'pass_value', is not in the data.",
        "Column 'notess', named by 'source_value', is not in the data."
        " Did you mean 'notes'?",
        "Column 'alike', named by 'pass_value', is not in the data.",
    ]


def test_times_are_known_before_and_after_they_are_renamed():
    config = AnnotatorConfig.from_dict(
        {"data": {"path": "a", "start_time": "Start (s)", "end_time": "End (s)"}}
    )

    assert config.validate_columns(["Start (s)", "End (s)"]) == []
    assert config.validate_columns(["start_time", "end_time"]) == []
    assert len(config.validate_columns(["Start", "End"])) == 2


def test_the_hash_changes_with_the_configuration_and_with_nothing_else():
    form = {"title": "A", "textbox": {"label": "b"}}
    hashes = [
        AnnotatorConfig.load(**MINIMAL, form_config=given).hash
        for given in (form, copy.deepcopy(form), {**form, "title": "B"})
    ]

    assert hashes[0] == hashes[1] != hashes[2]
    assert len(hashes[0]) == 12
    int(hashes[0], 16)


def test_describe_writes_yaml_that_can_be_read_again(review):
    config = AnnotatorConfig.load(config=review)

    text = config.describe()

    assert "profile_name: '***'" in text
    assert "field" not in text
    assert "default_buffer: 2" in text


def test_arguments_are_not_changed():
    arguments = {
        "data": {"path": "a.csv"},
        "audio": {"url": "s3://a"},
        "view": {"sort": "x"},
    }
    before = copy.deepcopy(arguments)

    AnnotatorConfig.load(**arguments)

    assert arguments == before


def test_a_number_of_numpy_is_described_as_a_number():
    config = AnnotatorConfig.load(**MINIMAL, fixed={"n": np.int64(2**62 + 1)})

    assert f"n: {2**62 + 1}" in config.describe()
