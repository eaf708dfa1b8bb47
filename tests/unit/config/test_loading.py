from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from annotator.config.project import AnnotatorConfig
from annotator.errors import ConfigError

MINIMAL = {"data": "a.csv", "audio": "b.flac"}


def told(**arguments):
    with pytest.raises(ConfigError) as caught:
        AnnotatorConfig.load(**arguments)
    return list(caught.value.problems)


def append(name, text):
    Path(name).write_text(Path(name).read_text() + text)


def replace(name, old, new):
    Path(name).write_text(Path(name).read_text().replace(old, new))


def test_an_argument_beats_the_file(review):
    assert (
        AnnotatorConfig.load(config=review, default_buffer=5).view.default_buffer == 5
    )


def test_the_file_beats_the_default(review):
    assert AnnotatorConfig.load(config=review).view.default_buffer == 2


def test_none_as_an_argument_is_not_set(review):
    config = AnnotatorConfig.load(config=review, default_buffer=None, data=None)

    assert config.view.default_buffer == 2
    assert config.data.path == "clips.csv"


def test_a_section_given_as_a_mapping_merges_over_the_file(review):
    config = AnnotatorConfig.load(
        config=review, data={"end_time": "End (s)"}, output={"uri": "s3://other/"}
    )

    assert config.data.to_dict() == {
        "path": "clips.csv",
        "start_time": "Start (s)",
        "end_time": "End (s)",
    }
    assert config.output.path == "out.csv"
    assert config.output.uri == "s3://other/"


@pytest.mark.parametrize(
    "given", [{"data": {"uri": "s3://b/c.csv"}}, {"data_uri": "s3://b/c.csv"}]
)
def test_naming_a_source_drops_the_source_of_the_file(review, given):
    config = AnnotatorConfig.load(config=review, **given)

    assert config.data.source == ("uri", "s3://b/c.csv")
    assert config.data.start_time == "Start (s)"


def test_a_table_given_from_python_keeps_the_meaning_of_the_columns(review):
    config = AnnotatorConfig.load(config=review, data=pd.DataFrame({"a": [1]}))

    assert config.data.kind == "frame"
    assert config.data.start_time == "Start (s)"


def test_a_plain_audio_drops_the_prefix_of_another(review):
    assert AnnotatorConfig.load(config=review, audio="a.flac").audio.prefix == ""


def test_a_plain_output_drops_the_sync_of_another(review):
    config = AnnotatorConfig.load(config=review, output="mine.csv")

    assert config.output.to_dict() == {"path": "mine.csv"}


def test_a_flat_key_adds_to_its_section_in_the_same_file():
    config = AnnotatorConfig.from_dict(
        {"data": {"path": "a.csv", "index_column": "id"}, "data_uri": "s3://b/c.csv"}
    )

    assert config.data.source == ("uri", "s3://b/c.csv")
    assert config.data.index_column == "id"


def test_two_flat_sources_are_a_problem():
    assert told(data_path="a.csv", data_url="s3://b", audio="a.flac") == [
        "Give one of 'data_path' and 'data_url', not both"
    ]


def test_other_arguments_become_fixed_columns(review):
    config = AnnotatorConfig.load(
        config=review, reviewer="Jo", site="south", blank=None
    )

    assert config.fixed == {"site": "south", "reviewer": "Jo", "blank": None}


def test_an_argument_near_a_parameter_is_refused():
    assert told(**MINIMAL, captur=False, heigth=3) == [
        "Unknown argument 'captur'. Did you mean 'capture'? To write a column of that"
        " name, give fixed={'captur': …}",
        "Unknown argument 'heigth'. Did you mean 'height'? To write a column of that"
        " name, give fixed={'heigth': …}",
    ]


def test_fixed_writes_any_column():
    config = AnnotatorConfig.load(**MINIMAL, fixed={"captur": 1}, other=2)

    assert config.fixed == {"captur": 1, "other": 2}


def test_height_is_a_parameter():
    assert AnnotatorConfig.load(**MINIMAL, height=900).view.height == 900


