"""The API as a whole: how it is made, and that its words are the hub's."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from typing import get_args

import pytest

from annotator.hub import api
from annotator.hub.agreement import PairAgreement
from annotator.hub.api import (
    clips,
    events,
    files,
    members,
    progress,
    projects,
    snapshots,
    tokens,
)
from annotator.hub.checks import _KEYS as EVENT_KEYS
from annotator.hub.clip_rows import _KEYS as CLIP_KEYS
from annotator.hub.exports import FORMATS
from annotator.hub.protocol import ROLES, SCOPES
from annotator.hub.store import clips as stored_clips
from annotator.hub.store import events as stored_events
from annotator.hub.store import members as stored_members
from annotator.hub.store import plan as stored_plan
from annotator.hub.store import progress as stored_progress
from annotator.hub.store import projects as stored_projects
from annotator.hub.store import snapshots as stored_snapshots
from annotator.hub.store import tokens as stored_tokens


def test_the_types_of_the_api_are_the_words_of_the_protocol():
    assert get_args(tokens.Scope) == SCOPES
    assert get_args(members.Role) == ROLES[:-1]
    assert set(get_args(files.Kind)) == set(FORMATS)
    assert set(events.SentEvent.model_fields) == EVENT_KEYS
    assert set(clips.SentClip.model_fields) == CLIP_KEYS


@pytest.mark.parametrize(
    ("told", "known"),
    [
        (clips.Clip, stored_clips.ClipInfo),
        (clips.Plan, stored_plan.Plan),
        (events.Event, stored_events.StoredEvent),
        (members.Member, stored_members.Member),
        (progress.Day, stored_progress.DayCount),
        (progress.Overall, stored_progress.Overall),
        (progress.Pair, PairAgreement),
        (projects.Project, stored_projects.ProjectInfo),
        (snapshots.Changes, stored_snapshots.Comparison),
        (snapshots.Snapshot, stored_snapshots.SnapshotInfo),
        (tokens.Token, stored_tokens.TokenInfo),
    ],
)
def test_what_the_store_knows_is_told_as_it_is(told, known):
    names = {field.name for field in dataclasses.fields(known)}

    assert set(told.model_fields) == names


def test_the_application_opens_the_database_that_the_variable_names(
    tmp_path, monkeypatch
):
    monkeypatch.setenv("ANNOTATOR_HUB_DB", str(tmp_path / "a" / "hub.db"))

    app = api.app
    try:
        assert (tmp_path / "a" / "hub.db").is_file()
        assert api.app is app
    finally:
        app.state.store.close()
        del api.app


def test_importing_it_opens_nothing_and_loads_no_display():
    code = "import annotator.hub.api, sys; print('app' in vars(annotator.hub.api), *sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    is_open, *loaded = done.stdout.split()
    assert is_open == "False"
    assert {"panel", "bokeh", "holoviews", "librosa", "sklearn"} & set(loaded) == set()


def test_what_is_not_there_is_said():
    with pytest.raises(AttributeError, match="no attribute 'ap'"):
        _ = api.ap
