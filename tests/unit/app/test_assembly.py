"""A review put together from its configuration."""

from __future__ import annotations

import pandas as pd
import pytest

from annotator.app import BioacousticAnnotator
from annotator.errors import ConfigError


@pytest.fixture
def make(wav, tmp_path):
    frame = pd.DataFrame({"id": [1, 2], "start_time": [0, 1], "end_time": [1, 2]})
    recording = str(wav(duration=3.0))

    def make(**settings):
        settings = {
            "data": frame,
            "audio": recording,
            "output": str(tmp_path / "reviews.csv"),
            "data_index_column": "id",
            "form_config": {"select": {"label": "ok", "items": ["y", "n"]}},
            **settings,
        }
        return BioacousticAnnotator(**settings)

    return make


def test_problems_of_form_and_columns_are_told_together(make):
    form = {"select": {"label": "ok", "items": ["y"]}, "slect": {"label": "x"}}

    with pytest.raises(ConfigError) as caught:
        make(form_config=form, display_columns=["ident"])

    text = str(caught.value)
    assert "slect" in text
    assert "ident" in text


def test_a_form_may_ask_who_it_is(make):
    ba = make(
        form_config={
            "textbox": {"label": "annotator"},
            "select": {"label": "ok", "items": ["y", "n"]},
        }
    )

    ba.session.submit({"annotator": "Ann", "ok": "y"})

    assert ba.output()["annotator"].tolist() == ["Ann"]


@pytest.mark.parametrize("column", ["annotation_id", "created_at", "app_version"])
def test_a_form_may_not_write_what_the_annotator_fills(make, column):
    with pytest.raises(ConfigError, match=f"'{column}', which the annotator itself"):
        make(form_config={"textbox": {"label": column}})


def test_the_output_is_none_until_something_is_annotated(make):
    ba = make()

    assert ba.output() is None
    ba.session.submit({"ok": "y"})
    assert ba.output()["ok"].tolist() == ["y"]


def test_output_and_source_are_copies(make):
    ba = make()
    ba.session.submit({"ok": "y"})

    output, source = ba.output(), ba.source
    output.loc[0, "ok"] = "spoilt"
    source.loc[0, "id"] = 99

    assert ba.output()["ok"].tolist() == ["y"]
    assert ba.source["id"].tolist() == [1, 2]


def test_a_project_saved_without_its_secrets_opens_again(make, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    make().source.to_csv("clips.csv", index=False)
    ba = make(
        data="clips.csv",
        output={
            "path": "answers.csv",
            "uri": "s3://bucket/answers.csv",
            "secrets": {
                "aws_secret_access_key": "canary",
                "profile": "env:AWS_PROFILE",
            },
        },
    )

    path = ba.save_as_project("review")

    text = path.read_text("utf-8")
    assert "canary" not in text
    assert "env:AWS_PROFILE" in text
    again = BioacousticAnnotator(str(path))
    assert again.sync_uri == "s3://bucket/answers.csv"
    assert "canary" not in ba.describe(print_config=False) + repr(ba)


def test_sync_without_a_destination_says_what_to_give(make):
    with pytest.raises(ValueError, match="No sync destination configured"):
        make().sync()
