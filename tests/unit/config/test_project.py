from __future__ import annotations

import copy
import json
from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest

from annotator.config.project import AnnotatorConfig
from annotator.errors import ConfigError

REVIEW = """\
data:
  path: clips.csv
  start_time: Start (s)
audio:
  path: recording.flac
  prefix: recordings
output:
  path: out.csv
  uri: s3://bucket/out.csv
  secrets: {profile: field}
default_buffer: 2
form_config: forms/a.yaml
fixed: {site: north}
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A project in `config/`, seen from the folder above it."""
    monkeypatch.chdir(tmp_path)
    forms = tmp_path / "config" / "forms"
    forms.mkdir(parents=True)
    (forms / "a.yaml").write_text("title: A\n")
    (tmp_path / "config" / "review.yaml").write_text(REVIEW)
    return tmp_path


@pytest.fixture
def review(folder):
    return "config/review.yaml"


def told(**arguments):
    with pytest.raises(ConfigError) as caught:
        AnnotatorConfig.load(**arguments)
    return list(caught.value.problems)


MINIMAL = {"data": "a.csv", "audio": "b.flac"}


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
    Path(review).write_text(REVIEW + "ouput: a.csv\n")

    assert told(config=review) == [
        "Unknown key 'ouput' in config/review.yaml, line 14. Did you mean 'output'?"
    ]


def test_an_unknown_key_in_a_section_is_told_with_its_line(review):
    Path(review).write_text(REVIEW.replace("  start_time", "  strat_time"))

    assert told(config=review) == [
        "Unknown key 'strat_time' in 'data' of config/review.yaml, line 3."
        " Did you mean 'start_time'?"
    ]


def test_a_wrong_value_is_told_with_its_line(review):
    Path(review).write_text(REVIEW.replace("buffer: 2", "buffer: abc"))

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


# Projects --------------------------------------------------------------------


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
    Path(review).write_text(REVIEW + "config: other.yaml\n")

    assert "is not followed" in AnnotatorConfig.load(config=review).notes[0]


def test_a_wrong_value_in_the_base_of_a_project_names_the_base(folder):
    (folder / "config" / "base.yaml").write_text("default_buffer: x\n")
    (folder / "p.yaml").write_text(
        "config: config/base.yaml\ndata: a.csv\naudio: b.wav\n"
    )

    (problem,) = told(project="p.yaml")

    assert problem.endswith(f"({folder / 'config' / 'base.yaml'}, line 1)")


# Forms -----------------------------------------------------------------------


def test_the_form_is_looked_up_beside_its_file_first(folder, review):
    (folder / "forms").mkdir()
    (folder / "forms" / "a.yaml").write_text("title: B\n")

    assert AnnotatorConfig.load(config=review).form_config == {"title": "A"}


def test_the_form_is_looked_up_here_where_it_is_not_beside_its_file(folder, review):
    (folder / "config" / "forms" / "a.yaml").unlink()
    (folder / "forms").mkdir()
    (folder / "forms" / "a.yaml").write_text("title: B\n")

    assert AnnotatorConfig.load(config=review).form_config == {"title": "B"}


def test_a_form_given_as_an_argument_is_looked_up_here_first(folder, review):
    (folder / "forms").mkdir()
    (folder / "forms" / "a.yaml").write_text("title: B\n")

    config = AnnotatorConfig.load(config=review, form_config="forms/a.yaml")

    assert config.form_config == {"title": "B"}


def test_a_form_that_is_replaced_is_not_read(folder, review):
    (folder / "config" / "forms" / "a.yaml").unlink()

    config = AnnotatorConfig.load(config=review, form_config={"title": "B"})

    assert config.form_config == {"title": "B"}


def test_a_missing_form_is_told_with_the_line_that_names_it(folder, review):
    (folder / "config" / "forms" / "a.yaml").unlink()

    (problem,) = told(config=review)

    assert "There is no file forms/a.yaml" in problem
    assert problem.endswith("(config/review.yaml, line 12)")


def test_a_form_given_as_a_mapping_is_copied():
    form = {"select": {"items": ["a"]}}
    before = copy.deepcopy(form)

    config = AnnotatorConfig.load(**MINIMAL, form_config=form)
    config.form_config["select"]["items"].append("b")

    assert form == before


