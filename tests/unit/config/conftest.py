"""A project in a folder of its own, as most are."""

from __future__ import annotations

import pytest

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
