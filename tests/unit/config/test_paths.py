from __future__ import annotations

import copy
from datetime import datetime
from pathlib import Path

import pytest

from annotator.config.project import AnnotatorConfig
from annotator.errors import ConfigError

MINIMAL = {"data": "a.csv", "audio": "b.flac"}


def told(**arguments):
    with pytest.raises(ConfigError) as caught:
        AnnotatorConfig.load(**arguments)
    return list(caught.value.problems)


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


@pytest.mark.parametrize("there", [False, True])
@pytest.mark.parametrize("is_absolute", [False, True])
def test_a_slash_that_means_a_folder_of_answers_stays(folder, there, is_absolute):
    name = f"{folder}/answers/" if is_absolute else "answers/"
    if there:
        (folder / "answers").mkdir()

    config = AnnotatorConfig.load(**MINIMAL, output=name)

    assert config.output_path().endswith("answers/")
    assert Path(config.output_path()).absolute() == folder / "answers"


def test_a_folder_of_answers_beside_its_project_keeps_its_slash(folder):
    (folder / "config" / "a.csv").write_text("id\n")
    project = folder / "config" / "p.yaml"
    project.write_text("data: a.csv\naudio: b.flac\noutput: answers/\n")

    config = AnnotatorConfig.load(project=project)

    assert config.output_path() == f"{folder / 'config' / 'answers'}/"