@pytest.mark.parametrize("key", ["form", "form_config"])
def test_a_form_may_stand_in_the_configuration(key):
    config = AnnotatorConfig.load(config={**MINIMAL, key: {"title": "A"}})

    assert config.form_config == {"title": "A"}


def test_a_list_is_a_form_of_its_elements():
    config = AnnotatorConfig.load(config={**MINIMAL, "form": [{"textbox": {}}]})

    assert config.form_config == {"form": [{"textbox": {}}]}


@pytest.mark.parametrize("form", [3, True])
def test_a_form_of_another_kind_is_told(form):
    assert "must be a mapping" in told(**MINIMAL, form_config=form)[0]


def test_lines_of_an_inline_form_are_known(folder):
    (folder / "a.yaml").write_text("data: a\naudio: b.x\nform_config:\n  title: T\n")

    config = AnnotatorConfig.load(config="a.yaml")

    assert config.form_origin.where("title") == "a.yaml, line 4"


# Paths -----------------------------------------------------------------------


def test_paths_are_looked_up_beside_the_file_then_here(folder, review):
    config = AnnotatorConfig.load(config=review)
    (folder / "clips.csv").touch()

    here = config.resolve_path("clips.csv")
    (folder / "config" / "clips.csv").touch()
    beside = config.resolve_path("clips.csv")

    assert config.base_dirs == (folder / "config", folder)
    assert Path(here) == folder / "clips.csv"
    assert Path(beside) == folder / "config" / "clips.csv"


def test_a_path_given_as_an_argument_is_meant_from_here(folder, review):
    for place in (folder, folder / "config"):
        (place / "mine.csv").touch()

    config = AnnotatorConfig.load(config=review, data="mine.csv")

    assert Path(config.resolve_path("mine.csv")) == folder / "mine.csv"


@pytest.mark.parametrize(
    "name", ["", "s3://b/a.csv", "C:\\clips\\a.csv", "/nowhere/a.csv", "none.csv"]
)
def test_what_is_nowhere_or_absolute_stays_as_it_is(review, name):
    assert AnnotatorConfig.load(config=review).resolve_path(name) == name


def test_a_new_output_is_made_here(folder, review):
    config = AnnotatorConfig.load(config=review)

    assert config.output_path() == "out.csv"


def test_a_new_output_is_made_beside_the_file_where_the_data_is(folder, review):
    (folder / "config" / "clips.csv").touch()

    config = AnnotatorConfig.load(config=review)

    assert Path(config.output_path()) == folder / "config" / "out.csv"


def test_an_output_that_exists_is_found_again(folder, review):
    (folder / "config" / "out.csv").touch()

    config = AnnotatorConfig.load(config=review)

    assert Path(config.output_path()) == folder / "config" / "out.csv"


def test_items_of_a_form_are_looked_up_beside_the_form(folder, review):
    for place in (folder, folder / "config", folder / "config" / "forms"):
        (place / "species.csv").touch()

    found = AnnotatorConfig.load(config=review).resolve_form_path("species.csv")

    assert Path(found) == folder / "config" / "forms" / "species.csv"


def test_the_output_path_is_filled_in():
    config = AnnotatorConfig.load(
        **MINIMAL, output="[[site]]-[[%Y%m%d]]-[[who||me]].csv", site="north"
    )

    path = config.output_path(now=datetime(2026, 11, 20))

    assert path == "north-20261120-me.csv"


def test_a_form_without_an_output_gets_a_file_of_its_own():
    config = AnnotatorConfig.load(**MINIMAL, form_config={"title": "A"})

    path = config.output_path(now=datetime(2026, 11, 20, 10, 15))

    assert path == "outputs/annotation_output-261120_1015.csv"


def test_without_a_form_there_is_no_output():
    assert AnnotatorConfig.load(**MINIMAL).output_path() == ""


def test_the_description_is_read_from_its_file(folder, review):
    (folder / "config" / "help.md").write_text("# Listen ♪", encoding="utf-8")

    config = AnnotatorConfig.load(config=review, description={"path": "help.md"})

    assert config.description_text() == "# Listen ♪"


def test_a_description_that_is_not_there_says_so(review):
    config = AnnotatorConfig.load(config=review, description_path="none.md")

    assert config.description_text() == "(Could not read none.md)"


# What can be asked of it -----------------------------------------------------


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
