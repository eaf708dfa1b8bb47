from __future__ import annotations

import json

import pytest

from annotator.annotations.events import Event
from annotator.annotations.store import AnnotationStore
from annotator.review.look import Look, ViewState


def test_a_look_says_what_pictures_are_made_with():
    look = Look(kind="mel", n_fft=1024, overlap=0.75, channel=2, buffer=1.5, width=800)

    assert look.state == ViewState(
        kind="mel", n_fft=1024, overlap=0.75, channel=2, buffer=1.5, width=800
    )


def test_contrast_and_palette_make_no_other_picture():
    look = Look()
    before = look.state

    look.param.update(contrast=(-60.0, -10.0), palette="Grey", auto_contrast=True)

    assert look.state == before


def test_a_band_upside_down_shows_everything():
    look = Look(min_frequency=5000.0, max_frequency=2000.0)

    assert (look.state.min_frequency, look.state.max_frequency) == (None, None)


@pytest.mark.parametrize(
    ("rate", "band"),
    [(48_000, (20_000, 24_000)), (250_000, (20_000, 90_000)), (16_000, (None, None))],
)
def test_a_band_is_cut_to_what_a_recording_has(rate, band):
    state = ViewState(min_frequency=20_000.0, max_frequency=90_000.0)

    settings = state.picture_settings(rate)

    assert (settings.min_frequency, settings.max_frequency) == band


def test_the_log_tells_how_a_clip_was_looked_at(tmp_path):
    look = Look(kind="mel", palette="Grey", contrast=(-70.0, -5.0), is_unfolded=True)
    store = AnnotationStore(tmp_path / "a.csv", columns=["call"], annotator="eva")

    store.submit("7", [{"call": "x"}], look=look.as_dict())
    store.close()

    line = (tmp_path / "a.csv.log").read_text().splitlines()[-1]
    kept = json.loads(line)["look"]
    assert (kept["kind"], kept["palette"], kept["contrast"]) == (
        "mel",
        "Grey",
        [-70, -5],
    )
    assert "is_unfolded" not in kept
    assert "look" not in (tmp_path / "a.csv").read_text()
    assert Event.from_json(line).look == kept


def test_an_event_without_a_look_is_read_as_before():
    event = Event.from_json('{"id": "1", "clip": "7", "kind": "skip", "rows": []}')

    assert event.look == {}
    assert "look" not in json.loads(event.to_json())
