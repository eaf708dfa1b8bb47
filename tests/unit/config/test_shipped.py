"""Every file in `config/` loads, and its form with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from annotator.config.load import load_mapping
from annotator.config.project import AnnotatorConfig
from annotator.form.items import items_loader
from annotator.form.spec import FormSpec

CONFIG = Path(__file__).parents[3] / "config"


def names(paths):
    return sorted(path.relative_to(CONFIG).as_posix() for path in paths)


@pytest.mark.parametrize("name", names(CONFIG.glob("*.yaml")))
def test_a_shipped_configuration_loads_without_its_data(name):
    config = AnnotatorConfig.load(config=CONFIG / name)

    assert config.notes == []
    assert FormSpec.from_config(config).notes == ()


@pytest.mark.parametrize("name", names(CONFIG.glob("*.yaml")))
def test_a_shipped_configuration_is_a_project_too(name):
    assert AnnotatorConfig.load(CONFIG / name).project_name


@pytest.mark.parametrize("name", names(CONFIG.glob("forms/*.yaml")))
def test_a_shipped_form_is_a_form(name):
    mapping, origin = load_mapping(CONFIG / name)
    loader = items_loader(lambda item: str(origin.folder / item))

    spec = FormSpec.from_dict(mapping, loader=loader, origin=origin)

    assert spec.columns
    assert spec.notes == ()


def test_every_file_of_config_is_loaded_by_a_test():
    files = [path for path in CONFIG.rglob("*") if path.is_file()]

    untested = [path for path in files if path.suffix not in {".yaml", ".csv"}]

    assert untested == []
    assert names(CONFIG.rglob("*.csv")) == ["forms/species.csv"]


def test_the_example_of_sync_says_what_the_documentation_says():
    config = AnnotatorConfig.load(config=CONFIG / "sync-example.yaml")

    assert config.data.source == ("path", "data/annotate-data.csv")
    assert config.audio.kind == "uri"
    assert config.output.sync_label == "Sync to S3"
    assert config.output.uri.startswith("s3://")


def test_the_example_of_sync_takes_its_profile_from_the_environment(monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "soundhub")
    config = AnnotatorConfig.load(config=CONFIG / "sync-example.yaml")

    assert config.output_auth() == {"profile_name": "soundhub"}


def test_the_form_of_the_sync_example_writes_id_and_verdict():
    config = AnnotatorConfig.load(config=CONFIG / "sync-example.yaml")
    spec = FormSpec.from_config(config, ["id", "start_time", "end_time"])

    row = spec.to_row({"is_valid": "yes"}, {"id": 2**60 + 1})

    assert row == {"detection_id": 2**60 + 1, "is_valid": "yes"}


def test_the_birdnet_file_fits_the_table_that_birdnet_writes(shared_data):
    table = shared_data / "birdnet_soundscape_conf0.1_overlap0.BirdNET.results.csv"
    header = table.read_text().splitlines()[0].split(",")
    config = AnnotatorConfig.load(config=CONFIG / "birdnet.yaml")
    renamed = {"Start (s)": "start_time", "End (s)": "end_time"}
    columns = [renamed.get(column, column) for column in header]

    assert config.validate_columns(columns) == []
    assert FormSpec.from_config(config, columns).columns[0] == "common_name"
