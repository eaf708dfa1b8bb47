"""The store: what one person, and two, do to the annotations of one output."""

from __future__ import annotations

import csv
import io
import threading
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from annotator.annotations.events import PROVENANCE
from annotator.annotations.store import AnnotationStore
from annotator.errors import AlreadyReviewed, ParameterError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "outputs" / "reviews.csv"


def open_store(path: Path, **options) -> AnnotationStore:
    options = {"columns": ["label", "note"], "annotator": "maria", **options}
    return AnnotationStore(path, **options)


def table(path: Path) -> list[dict[str, str]]:
    """Read the CSV file with Python's own reader."""
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8"), newline="")))


def test_a_store_touches_nothing_until_the_first_annotation(path):
    store = open_store(path)

    store.close()

    assert not path.parent.exists()


def test_submit_writes_index_form_and_provenance_columns_in_order(path):
    store = open_store(path, app_version="1.2")

    store.submit("7", [{"clip_id": 7, "label": "owl", "note": None}])

    header, line = path.read_text("utf-8").splitlines()
    assert header == "clip_id,label,note," + ",".join(PROVENANCE)
    assert line.startswith("7,owl,,")
    assert line.endswith(",1.2")


def test_submit_with_only_if_new_refuses_a_reviewed_clip(path):
    store = open_store(path)
    store.submit("7", [{"label": "owl"}])

    with pytest.raises(AlreadyReviewed, match="Clip 7"):
        store.submit("7", [{"label": "wren"}], only_if_new=True)

    assert [row["label"] for row in table(path)] == ["owl"]


