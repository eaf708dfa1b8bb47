from __future__ import annotations

from pathlib import Path

import pytest

from annotator.config.project import AnnotatorConfig
from annotator.errors import ConfigError


@pytest.fixture
def review(tmp_path: Path) -> Path:
    path = tmp_path / "config" / "review.yaml"
    path.parent.mkdir()
    path.write_text(
        "data:\n"
        "  path: clips.csv\n"
        "  start_time: Start (s)\n"
        "audio: recording.flac\n"
        "default_buffer: 2\n"
        "output: {path: out.csv, uri: 's3://bucket/out.csv'}\n"
    )
    return path


def test_an_argument_beats_the_file(review: Path) -> None:
    config = AnnotatorConfig.load(config=review, default_buffer=5)

    assert config.view.default_buffer == 5


def test_an_unknown_key_is_told_with_file_line_and_the_key_meant(review: Path) -> None:
    review.write_text(review.read_text() + "ouput: a.csv\n")

    with pytest.raises(ConfigError) as caught:
        AnnotatorConfig.load(config=review)

    assert caught.value.problems == (
        f"Unknown key 'ouput' in {review}, line 7. Did you mean 'output'?",
    )
