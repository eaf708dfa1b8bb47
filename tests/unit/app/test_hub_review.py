"""Reviews in the browser, without the browser: a real store, and real event logs."""

from __future__ import annotations

import json
import stat

import pytest
import sqlalchemy as sa

from annotator.errors import ConfigError, FormatError
from annotator.hub.places import Places
from tests.unit.app.hub_owls import FORM, OWL
from tests.unit.hub.pages.samples import clip, event


def stored(store, owls, by=None):
    found = store.events.list((by or owls.ana).caller, owls.uid)
    return [(one.user, one.kind, one.clip) for one in found]


def test_an_answer_is_in_the_hub_before_the_next_clip(store, owls, open_review):
    session = open_review(owls.ana).session
    assert session.clip.identity == "clip-0"

    session.submit(OWL)

    assert stored(store, owls) == [("ana", "set", "clip-0")]
    assert session.clip.identity == "clip-1"
    (row,) = store.annotations.rows(owls.ana.caller, owls.uid)
    assert (row["annotator"], row["species"]) == ("ana", "owl")


def test_two_people_do_not_get_the_same_clip(owls, open_review):
    ana, ben = open_review(owls.ana).session, open_review(owls.ben).session

    seen = [(ana.clip.identity, ben.clip.identity)]
    for session in (ana, ben):
        session.submit(OWL)
    seen.append((ana.clip.identity, ben.clip.identity))

    assert sorted(sum(seen, ())) == ["clip-0", "clip-1", "clip-2", "clip-3"]


def test_the_table_shows_what_was_given_and_what_was_reviewed(owls, open_review):
    session = open_review(owls.ana).session
    assert (session.n_queue, session.n_clips) == (1, 4)

    session.submit(OWL)
    session.view = "all"

    frame, _, _ = session.page(0, 10)
    assert frame["clip_id"].tolist() == ["clip-0", "clip-1"]


def test_at_the_end_there_is_nothing_to_do(owls, open_review):
    session = open_review(owls.ana).session

    for _ in range(4):
        session.submit(OWL)

    assert session.is_finished
    assert session.n_queue == 0


def test_a_skipped_clip_does_not_come_back(store, owls, open_review):
    session = open_review(owls.ana).session

    session.skip()

    assert stored(store, owls) == [("ana", "skip", "clip-0")]
    assert session.clip.identity == "clip-1"


def test_a_review_that_was_taken_back_is_in_hand_again(store, owls, open_review):
    review = open_review(owls.ana)
    session = review.session
    session.submit(OWL)

    session.undo()

    assert session.clip.identity == "clip-0"
    assert not list(store.annotations.rows(owls.ana.caller, owls.uid))
    session.submit({"species": "nightjar"})
    assert session.clip.identity == "clip-1"
    assert [
        row["species"] for row in store.annotations.rows(owls.ana.caller, owls.uid)
    ] == ["nightjar"]


def test_a_clip_is_given_back_when_the_review_is_closed(store, owls, open_review):
    open_review(owls.ana).close()

    assert store.leases.next(owls.ben.caller, owls.uid).clip.identity == "clip-0"


def test_a_page_that_closes_late_gives_nothing_back_of_the_next_one(
    store, owls, open_review
):
    before = open_review(owls.ana)
    after = open_review(owls.ana)  # the page was loaded again
    assert after.session.clip.identity == "clip-0"

    before.close()

    assert store.leases.next(owls.ben.caller, owls.uid).clip.identity == "clip-1"


def test_what_was_reviewed_elsewhere_is_known(store, owls, open_review):
    store.events.add(owls.ana.caller, owls.uid, [event("clip-0", "laptop", **OWL)])
    session = open_review(owls.ana).session

    assert session.n_reviewed == 1
    assert session.clip.identity == "clip-1"
    assert stored(store, owls) == [("ana", "set", "clip-0")]


def test_opening_it_again_sends_nothing_twice(store, owls, open_review):
    first = open_review(owls.ana)
    first.session.submit(OWL)
    first.close()

    again = open_review(owls.ana)

    assert again.session.n_reviewed == 1
    assert stored(store, owls) == [("ana", "set", "clip-0")]


def test_nothing_is_lost_while_the_database_is_away(
    store, owls, open_review, monkeypatch
):
    review = open_review(owls.ana)
    add = store.events.add

    def away(*_args):
        raise sa.exc.OperationalError(None, {}, Exception())

    monkeypatch.setattr(store.events, "add", away)
    review.session.submit(OWL)
    assert stored(store, owls) == []
    assert "waiting" in review._review.hub.state.summary

    monkeypatch.setattr(store.events, "add", add)
    review._review.hub.send()

    assert stored(store, owls) == [("ana", "set", "clip-0")]


def test_no_next_clip_comes_from_a_database_that_is_away(
    store, owls, open_review, monkeypatch
):
    session = open_review(owls.ana).session

    def away(*_args):
        raise sa.exc.OperationalError(None, {}, Exception())

    monkeypatch.setattr(store.leases, "next", away)
    session.submit(OWL)

    assert session.is_reviewed(0)


def test_what_was_recorded_after_a_sign_out_is_sent_at_the_next(
    store, owls, open_review
):
    review = open_review(owls.ana)
    owls.ana.is_gone = True
    review.session.submit(OWL)
    review.close()
    assert stored(store, owls, by=owls.ben) == []

    owls.ana.is_gone = False
    open_review(owls.ana)

    assert stored(store, owls) == [("ana", "set", "clip-0")]


