"""The example of the Sync documentation, as it stands but for bucket and audio."""

from __future__ import annotations

import io
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
import soundfile
import yaml

from annotator import BioacousticAnnotator

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[2]
FORM = {
    "title": {"value": "REVIEW", "progress_tracker": True},
    "pass_value": {"source_column": "id", "column": "detection_id"},
    "select": {
        "label": "valid?",
        "column": "is_valid",
        "required": True,
        "items": ["yes", "no"],
    },
    "submission_buttons": {"next": {"label": "Skip"}, "submit": {"label": "Verify"}},
}


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the working directory, with the example's table in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    pd.DataFrame(
        {
            "id": [2**60 + 1, 2**60 + 2, 2**60 + 3],
            "start_time": [0.0, 1.0, 2.0],
            "end_time": [1.0, 2.0, 3.0],
            "common_name": ["Reed Triller"] * 3,
        }
    ).to_csv("data/annotate-data.csv", index=False)
    return tmp_path


@pytest.fixture
def profiles(s3: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the AWS configuration two profiles that reach the test's server."""
    config, credentials = tmp_path / "aws-config", tmp_path / "aws-credentials"
    config.write_text(
        "".join(
            f"[profile {name}]\nregion = us-east-1\nendpoint_url = {s3.endpoint_url}\n"
            for name in ("soundhub", "prod")
        )
    )
    credentials.write_text(
        "".join(
            f"[{name}]\naws_access_key_id = k\naws_secret_access_key = s\n"
            for name in ("soundhub", "prod")
        )
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(credentials))


@pytest.fixture
def audio(s3: Any, wav: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the address of a recording in the bucket."""
    s3.client.upload_file(str(wav(duration=4.0)), s3.bucket, "audio/night.wav")
    return s3.uri("audio/night.wav")


def rows_at(s3: Any, key: str) -> pd.DataFrame:
    body = s3.client.get_object(Bucket=s3.bucket, Key=key)["Body"].read()
    return pd.read_csv(io.BytesIO(body), dtype=str)


@pytest.mark.usefixtures("work", "profiles")
def test_the_documented_example_runs(s3, audio):
    ba = BioacousticAnnotator(
        data="data/annotate-data.csv",
        audio=audio,
        output={
            "path": "outputs/annotations.csv",
            "uri": s3.uri("annotations/reviews.csv"),
            "sync_button": "Sync to S3",
            "secrets": {"profile": "soundhub"},
        },
        form_config=FORM,
    )
    ba.session.submit({"is_valid": "yes"})

    table = ba.output()
    first = ba.sync()
    other = ba.sync(dest=s3.uri("other/reviews.csv"))
    again = ba.sync(profile_name="prod", region_name="us-east-1")

    assert list(table["detection_id"]) == [2**60 + 1]
    assert list(table["is_valid"]) == ["yes"]
    assert list(table.columns[-4:]) == [
        "annotation_id",
        "annotator",
        "created_at",
        "app_version",
    ]
    assert first == again == s3.uri("annotations/reviews.csv")
    assert (first.uploaded, again.uploaded) == (1, 0)
    assert other == s3.uri("other/reviews.csv")
    for key in ("annotations/reviews.csv", "other/reviews.csv"):
        assert list(rows_at(s3, key)["detection_id"]) == [str(2**60 + 1)]


@pytest.mark.usefixtures("profiles")
def test_the_shipped_yaml_runs_with_its_profile_from_the_environment(
    s3, audio, work, monkeypatch
):
    text = (ROOT / "config/sync-example.yaml").read_text("utf-8")
    example = yaml.safe_load(text)
    example["audio"] = audio
    example["output"]["uri"] = s3.uri("annotations/reviews.csv")
    (work / "sync.yaml").write_text(yaml.safe_dump(example, sort_keys=False))
    monkeypatch.setenv("AWS_PROFILE", "soundhub")

    ba = BioacousticAnnotator(config="sync.yaml")
    select = next(e for e in ba.session.form.elements if e.kind == "select")
    ba.session.submit({select.column: select.items[0].value})
    result = ba.sync()

    assert result.uploaded == 1
    assert len(rows_at(s3, "annotations/reviews.csv")) == 1


@pytest.mark.usefixtures("work", "profiles")
def test_the_example_needs_no_more_than_another_import_line(s3, audio):
    script = textwrap.dedent(
        f"""
        from annotator import BioacousticAnnotator
        ba = BioacousticAnnotator(
            data="data/annotate-data.csv", audio={audio!r},
            output=dict(path="outputs/a.csv", uri={s3.uri("x/a.csv")!r},
                        secrets=[dict(key="profile_name", value="soundhub")]),
            form_config={FORM!r}, verified_by="me", data_index_column="id",
        )
        ba.session.submit({{"is_valid": "no"}})
        assert ba.sync().uploaded == 1
        """
    )

    exec(compile(script, "example", "exec"), {})  # noqa: S102 - our own text

    rows = rows_at(s3, "x/a.csv")
    assert list(rows["verified_by"]) == ["me"]
    assert rows.columns[0] == "id"


def test_recordings_in_a_bucket_are_read(s3, audio):
    from annotator.audio import io as audio_io

    samples, rate = audio_io.read_segment(audio, 1.0, 0.5, **s3.auth)

    body = s3.client.get_object(Bucket=s3.bucket, Key="audio/night.wav")["Body"].read()
    whole, _ = soundfile.read(io.BytesIO(body), dtype="float32", always_2d=True)
    assert (samples == whole[rate : rate + rate // 2]).all()