@pytest.mark.parametrize(
    ("allowed", "taken"),
    [
        (True, {"a": 1, "b": 2}),
        ("*", {"a": 1, "b": 2}),
        (None, {"a": 1, "b": 2}),
        (["a"], {"a": 1}),
        (False, {}),
    ],
)
def test_session_args_limit_the_fixed_columns(allowed, taken):
    config = AnnotatorConfig.load(**MINIMAL, session_args=allowed, a=1, b=2)

    assert config.fixed == taken
    assert bool(config.notes) == (len(taken) < 2)


def test_an_unknown_key_is_told_with_file_line_and_the_key_meant(review):
    append(review, "ouput: a.csv\n")

    assert told(config=review) == [
        "Unknown key 'ouput' in config/review.yaml, line 14. Did you mean 'output'?"
    ]


def test_an_unknown_key_in_a_section_is_told_with_its_line(review):
    replace(review, "  start_time", "  strat_time")

    assert told(config=review) == [
        "Unknown key 'strat_time' in 'data' of config/review.yaml, line 3."
        " Did you mean 'start_time'?"
    ]


def test_a_wrong_value_is_told_with_its_line(review):
    replace(review, "buffer: 2", "buffer: abc")

    assert told(config=review) == [
        "'default_buffer' must be a number of seconds >= 0, not 'abc'"
        " (config/review.yaml, line 11)"
    ]


def test_all_problems_are_told_together(review):
    Path(review).write_text("default_buffer: -1\nouput: a\nview: {sort_order: up}\n")

    found = told(config=review, captur=1)

    assert len(found) == 6
    assert [word for word in ("'data' is req", "'audio' is req") if word in str(found)]


@pytest.mark.parametrize("missing", ["data", "audio"])
def test_data_and_audio_are_required(missing):
    arguments = {key: value for key, value in MINIMAL.items() if key != missing}

    (problem,) = told(**arguments)

    assert problem.startswith(f"'{missing}' is required")


def test_a_configuration_may_be_a_mapping_or_json(tmp_path):
    path = tmp_path / "a.json"
    path.write_text(json.dumps(MINIMAL))

    assert AnnotatorConfig.load(config=MINIMAL).data.path == "a.csv"
    assert AnnotatorConfig.load(config=path).data.path == "a.csv"


@pytest.mark.parametrize("key", ["config", "project"])
def test_a_configuration_of_another_kind_is_refused(key):
    assert told(**{key: 3}) == [f"'{key}' must be a file or a mapping, not 3"]


def test_a_missing_configuration_is_named(folder):
    assert "There is no file nowhere.yaml" in told(config="nowhere.yaml")[0]


def test_a_project_adds_to_the_configuration_beside_it(folder):
    (folder / "config" / "pond_frogs.yaml").write_text(
        "config: review.yaml\ndefault_buffer: 7\ndata: {uri: 's3://b/c.csv'}\n"
    )

    config = AnnotatorConfig.load("config/pond_frogs.yaml", reviewer="Jo")

    assert config.view.default_buffer == 7
    assert config.data.source == ("uri", "s3://b/c.csv")
    assert config.data.start_time == "Start (s)"
    assert config.form_config == {"title": "A"}
    assert config.project_name == "Pond Frogs"
    assert config.fixed == {"site": "north", "reviewer": "Jo"}


def test_a_project_may_be_a_mapping_with_a_mapping_within():
    config = AnnotatorConfig.load({"config": MINIMAL, "project_name": "P"})

    assert config.project_name == "P"


def test_a_project_takes_no_other_parameters(review):
    (problem,) = told(project=review, data="x.csv", config="y", default_buffer=None)

    assert "not: config, data." in problem


def test_a_project_takes_fixed_columns(review):
    assert AnnotatorConfig.load(review, fixed={"a": 1}, b=2).fixed == {
        "site": "north",
        "a": 1,
        "b": 2,
    }


def test_config_within_a_configuration_is_not_followed_but_noted(review):
    append(review, "config: other.yaml\n")

    assert "is not followed" in AnnotatorConfig.load(config=review).notes[0]


def test_a_wrong_value_in_the_base_of_a_project_names_the_base(folder):
    (folder / "config" / "base.yaml").write_text("default_buffer: x\n")
    (folder / "p.yaml").write_text(
        "config: config/base.yaml\ndata: a.csv\naudio: b.wav\n"
    )

    (problem,) = told(project="p.yaml")

    assert problem.endswith(f"({folder / 'config' / 'base.yaml'}, line 1)")
