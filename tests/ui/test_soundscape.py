"""Real recordings: the whole of a BirdNET table reviewed by hand, and synced to S3."""

from __future__ import annotations

import csv
import io

import pandas as pd
import pytest

from annotator.app import BioacousticAnnotator
from tests.ui.driving import Screen, open_review

pytestmark = pytest.mark.slow

FORM = {
    "title": {"value": "Is it heard here?", "progress_tracker": True},
    "form": [
        {"pass_value": {"source_column": "Common name", "column": "common_name"}},
        {
            "select": {
                "label": "Valid?",
                "column": "is_valid",
                "required": True,
                "items": ["yes", "no", "unsure"],
            }
        },
    ],
    "submission_buttons": {"next": {"label": "Skip"}, "submit": {"label": "Verify"}},
}


@pytest.fixture
def soundscape(shared_data, s3, tmp_path):
    return BioacousticAnnotator(
        data={
            "path": str(
                shared_data / "birdnet_soundscape_conf0.1_overlap0.BirdNET.results.csv"
            ),
            "start_time": "Start (s)",
            "end_time": "End (s)",
        },
        audio=str(shared_data / "birdnet_soundscape_120s_48k.flac"),
        output={
            "path": str(tmp_path / "reviews.csv"),
            "uri": s3.uri("team/reviews.csv"),
            "sync_button": "Sync to S3",
            "secrets": s3.auth,
        },
        form_config=FORM,
        display_columns=["Common name", "Confidence", "start_time"],
        info_card_title="[[Common name]]",
        default_buffer=1.0,
    )


def test_all_detections_are_reviewed_by_keys_and_synced(
    page, serve, wait_until, soundscape, s3
):
    screen = open_review(page, serve, wait_until, soundscape)
    session = soundscape.session
    assert session.n_clips == 36
    screen.sort_by("Confidence")
    screen.until(lambda: session.sort_column == "Confidence")
    given: dict[str, str] = {}

    screen.press()
    while session.n_reviewed < session.n_clips:
        _answer_one(screen, session, given)
    screen.until(lambda: "total 36/36" in screen.seen("review-form"))
    screen.sync_button.click()
    screen.until(lambda: "Synced 36 annotations" in screen.seen("sync-status"))

    body = s3.client.get_object(Bucket=s3.bucket, Key="team/reviews.csv")["Body"].read()
    output = soundscape._review.store.path.read_bytes()
    assert body == output
    rows = list(csv.DictReader(io.StringIO(body.decode())))
    assert {row["clip_id"]: row["is_valid"] for row in rows} == given
    names = pd.Series([row["common_name"] for row in rows]).value_counts()
    source = soundscape.source["Common name"].value_counts()
    assert names.to_dict() == source.to_dict()


def _answer_one(screen: Screen, session, given: dict[str, str]) -> None:
    """Answer as a person would: one key for the verdict, Enter to submit."""
    before, clip = session.n_reviewed, session.clip
    key, verdict = [("1", "yes"), ("2", "no"), ("3", "unsure")][before % 3]
    screen.page.keyboard.press(key)
    screen.until(screen.submit_button.is_enabled)
    screen.page.keyboard.press("Enter")
    screen.until(lambda: session.n_reviewed == before + 1)
    given[clip.identity] = verdict
    # The next form is there, and empty: not only this one asleep while it is saved.
    screen.until(lambda: f"total {before + 1}/" in screen.seen("review-form"))
    screen.until(
        lambda: (
            not screen.submit_button.is_visible()
            or not screen.submit_button.is_enabled()
        )
    )


@pytest.mark.parametrize(
    ("name", "start", "end", "top"),
    [
        ("powdermill_Recording_1_Segment_07_first10s_32k.wav", 0.92, 2.31, 16_000),
        ("deermouse_usv_250k.wav", 0.2, 0.8, 125_000),
    ],
)
def test_recordings_of_any_rate_are_seen_and_heard(
    page, serve, wait_until, shared_data, tmp_path, name, start, end, top
):
    annotator = BioacousticAnnotator(
        data=pd.DataFrame({"start_time": [start], "end_time": [end]}),
        audio=str(shared_data / name),
        output=str(tmp_path / "reviews.csv"),
        form_config={"select": {"label": "call", "items": ["a", "b"]}},
        default_buffer=0.1,
    )

    screen = open_review(page, serve, wait_until, annotator)
    screen.play_button.click()
    screen.until(lambda: screen.picture()["playhead"] > start + 0.05)

    assert screen.picture()["y_range"][1] == pytest.approx(top, rel=0.01)
