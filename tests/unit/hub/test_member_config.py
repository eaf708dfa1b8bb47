from __future__ import annotations

import json

import pytest

from annotator.config.project import SECTIONS
from annotator.config.spellings import SPELLINGS
from annotator.errors import ConfigError
from annotator.hub.member_config import (
    EXAMPLE,
    MemberConfig,
    form_columns,
    problems_of,
    read,
)


def test_the_example_is_fine_and_says_what_is_asked():
    assert problems_of(EXAMPLE, ["confidence"]) == []
    assert form_columns(read(EXAMPLE), []) == ["species", "notes"]


def test_nothing_is_a_configuration_too():
    assert read("") == {}
    assert problems_of("", []) == []
    assert form_columns({}, []) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("data: clips.csv", "'data' cannot be set here"),
        ("data: {sql: 'select * from x'}", "'data.sql' cannot be set here"),
        ("data_api: https://x/y", "'data_api' cannot be set here"),
        ("audio: /srv/audio", "'audio' cannot be set here"),
        ("audio: {sql: select 1 from x}", "'audio.sql' cannot be set here"),
        ("audio_prefix: /etc", "'audio_prefix' cannot be set here"),
        ("output: answers/x.csv", "'output' cannot be set here"),
        ("output_uri: s3://bucket/x", "'output_uri' cannot be set here"),
        ("secrets: {token: env:HOME}", "'secrets' cannot be set here"),
        ("audio: {secrets: [{key: token}]}", "holds no credentials"),
        ("annotator: somebody", "'annotator' cannot be set here"),
        ("description: notes.md", "opens no files"),
        ("description: {path: /etc/passwd}", "opens no files"),
        ("form_config: /etc/passwd", "names a file"),
        ("form_config: {select: {label: a, items: /etc/passwd}}", "opens no files"),
        ("form_config: {select: {label: a, items: https://x/y.csv}}", "opens no files"),
        ("capture_dir: /tmp", "'capture_dir' cannot be set here"),
        ("config: /etc/passwd", "'config' cannot be set here"),
        ("nonsense: 1", "Unknown key"),
        ("- a", "must hold keys and values"),
        ("a: [", "not valid YAML"),
        ("default_buffer: soon", "default_buffer"),
    ],
)
def test_what_is_wrong_is_said_in_sentences(text, said):
    problems = problems_of(text, ["species"])

    assert any(said in sentence for sentence in problems), problems


def test_all_that_is_wrong_is_said_at_once():
    problems = problems_of("data: a.csv\noutput: b.csv\nsecrets: {token: x}", [])

    assert len(problems) == 3


def test_a_secret_that_somebody_wrote_is_not_repeated():
    problems = problems_of("secrets: {token: CANARY-SECRET}", [])

    assert "CANARY" not in " ".join(problems)


def test_aliases_that_multiply_are_refused():
    bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 10)}]\n"
        for n in range(7)
    )

    assert "grows too large" in " ".join(problems_of(bomb, []))


def test_a_text_that_is_too_long_is_not_even_parsed():
    with pytest.raises(ConfigError, match="longer than"):
        read("x" * 300_000)


def test_a_column_that_the_clips_lack_is_named():
    (problem,) = problems_of("display_columns: [site]", ["species"])

    assert "'site'" in problem
    assert problems_of("display_columns: [recording, species]", ["species"]) == []


VIEW = (
    "audio_codec autoplay bandwidth clip_table_height default_buffer display_columns"
    " duplicate_entries form_panel_height height info_card_height info_card_text"
    " info_card_title partial_download player_height sort sort_order"
    " spectrogram_resolution visualizations width"
)
ALLOWED = {
    *(f"view.{name}" for name in VIEW.split()),
    *("description.height", "description.open", "description.text"),
    *("description.title", "fixed", "form_config", "project_name"),
}
"""All that a member may set; a new key is not, until somebody looked at it."""


def test_each_key_that_nobody_looked_at_is_refused_in_each_of_its_spellings():
    places = [("", name) for name in MemberConfig.top_level()]
    for name, kind in SECTIONS.items():
        places += [(name, key) for key in list(kind.keys())]
    wrong = []

    for section, key in places:
        value = {} if key in {"fixed", "form_config"} else "x"
        written = [{section: {key: value}} if section else {key: value}]
        written += [
            {flat: value}
            for flat, meant in SPELLINGS.items()
            if (meant.section, meant.key) == (section, key)
        ]
        is_allowed = f"{section}.{key}".strip(".") in ALLOWED
        wrong += [one for one in written if is_taken(one) != is_allowed]

    assert wrong == []


def is_taken(mapping):
    try:
        read(json.dumps(mapping))
    except ConfigError:
        return False
    return True


@pytest.mark.parametrize(
    "text",
    [
        "visualizations: ['os:system']",
        "visualizations: [{fn: 'os:system', label: x}]",
        "visualizations: [{name: mel, fn: 'os:system'}]",
        "description: {text: !!python/object/apply:os.getcwd []}",
        "fixed: !!python/name:os.system",
        "form_config: {select: {label: a, items: !!python/name:os.system}}",
        "spectrogram_resolution: [100000000]",
        "visualizations: [{name: linear, n_fft: 100000000}]",
    ],
)
def test_a_text_runs_nothing_and_asks_for_no_more_than_there_is(text):
    assert problems_of(text, [])


def test_it_opens_nothing_whatever_it_is_asked():
    config = MemberConfig.from_dict({})

    for look in (config.resolve_path, config.resolve_form_path):
        with pytest.raises(ConfigError, match="opens no files"):
            look("/etc/passwd")
