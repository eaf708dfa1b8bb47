from __future__ import annotations

import pytest

from annotator.config.layers import SECTIONS
from annotator.config.project import AnnotatorConfig
from annotator.config.spellings import SPELLINGS, near_parameter

REFERENCE = [
    "data_source_type",
    "data_value",
    "data_path",
    "data_url",
    "data_sql",
    "data_api",
    "data_start_time",
    "data_end_time",
    "data_duration",
    "data_secrets",
    "data_index_column",
    "audio_source_type",
    "audio_value",
    "audio_path",
    "audio_url",
    "audio_uri",
    "audio_column",
    "audio_prefix",
    "audio_suffix",
    "audio_fallback",
    "audio_secrets",
    "audio_sql",
    "audio_api",
    "audio_property",
    "audio_response_index",
    "output_path",
    "output_url",
    "output_uri",
    "output_sync_button",
    "output_recursive",
    "output_secrets",
    "output_index_column",
    "description_title",
    "description_text",
    "description_path",
    "description_open",
    "description_height",
    "display_columns",
    "info_card_title",
    "info_card_text",
    "info_card_height",
    "visualizations",
    "spectrogram_resolution",
    "default_buffer",
    "capture",
    "capture_dir",
    "capture_height",
    "clip_table_height",
    "player_height",
    "form_panel_height",
    "width",
    "partial_download",
    "duplicate_entries",
    "sort",
    "sort_order",
    "height",
]


@pytest.mark.parametrize("name", REFERENCE)
def test_every_flat_name_of_notebooks_is_known(name):
    spelling = SPELLINGS[name]

    assert spelling.key in SECTIONS[spelling.section].keys()  # noqa: SIM118


def test_every_spelling_means_a_key_that_exists():
    for spelling in SPELLINGS.values():
        kind = SECTIONS.get(spelling.section, AnnotatorConfig)
        assert spelling.key in list(kind.keys())


def test_every_key_of_a_section_may_be_written_flat():
    meant = {(spelling.section, spelling.key) for spelling in SPELLINGS.values()}

    keys = {(name, key) for name, kind in SECTIONS.items() for key in list(kind.keys())}

    assert keys - meant == set()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("captur", "capture"),
        ("heigth", "height"),
        ("Captur", "capture"),
        ("defualt_buffer", "default_buffer"),
        ("defaultbuffer", "default_buffer"),
        ("form_confg", "form_config"),
        ("outptu", "output"),
    ],
)
def test_a_slip_of_the_keyboard_is_recognised(typed, meant):
    known = [*AnnotatorConfig.keys(), *SPELLINGS]

    assert near_parameter(typed, known) == meant


@pytest.mark.parametrize(
    "name",
    [
        "reviewer",
        "site",
        "date",
        "season",
        "project_id",
        "observer",
        "label",
        "notes",
        "status",
        "station",
        "year",
        "device",
        "dat",
        "sortie",
        "rating",
        "capture_date",
        "recorder",
    ],
)
def test_a_column_that_is_only_somewhat_alike_is_none(name):
    known = [*AnnotatorConfig.keys(), *SPELLINGS, "project", "config"]

    assert near_parameter(name, known) == ""


def test_old_keys_mean_the_new_ones_and_a_note_says_so():
    config = AnnotatorConfig.from_dict(
        {
            "ident_column": "common_name",
            "data_columns": ["id", "common_name"],
            "app_title": "My review",
            "audio_src": "a.flac",
        }
    )

    assert config.view.info_card_title == "[[common_name]]"
    assert config.view.display_columns == ["id", "common_name"]
    assert config.project_name == "My review"
    assert config.audio.source == ("path", "a.flac")
    assert [note.split("'")[1] for note in config.notes] == [
        *("ident_column", "data_columns", "app_title", "audio_src"),
    ]


def test_an_old_file_with_both_lists_of_columns_shows_all_of_them_in_the_table():
    config = AnnotatorConfig.from_dict(
        {"data_columns": ["name", "county"], "display_columns": ["county", "score"]}
    )

    assert config.view.display_columns == ["name", "county", "score"]


@pytest.mark.parametrize("section", ["data", "audio", "output"])
def test_url_is_uri(section):
    nested = AnnotatorConfig.from_dict({section: {"url": "s3://b/x"}})
    flat = AnnotatorConfig.from_dict({f"{section}_url": "s3://b/x"})

    assert getattr(nested, section).uri == getattr(flat, section).uri == "s3://b/x"
    assert nested.notes == []
