"""A review with the real form, store, table and recordings."""

from __future__ import annotations

import contextlib
import csv
import threading

import pandas as pd
import pytest

from annotator.annotations.store import AnnotationStore
from annotator.config.audio import AudioConfig
from annotator.config.data import DataConfig
from annotator.errors import AlreadyReviewed, DataError, SubmitError
from annotator.form.spec import FormSpec
from annotator.review.prepare import ClipLoader, ViewState
from annotator.review.session import ReviewSession
from annotator.sources.clips import ClipTable
from annotator.sources.recordings import Recordings
from annotator.sources.table import load_table

FORM = {
    "title": {"value": "REVIEW", "progress_tracker": True},
    "pass_value": {"source_column": "species", "column": "label"},
    "select": {"label": "valid", "items": ["yes", "no"], "required": True},
    "number": {"label": "count", "min": 0, "max": 9},
}
YES = {"valid": "yes"}


@pytest.fixture
def table_file(tmp_path, wav):
    """Write a table of four detections, two of them in one window."""
    wav(duration=20.0, name="site a/one.wav")
    path = tmp_path / "site a" / "detections.csv"
    big = 2**62
    path.write_text(
        "uid,file,start,end,species\n"
        f"{big + 1},one.wav,0,3,wren\n"
        f"{big + 2},one.wav,0,3,robin\n"
        f"{big + 3},one.wav,18,21,wren\n"
        f"{big + 4},two.wav,x,3,wren\n"
    )
    return path


@pytest.fixture
def start(table_file, tmp_path):
    """Start a review on the same table and output, as a process of its own would."""
    stores = []

    def begin(index_column="uid", **params):
        data = DataConfig(
            path="detections.csv",
            start_time="start",
            end_time="end",
            index_column=index_column,
        )

        def resolve(name):
            return str(table_file.parent / name)

        frame = load_table(data, resolve)
        form = FormSpec.from_dict(FORM, columns=list(frame.columns))
        clips = ClipTable(
            frame,
            Recordings(AudioConfig(column="file"), resolve),
            index_column=index_column,
            pass_values=form.pass_values,
        )
        store = AnnotationStore(
            tmp_path / "outputs" / "reviews.csv",
            columns=form.columns,
            index_column=clips.index_name,
            annotator="ann",
            match=clips.match,
        )
        stores.append(store)
        return ReviewSession(clips, form, store, loader=ClipLoader(), **params)

    yield begin
    for store in stores:
        store.close()


def output(session):
    session.store.flush()
    with open(session.store.path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_answers_are_found_in_the_file_and_again_after_a_restart(start):
    session = start()

    ids = session.submit(YES) + session.submit({"valid": "no", "count": 3})

    rows = output(session)
    assert list(rows[0])[:4] == ["uid", "label", "valid", "count"]
    assert [row["uid"] for row in rows] == [str(2**62 + 1), str(2**62 + 2)]
    assert [row["label"] for row in rows] == ["wren", "robin"]
    assert [row["annotation_id"] for row in rows] == ids
    again = start()
    assert (again.n_reviewed, again.clip.position) == (2, 2)
    assert again.values_of(1)[0]["valid"] == "no"


def test_without_an_index_column_both_species_of_a_window_are_reviewed(start):
    session = start(index_column="")

    session.submit(YES)
    session.submit(YES)

    rows = output(session)
    assert [row["label"] for row in rows] == ["wren", "robin"]
    assert rows[0]["clip_id"] != rows[1]["clip_id"]
    again = start(index_column="")
    assert [again.is_reviewed(row) for row in range(4)] == [True, True, False, False]


def test_an_output_without_clip_names_is_adopted_by_what_the_form_copies(
    start, tmp_path
):
    path = tmp_path / "outputs" / "reviews.csv"
    path.parent.mkdir()
    path.write_text("label,valid\nrobin,no\nwren,yes\n")

    session = start(index_column="")

    # Three clips are called wren: nobody can say which of them was meant.
    assert [session.is_reviewed(row) for row in range(4)] == [
        False,
        True,
        False,
        False,
    ]


def test_a_review_survives_a_row_added_beside_its_clip(start, table_file):
    whole = table_file.read_text().splitlines(keepends=True)
    table_file.write_text(whole[0] + whole[1])
    start(index_column="").submit(YES)
    table_file.write_text(whole[0] + whole[2] + whole[1])

    session = start(index_column="")

    assert session.clip["species"] == "robin"
    assert [session.is_reviewed(row) for row in range(2)] == [False, True]
    session.submit({"valid": "no"})
    assert [row["label"] for row in output(session)] == ["wren", "robin"]
    assert session.delete_review(1) is not None


def test_the_form_decides_what_is_accepted(start):
    session = start()

    with pytest.raises(SubmitError) as caught:
        session.submit({"count": 12, "valdi": "yes"})

    text = str(caught.value)
    assert "valid: an answer is needed." in text
    assert "between 0 and 9, not 12" in text
    assert "Did you mean 'valid'" in text
    assert session.n_reviewed == 0


def test_undo_and_redo_leave_a_good_file(start):
    session = start()
    session.submit(YES)
    session.submit(YES)

    session.undo()
    session.delete_review(0)
    session.undo()
    session.select(1)
    session.submit({"valid": "no"})

    assert [(row["uid"], row["valid"]) for row in output(session)] == [
        (str(2**62 + 1), "yes"),
        (str(2**62 + 2), "no"),
    ]


def test_two_people_on_one_output_lose_nothing_and_see_each_other(start):
    ann, bob = start(), start()
    ann.submit(YES)

    with pytest.raises(AlreadyReviewed):
        bob.submit({"valid": "no"})
    assert bob.is_reviewed(0)
    bob.next()
    bob.submit({"valid": "no"})
    assert ann.refresh()

    assert (ann.n_reviewed, bob.n_reviewed) == (2, 2)
    assert (ann.n_session, bob.n_session) == (1, 1)
    assert [row["valid"] for row in output(ann)] == ["yes", "no"]


def test_three_quick_clicks_write_one_annotation(start):
    session = start()
    barrier = threading.Barrier(3)

    def click():
        barrier.wait()
        with contextlib.suppress(AlreadyReviewed):
            session.submit(YES, clip=0)

    threads = [threading.Thread(target=click) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(output(session)) == 1


def test_clips_are_prepared_and_bad_rows_say_why(start):
    session = start()
    view = ViewState(buffer=1.0)

    first = session.loader.prepare(session.clip, view)
    session.select(2)
    cut = session.loader.prepare(session.clip, view)
    session.select(3)

    assert (first.start_time, first.end_time) == (0.0, 4.0)
    assert (cut.start_time, cut.end_time) == (17.0, 20.0)
    assert "last 1.00 s are missing" in cut.notes[0]
    with pytest.raises(DataError, match=r"Row 4 .* no usable start_time: it says 'x'"):
        session.loader.prepare(session.clip, view)


def test_the_table_given_is_the_table_shown(start, table_file):
    page = start(display_columns=["species", "uid"]).page(0, 2)

    given = pd.read_csv(table_file)
    assert page.frame["uid"].tolist() == given["uid"].tolist()[:2]
    assert (page.n_pages, page.n_rows) == (2, 4)