def test_the_log_is_in_a_private_folder(owls, open_review, tmp_path):
    open_review(owls.ana).session.submit(OWL)

    (log,) = (tmp_path / "reviews").rglob("annotations.csv.log")
    assert log.parent == tmp_path / "reviews" / owls.uid / str(owls.ana.user.id)
    assert stat.S_IMODE(log.parent.stat().st_mode) & 0o077 == 0
    assert json.loads(log.read_text())["annotator"] == "ana"


@pytest.fixture
def disputed(store, owls):
    """Return a function that lists what Ana and Ben disagree about: clip 2, at first."""
    for who, label in ((owls.ana, "owl"), (owls.ben, "nightjar")):
        store.events.add(
            who.caller, owls.uid, [event("clip-2", who.user.name, species=label)]
        )
    return lambda: store.progress.disagreements(owls.ana.caller, owls.uid, "species")


def decide(open_review, owls, disputed, label="nightjar"):
    review = open_review(owls.ana, disputed=disputed(), adjudicates="species")
    review.session.submit({"species": label})
    review._review.hub.settle()
    return review


def test_clips_in_dispute_come_with_what_was_said(store, owls, open_review, disputed):

    review = open_review(owls.ana, disputed=disputed())
    session = review.session

    assert (session.n_clips, session.view) == (1, "all")
    assert session.clip["labels"] == "ana: owl · ben: nightjar"
    session.delete_review()
    session.submit({"species": "nightjar"})
    review._review.hub.settle()
    assert disputed() == []


def test_an_answer_decides_and_nobodys_is_changed(store, owls, open_review, disputed):
    decide(open_review, owls, disputed)

    (one,) = disputed()
    assert (one.state, one.decided, one.decision.column) == (
        "adjudicated",
        "nightjar",
        "species",
    )
    rows = store.annotations.rows(owls.ana.caller, owls.uid)
    assert [
        (row["annotator"], row["species"], row.get("adjudicated")) for row in rows
    ] == [
        ("ana", "owl", None),
        ("ben", "nightjar", None),
        ("ana", "nightjar", True),
    ]


def test_undo_opens_it_again(owls, open_review, disputed):
    review = decide(open_review, owls, disputed)

    review.session.undo()
    review._review.hub.settle()

    assert [one.state for one in disputed()] == ["open"]


def test_what_was_decided_elsewhere_is_there_to_be_changed(
    store, owls, open_review, disputed, tmp_path
):
    decide(open_review, owls, disputed).close()
    for log in (tmp_path / "reviews").rglob("adjudications.csv*"):
        log.unlink()  # as on a hub of another machine

    review = open_review(owls.ana, disputed=disputed(), adjudicates="species")
    session = review.session

    assert session.n_reviewed == 1
    assert session.clip["labels"].endswith(" · decided by ana: nightjar")
    session.delete_review()
    session.submit({"species": "owl"})
    review._review.hub.settle()
    assert disputed()[0].decided == "owl"


def test_a_decision_is_no_review_of_ones_own(owls, open_review, disputed):
    decide(open_review, owls, disputed).close()

    session = open_review(owls.ana).session

    assert [
        row["species"] for row in session.output_rows() if row["clip_id"] == "clip-2"
    ] == ["owl"]


def test_a_recording_that_may_not_be_read_is_a_sentence(
    store, owls, open_review, tmp_path
):
    # Clips come through the REST API as well, which looks at no place.
    rows = [
        clip(9, recording="/etc/passwd"),
        clip(8, recording="http://10.0.0.1/x.wav"),
    ]
    store.clips.add(owls.ana.caller, owls.uid, rows)
    clips = open_review(owls.ana).session.clips

    assert "own disk are not opened" in clips.clip(4).problem
    assert clips.clip(4).recording == ""
    assert "of this kind are not opened" in clips.clip(5).problem
    assert clips.clip(0).recording == "https://example.org/0.flac"


def test_recordings_below_the_shared_folder_are_found(
    store, owls, open_review, tmp_path
):
    rows = [clip(9, recording="site/a.flac"), clip(8, recording="../hub.db")]
    store.clips.add(owls.ana.caller, owls.uid, rows)
    shared = tmp_path / "audio"
    shared.mkdir()

    clips = open_review(owls.ana, places=Places(audio_root=shared)).session.clips

    assert clips.clip(4).recording == str(shared / "site" / "a.flac")
    assert "leads out" in clips.clip(5).problem


def test_each_connection_to_a_recording_is_looked_at(owls, open_review):
    config = open_review(owls.ana).settings

    may_connect = config.audio_auth["may_connect"]
    assert not may_connect("example.org", "127.0.0.1")
    assert may_connect("example.org", "8.8.8.8")


def test_nothing_is_saved_on_the_hubs_machine(owls, open_review):
    config = open_review(owls.ana, text=f"{FORM}\nproject_name: /etc\n").settings

    assert config.view.capture_label is None
    assert config.project_name == type(config).param["project_name"].default


def test_a_form_that_fits_no_clip_is_a_sentence(owls, open_review):
    with pytest.raises(ConfigError, match="nowhere"):
        open_review(owls.ana, text=f"{FORM}\ndisplay_columns: [nowhere]\n")


def test_a_recording_that_would_fill_the_memory_is_a_sentence(
    store, owls, open_review, tmp_path, monkeypatch, wav
):
    monkeypatch.setattr("annotator.hub.member_audio.MOST_SAMPLES", 20_000)
    sound = wav(duration=4.0, sample_rate=8_000)
    rows = [clip(9, recording=sound.name, start_time=0.0, end_time=1e9)]
    store.clips.add(owls.ana.caller, owls.uid, rows)

    review = open_review(owls.ana, places=Places(audio_root=sound.parent))
    loader, session = review._review.loader, review.session

    with pytest.raises(FormatError, match="make the clip shorter"):
        loader.prepare(session.clips.clip(4), session.look)
    assert review._review.overview._reader is loader._reader