def test_three_quick_submits_write_one_annotation(path):
    store = open_store(path)
    refused = []

    def press() -> None:
        try:
            store.submit("7", [{"label": "owl"}], only_if_new=True)
        except AlreadyReviewed as err:
            refused.append(err)

    threads = [threading.Thread(target=press) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(table(path)) == 1
    assert len(refused) == 2


def test_submit_without_rows_is_refused(path):
    store = open_store(path)

    with pytest.raises(ParameterError, match="nothing to submit"):
        store.submit("7", [])


def test_the_caller_s_row_is_not_changed(path):
    row = {"clip_id": 7, "label": "owl"}

    open_store(path).submit("7", [row])

    assert row == {"clip_id": 7, "label": "owl"}


def test_deleting_the_only_review_and_submitting_again_leaves_a_good_file(path):
    store = open_store(path)
    store.submit("7", [{"label": "owl"}])

    store.delete("7")
    store.submit("7", [{"label": "wren"}])
    store.flush()

    assert [row["label"] for row in table(path)] == ["wren"]
    assert path.read_text("utf-8").count("annotation_id") == 1


def test_deleting_and_waiting_leaves_the_header_to_submit_under(path):
    store = open_store(path)
    store.submit("7", [{"label": "owl"}])

    store.delete("7")
    store.flush()
    store.submit("8", [{"label": "wren"}])

    assert [row["clip_id"] for row in table(path)] == ["8"]


def test_delete_of_a_clip_without_review_does_nothing(path):
    assert open_store(path).delete("7") is None


def test_submitting_an_annotation_id_again_replaces_the_annotation(path):
    store = open_store(path)
    (key,) = store.submit("7", [{"label": "owl"}]).ids

    store.submit("7", [{"annotation_id": key, "label": "wren"}])
    store.flush()

    assert [(row["annotation_id"], row["label"]) for row in table(path)] == [
        (key, "wren")
    ]


def test_undo_takes_back_submit_delete_and_edit_in_turn(path):
    store = open_store(path)
    (key,) = store.submit("7", [{"label": "owl"}]).ids
    store.submit("7", [{"annotation_id": key, "label": "wren"}])
    store.delete("7")

    states = []
    for _ in range(4):
        undone = store.undo()
        labels = [row["label"] for row in store.rows_of("7")]
        states.append((undone and undone.clip, labels))

    assert states == [("7", ["wren"]), ("7", ["owl"]), ("7", []), (None, [])]


def test_undo_takes_back_a_skip_without_touching_annotations(path):
    store = open_store(path)
    store.submit("7", [{"label": "owl"}])
    store.skip("8")

    undone = store.undo()

    assert undone is not None
    assert undone.clip == "8"
    assert store.n_rows == 1


def test_undo_leaves_what_another_store_did(path):
    mine, other = open_store(path), open_store(path, annotator="chen")
    mine.submit("1", [{"label": "owl"}])
    other.submit("2", [{"label": "wren"}])

    mine.undo()
    mine.flush()

    assert [row["clip_id"] for row in table(path)] == ["2"]


def test_reviewed_is_the_clips_with_annotations(path):
    store = open_store(path)
    store.submit("1", [{"label": "owl"}])
    store.submit("2", [{"label": "owl"}, {"label": "wren"}])
    store.skip("3")
    store.delete("1")

    assert set(store.reviewed) == {"2"}
    assert "1" not in store.reviewed
    assert len(store.reviewed) == 1
    assert store.reviewed | {"9"} == {"2", "9"}


def test_what_was_submitted_is_there_after_opening_again(path):
    with open_store(path) as store:
        store.submit("1", [{"label": "owl"}])
        store.submit("2", [{"label": "wren"}])
        store.delete("1")

    again = open_store(path)

    assert [row["label"] for row in again.rows()] == ["wren"]
    assert set(again.reviewed) == {"2"}


def test_two_stores_on_one_output_lose_nothing_and_write_one_header(path):
    first, second = open_store(path), open_store(path, annotator="chen")

    for number in range(5):
        first.submit(f"a{number}", [{"label": "owl"}])
        second.submit(f"b{number}", [{"label": "wren"}])
    first.flush()

    assert len(table(path)) == 10
    assert path.read_text("utf-8").count("annotation_id") == 1
    assert {row["annotator"] for row in table(path)} == {"maria", "chen"}


def test_refresh_shows_what_another_store_did_and_is_false_without_news(path):
    first, second = open_store(path), open_store(path, annotator="chen")
    first.submit("1", [{"label": "owl"}])

    news = second.refresh()

    assert news
    assert "1" in second.reviewed
    assert not second.refresh()


def test_a_store_that_waits_to_rewrite_does_not_bring_deleted_rows_back(path):
    first, second = open_store(path), open_store(path, annotator="chen")
    first.submit("1", [{"label": "owl"}])
    first.delete("1")  # the file has the row still

    second.submit("2", [{"label": "wren"}])
    second.flush()
    first.flush()
    first.refresh()

    assert [row["clip_id"] for row in table(path)] == ["2"]
    assert set(first.reviewed) == set(second.reviewed) == {"2"}


def test_without_provenance_the_file_lacks_it_and_the_log_has_it(path):
    store = open_store(path, provenance=False)

    event = store.submit("7", [{"label": "owl"}])

    assert path.read_text("utf-8") == "clip_id,label,note\n7,owl,\n"
    assert event.ids[0] in store.log_path.read_text("utf-8")


def test_without_provenance_a_form_s_own_annotator_column_stays(path):
    store = open_store(path, columns=["label", "annotator"], provenance=False)

    store.submit("7", [{"label": "owl", "annotator": "field team"}])

    assert path.read_text("utf-8") == "clip_id,label,annotator\n7,owl,field team\n"


def test_a_column_that_the_form_gained_is_added_and_one_it_lost_stays(path):
    with open_store(path) as store:
        store.submit("1", [{"label": "owl", "note": "far"}])

    with open_store(path, columns=["label", "quality"]) as store:
        store.submit("2", [{"label": "wren", "quality": 3}])

    old, new = table(path)
    assert list(old)[:4] == ["clip_id", "label", "quality", "note"]
    assert (old["note"], old["quality"]) == ("far", "")
    assert (new["note"], new["quality"]) == ("", "3")


def test_frame_keeps_64_bit_ids_exact_where_others_are_missing(path):
    large = 2**60 + 1
    store = open_store(path, columns=["detection", "score"])
    store.submit("1", [{"detection": large, "score": 0.1}])
    store.submit("2", [{"detection": None, "score": 2}])

    frame = store.frame()

    assert frame["detection"].tolist()[0] == large
    assert frame["score"].dtype == "float64"
    assert list(frame.columns) == store.columns


def test_frame_is_what_pandas_reads_from_the_file(path):
    store = open_store(path, columns=["label", "n", "yes"])
    store.submit("1", [{"label": 'a,\n"b"', "n": 3, "yes": True}])
    store.submit("2", [{"label": None, "n": None, "yes": False}])

    pd.testing.assert_frame_equal(store.frame(), pd.read_csv(path))
