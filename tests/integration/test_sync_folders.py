"""Sync of an output that is a folder: what is peculiar to it."""

from __future__ import annotations

import shutil

import pandas as pd
import pytest

from annotator.annotations.sync import sync
from annotator.errors import ParameterError
from tests.integration.syncing import local_files, opened_stores


@pytest.fixture
def open_store(tmp_path):
    with opened_stores(tmp_path) as open_one:
        yield lambda name, **options: open_one(name, extension="folder", **options)


@pytest.fixture
def shared(tmp_path):
    return tmp_path / "shared"


def test_people_with_other_columns_and_types_have_one_table(open_store, shared):
    maria = open_store("maria", columns=["n", "sex"])
    chen = open_store("chen", columns=["n", "age"])
    maria.submit("1", [{"n": 1, "sex": "f"}])
    chen.submit("2", [{"n": 2.5, "age": 3}])

    for store in (maria, chen, maria, chen):
        result = sync(store, shared)

    frame = pd.read_parquet(shared).set_index("clip_id")
    assert result.uploaded == 0
    assert frame["n"].to_dict() == {"1": 1.0, "2": 2.5}
    assert frame["sex"].dropna().to_dict() == {"1": "f"}
    assert frame["age"].dropna().to_dict() == {"2": 3.0}


def test_two_people_of_one_day_do_not_write_the_same_file(open_store, shared):
    maria, chen = open_store("maria"), open_store("chen")
    maria.submit("1", [{"label": "owl"}])
    chen.submit("2", [{"label": "wren"}])
    sync(maria, shared)
    before = {path: path.stat() for path in shared.rglob("part-*.parquet")}

    sync(chen, shared)

    after = {path: path.stat() for path in shared.rglob("part-*.parquet")}
    assert len(after) == len(before) + 1
    assert before.items() <= after.items()


def test_files_of_other_programs_are_left_alone(open_store, shared):
    store = open_store("maria")
    store.submit("1", [{"label": "owl"}])
    shared.mkdir()
    (shared / "README.txt").write_text("Our owls")
    (store.path / "notes.txt").write_text("mine")

    sync(store, shared)
    again = sync(store, shared)

    assert (shared / "README.txt").read_text() == "Our owls"
    assert not (shared / "notes.txt").exists()
    assert again.uploaded == 0


def test_a_row_that_somebody_put_into_another_file_is_not_lost(open_store, shared):
    maria, chen = open_store("maria"), open_store("chen")
    (key,) = maria.submit("1", [{"label": "owl"}]).ids
    sync(maria, shared)
    (file,) = shared.rglob("part-*.parquet")
    other = file.with_name("part-fff.parquet")
    shutil.move(file, other)
    maria.submit("1", [{"label": "tawny owl", "annotation_id": key}])

    for store in (maria, chen, maria):
        sync(store, shared)

    (row,) = chen.rows_of("1")
    assert [row] == maria.rows_of("1")
    assert row["label"] == "tawny owl"
    assert pd.read_parquet(shared)["clip_id"].tolist() == ["1"]


def test_a_copy_is_a_folder_to_go_on_with(open_store, shared, tmp_path):
    maria = open_store("maria")
    maria.submit("1", [{"label": "owl"}])
    sync(maria, shared)
    shutil.copytree(shared, tmp_path / "chen" / "reviews")

    chen = open_store("chen")
    chen.submit("2", [{"label": "wren"}])
    result = sync(chen, shared)

    assert chen.rows_of("1") == maria.rows_of("1")
    assert (result.merged, result.conflicts) == (0, [])
    assert len(pd.read_parquet(shared)) == 2


def test_the_folder_itself_or_one_in_it_is_no_destination(open_store):
    store = open_store("maria")
    store.submit("1", [{"label": "owl"}])

    for place in (store.path, store.path / "copy"):
        with pytest.raises(ParameterError, match="the output itself, or in it"):
            sync(store, place)


def test_a_file_is_no_destination_of_a_folder(open_store, tmp_path):
    store = open_store("maria")
    store.submit("1", [{"label": "owl"}])
    (tmp_path / "reviews.csv").write_text("")

    with pytest.raises(ParameterError, match=r"is a file, but the output reviews/ is"):
        sync(store, tmp_path / "reviews.csv")


def test_recursive_false_refuses_a_folder(open_store, shared):
    store = open_store("maria")
    store.submit("1", [{"label": "owl"}])

    with pytest.raises(ParameterError, match="pass recursive=True"):
        sync(store, shared, recursive=False)

    assert sync(store, shared, recursive=True).uploaded == 1
    assert len(local_files(store)) == 1
