"""Which file of a folder an annotation stands in, and what types it has there."""

from __future__ import annotations

import datetime as dt
import io
import uuid

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.annotations.events import new_id
from annotator.annotations.parquet import Schema
from annotator.annotations.partitions import by_part, is_part, mark_of, part_of
from annotator.annotations.store import AnnotationStore
from annotator.errors import ParameterError, StorageError

MOMENTS = st.datetimes(dt.datetime(1970, 1, 1), dt.datetime(9999, 12, 31))


@given(MOMENTS, st.integers(0, 2**12 - 1), st.integers(0, 2**62 - 1))
def test_the_id_alone_says_day_and_person(moment, mark, random):
    seconds = moment.replace(tzinfo=dt.UTC).timestamp()
    value = int(seconds * 1000) << 80 | 7 << 76 | mark << 64 | 2 << 62 | random
    key = str(uuid.UUID(int=value))

    part = part_of(key)

    day = dt.datetime.fromtimestamp(int(seconds * 1000) / 1000, dt.UTC).date()
    assert part == f"annotated_on={day.isoformat()}/part-{mark:03x}.parquet"
    assert is_part(part)


@given(st.text() | st.uuids().map(str))
def test_other_ids_have_a_file_of_their_own(key):
    if uuid_version(key) != 7:
        assert part_of(key) == "annotated_on=unknown/part-000.parquet"
    assert is_part(part_of(key))


def uuid_version(text: str) -> int | None:
    try:
        return uuid.UUID(text).version
    except ValueError:
        return None


def test_an_id_is_a_uuid_of_version_7_that_names_its_maker():
    found = uuid.UUID(new_id("maria"))

    assert (found.version, found.variant) == (7, uuid.RFC_4122)
    assert mark_of("maria") != mark_of("chen")
    assert part_of(str(found)).endswith(f"part-{mark_of('maria'):03x}.parquet")


@pytest.mark.parametrize(
    "name",
    [
        "annotated_on=2026-11-21/part-a3f.replaced.parquet",
        "annotated_on=2026-11-21/.part-a3f.parquet.1-2.tmp",
        "part-a3f.parquet",
        "annotated_on=2026-11-21/mine.parquet",
        "x/annotated_on=2026-11-21/part-a3f.parquet",
    ],
)
def test_other_names_are_not_ours(name):
    assert not is_part(name)


def test_each_row_is_in_one_part():
    keys = [new_id(name) for name in ("maria", "chen") for _ in range(20)] + ["x"]
    rows = {key: {"annotation_id": key} for key in keys}

    parts = by_part(rows)

    assert sorted(key for part in parts.values() for key in part) == sorted(keys)
    assert len(parts) == 3


@given(
    st.lists(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False)
        | st.text(),
        min_size=1,
        max_size=8,
    )
)
def test_every_part_of_the_rows_fits_the_schema_of_all(cells):
    rows = [{"value": cell} for cell in cells]
    schema = Schema(["value"], rows)

    types = {
        str(
            pd.read_parquet(
                io.BytesIO(schema.render([row])), dtype_backend="pyarrow"
            ).dtypes["value"]
        )
        for row in rows
    }

    assert len(types) == 1


def test_a_new_kind_of_value_changes_the_types_in_all_files(tmp_path):
    path = f"{tmp_path}/reviews/"
    old = {"annotation_id": "of another day", "n": 1}
    with AnnotationStore(path, columns=["n"], annotator="maria") as store:
        store.submit("1", [old])
        store.flush()
        store.submit("2", [{"n": 2.5}])
        store.submit("3", [{"n": None, "remark": "owl"}])

    frame = pd.read_parquet(path)

    assert sorted(frame["n"].dropna()) == [1.0, 2.5]
    assert frame["remark"].dropna().tolist() == ["owl"]


def test_a_deleted_review_leaves_its_file_without_rows(tmp_path):
    path = f"{tmp_path}/reviews/"
    with AnnotationStore(path, columns=["label"], annotator="maria") as store:
        store.submit("1", [{"label": "owl"}])
        store.flush()
        (file,) = store.path.rglob("*.parquet")

        store.delete("1")
        store.flush()

        assert len(pd.read_parquet(file)) == 0
        assert store.output_error is None


def test_unchanged_files_are_not_written_again(tmp_path):
    path = f"{tmp_path}/reviews/"
    with AnnotationStore(path, columns=["label"], annotator="maria") as store:
        store.submit("1", [{"label": "owl", "annotation_id": "an old one"}])
        store.flush()
        (file,) = store.path.rglob("*.parquet")
        before = file.stat()

        store.submit("2", [{"label": "wren"}])
        store.flush()

        assert len(list(store.path.rglob("*.parquet"))) == 2
        assert file.stat() == before


def test_a_folder_needs_no_slash_once_it_is_there(tmp_path):
    with AnnotationStore(f"{tmp_path}/reviews/", columns=["n"], annotator="m") as store:
        store.submit("1", [{"n": 1}])

    with AnnotationStore(tmp_path / "reviews", columns=["n"], annotator="m") as again:
        assert again.is_folder
        assert again.n_rows == 1


def test_a_folder_where_a_file_is_says_so(tmp_path):
    (tmp_path / "reviews").write_text("a file")

    with pytest.raises(StorageError, match="is a file, and its path ends in '/'"):
        AnnotationStore(f"{tmp_path}/reviews/", columns=["n"], annotator="m")


def test_the_name_of_the_folders_column_is_taken(tmp_path):
    with pytest.raises(ParameterError, match="'annotated_on'"):
        AnnotationStore(f"{tmp_path}/r/", columns=["annotated_on"], annotator="m")
