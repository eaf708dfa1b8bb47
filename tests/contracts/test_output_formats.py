"""What every output format owes its users: exact, whole, and editable by hand."""

from __future__ import annotations

import logging
import os
import time
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd
import pytest

from annotator.annotations.events import PROVENANCE
from annotator.annotations.store import AnnotationStore

if TYPE_CHECKING:
    from pathlib import Path

LARGE = 2**60 + 1


class OutputFormatContract:
    """Subclass with the extension, and with pandas' reader and writer for it."""

    extension: ClassVar[str]

    def read(self, path: Path) -> pd.DataFrame:
        raise NotImplementedError

    def write(self, frame: pd.DataFrame, path: Path) -> None:
        raise NotImplementedError

    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        return tmp_path / f"reviews.{self.extension}"

    @pytest.fixture
    def store(self, path: Path):
        with self.open(path) as store:
            yield store

    def open(self, path: Path, **options) -> AnnotationStore:
        options = {"columns": ["label", "n"], "annotator": "maria", **options}
        return AnnotationStore(path, **options)

    def edit(self, path: Path, change) -> None:
        """Change the file as a person would: read it, change it, save it."""
        frame = change(self.read(path))
        before = path.stat()
        self.write(frame, path)
        if path.is_file() and path.stat().st_mtime_ns == before.st_mtime_ns:
            os.utime(path, ns=(time.time_ns(), before.st_mtime_ns + 1_000_000))

    def test_what_is_submitted_is_what_pandas_reads(self, store, path):
        store.submit("1", [{"label": "owl", "n": 3}])
        store.submit("2", [{"label": 'Käuzchen, "der" 🦉\nzwei', "n": 4}])
        store.flush()

        frame = self.read(path)

        assert frame["label"].tolist() == ["owl", 'Käuzchen, "der" 🦉\nzwei']
        assert frame["n"].tolist() == [3, 4]
        assert frame.columns.tolist() == ["clip_id", "label", "n", *PROVENANCE]

    def test_numpy_and_pandas_values_are_kept(self, store):
        row = {
            "label": pd.Timestamp("2026-05-01T04:00:00Z"),
            "n": np.int64(LARGE),
            "score": np.float64(0.1),
            "missing": float("nan"),
            "absent": pd.NA,
            "yes": np.bool_(True),
        }
        (key,) = store.submit("1", [row]).ids
        store.close()

        (kept,) = self.open(store.path).rows_of("1")

        assert {name: kept[name] for name in row} == {
            "label": "2026-05-01T04:00:00+00:00",
            "n": LARGE,
            "score": 0.1,
            "missing": None,
            "absent": None,
            "yes": True,
        }
        assert kept["annotation_id"] == key

    def test_64_bit_integers_are_exact_beside_missing_ones(self, store, path):
        store.submit("1", [{"label": "owl", "n": LARGE}])
        store.submit("2", [{"label": "owl", "n": None}])
        store.flush()

        assert str(LARGE) in self.texts(path)["n"]

    def texts(self, path: Path) -> dict[str, list[str]]:
        """Give the cells as text, read by another program."""
        frame = self.read(path)
        return {name: [str(value) for value in frame[name]] for name in frame}

    def test_a_lone_surrogate_is_replaced_not_fatal(self, store, path):
        store.submit("1", [{"label": "owl \ud800!", "n": 1}])
        store.flush()

        assert self.read(path)["label"].tolist() == ["owl \ufffd!"]

    def test_a_cell_edited_by_hand_becomes_an_event_of_this_person(self, store, path):
        store.submit("1", [{"label": "owl", "n": 1}])
        store.submit("2", [{"label": "owl", "n": 2}])
        store.flush()
        before = {row["clip_id"]: row for row in store.rows()}
        self.edit(path, lambda frame: frame.assign(label=["owl", "wren"]))

        with self.open(path, annotator="chen") as other:
            other.refresh()
            after = {row["clip_id"]: row for row in other.rows()}

        assert after["1"] == before["1"]
        assert after["2"]["label"] == "wren"
        assert after["2"]["annotator"] == "chen"
        assert after["2"]["annotation_id"] == before["2"]["annotation_id"]
        assert after["2"]["created_at"] > before["2"]["created_at"]

    def test_a_row_deleted_by_hand_is_deleted(self, store, path):
        store.submit("1", [{"label": "owl", "n": 1}])
        store.submit("2", [{"label": "owl", "n": 2}])
        store.flush()

        self.edit(path, lambda frame: frame.iloc[1:])
        store.refresh()

        assert set(store.reviewed) == {"2"}

    def test_a_row_added_by_hand_gets_an_id(self, store, path):
        store.submit("1", [{"label": "owl", "n": 1}])
        store.flush()
        added = pd.DataFrame([{"clip_id": "2", "label": "wren", "n": 5}])
        self.edit(path, lambda frame: self.concat(frame, added))

        store.refresh()
        store.flush()

        assert set(store.reviewed) == {"1", "2"}
        assert len(set(self.read(path)["annotation_id"])) == 2

    def concat(self, frame: pd.DataFrame, added: pd.DataFrame) -> pd.DataFrame:
        added = added.reindex(columns=frame.columns)
        return pd.concat([frame.astype(object), added.astype(object)])

    def test_saving_the_file_unchanged_is_no_edit(self, store, path):
        store.submit("1", [{"label": "001", "n": 1}])
        store.submit("2", [{"label": "NA", "n": None}])
        store.flush()
        size = store.log_path.stat().st_size

        self.edit(path, lambda frame: frame)
        store.refresh()

        assert store.log_path.stat().st_size == size

    def test_a_submit_takes_a_hand_s_edit_in_first(self, store, path):
        store.submit("1", [{"label": "owl", "n": 1}])
        store.flush()
        self.edit(path, lambda frame: frame.assign(label="wren"))

        store.submit("2", [{"label": "owl", "n": 2}])
        store.flush()

        assert self.read(path)["label"].tolist() == ["wren", "owl"]

    def test_a_very_long_text_is_read_again(self, path):
        self.write(pd.DataFrame({"clip_id": ["1"], "label": ["x" * 10**6]}), path)

        with self.open(path) as store:
            rows = store.rows_of("1")

        assert [len(row["label"]) for row in rows] == [10**6]

    def test_without_provenance_hand_edits_are_found_by_content(self, path):
        store = self.open(path, provenance=False)
        for clip in "1234":
            store.submit(clip, [{"label": "owl", "n": 1}])
        store.flush()
        ids = {row["clip_id"]: row["annotation_id"] for row in store.rows()}

        # 1 is deleted, 2 edited, 3 and 4 change places
        self.edit(
            path,
            lambda frame: frame.assign(label=["owl", "wren", "owl", "owl"]).iloc[
                [1, 3, 2]
            ],
        )
        store.refresh()

        rows = {row["clip_id"]: row for row in store.rows()}
        assert {clip: row["label"] for clip, row in rows.items()} == {
            "2": "wren",
            "3": "owl",
            "4": "owl",
        }
        assert {clip: row["annotation_id"] for clip, row in rows.items()} == {
            clip: ids[clip] for clip in "234"
        }

    def test_a_file_without_a_log_is_adopted(self, path):
        self.write(pd.DataFrame({"label": ["owl", "wren"], "clip_id": [1, 2]}), path)
        for file in (path, *path.glob("*")):
            os.utime(file, (1_700_000_000, 1_700_000_000))

        with self.open(path) as store:
            rows = list(store.rows())
        frame = self.read(path)

        assert set(store.reviewed) == {"1", "2"}
        assert {row["annotator"] for row in rows} == {""}
        assert {row["created_at"] for row in rows} == {"2023-11-14T22:13:20.000000Z"}
        assert frame["label"].tolist() == ["owl", "wren"]
        assert frame["annotation_id"].tolist() == [r["annotation_id"] for r in rows]

    def test_an_adopted_file_without_index_column_is_matched_to_clips(self, path):
        self.write(pd.DataFrame({"start": [1.5, 9.0], "label": ["owl", "wren"]}), path)
        clips = {"1.5": "abc"}

        with self.open(path, match=lambda row: clips.get(str(row["start"]))) as store:
            reviewed = set(store.reviewed)

        assert reviewed == {"abc"}
        assert store.n_rows == 2

    def test_an_adopted_file_keeps_the_provenance_that_it_has(self, path):
        with self.open(path) as store:
            (key,) = store.submit("1", [{"label": "owl", "n": 1}]).ids
        store.log_path.unlink()

        with self.open(path, annotator="chen") as again:
            (row,) = again.rows()

        assert (row["annotation_id"], row["annotator"]) == (key, "maria")

    def test_an_output_removed_by_hand_comes_back_from_the_log(self, store, path):
        store.submit("1", [{"label": "owl", "n": 1}])
        store.flush()

        self.remove(path)
        store.flush()

        assert self.read(path)["label"].tolist() == ["owl"]

    def remove(self, path: Path) -> None:
        path.unlink()

    def test_an_output_that_broke_is_set_aside_and_written_anew(
        self, store, path, caplog
    ):
        store.submit("1", [{"label": "owl", "n": 1}])
        store.close()
        self.break_(path)

        with caplog.at_level(logging.WARNING), self.open(path):
            pass

        assert self.read(path)["label"].tolist() == ["owl"]

    def break_(self, path: Path) -> None:
        path.write_bytes(self.broken())

    def broken(self) -> bytes:
        return b"\x00\x01 this is no table\n[]\n"


class TestCsv(OutputFormatContract):
    extension = "csv"

    def read(self, path: Path) -> pd.DataFrame:
        return pd.read_csv(path, dtype={"label": str}, keep_default_na=False)

    def write(self, frame: pd.DataFrame, path: Path) -> None:
        frame.to_csv(path, index=False)

    def texts(self, path: Path) -> dict[str, list[str]]:
        frame = pd.read_csv(path, dtype=str)
        return {name: [str(value) for value in frame[name]] for name in frame}

    def test_what_is_submitted_is_what_pandas_reads(self, store, path):
        super().test_what_is_submitted_is_what_pandas_reads(store, path)
        assert b"\r" not in path.read_bytes()

    def test_a_file_in_utf_16_deletes_nothing(self, store, path):
        store.submit("1", [{"label": "owl", "n": 1}])
        store.flush()
        path.write_bytes(path.read_text("utf-8").encode("utf-16"))

        store.refresh()
        store.flush()

        assert self.read(path)["label"].tolist() == ["owl"]


class TestJsonLines(OutputFormatContract):
    extension = "jsonl"

    def read(self, path: Path) -> pd.DataFrame:
        return pd.read_json(path, lines=True, dtype=False)

    def write(self, frame: pd.DataFrame, path: Path) -> None:
        frame.to_json(path, orient="records", lines=True, force_ascii=False)

    def texts(self, path: Path) -> dict[str, list[str]]:
        import json

        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        return {name: [str(row[name]) for row in rows] for name in rows[0]}


class TestParquet(OutputFormatContract):
    extension = "parquet"

    def read(self, path: Path) -> pd.DataFrame:
        return pd.read_parquet(path, dtype_backend="pyarrow")

    def write(self, frame: pd.DataFrame, path: Path) -> None:
        frame.infer_objects().to_parquet(path, index=False)


class TestFolder(OutputFormatContract):
    """Parquet files by day and person; a person saves all of them as one."""

    extension = "folder"

    def open(self, path: Path, **options) -> AnnotationStore:
        return super().open(f"{path}/", **options)

    def read(self, path: Path) -> pd.DataFrame:
        frame = pd.read_parquet(path, dtype_backend="pyarrow")
        if "created_at" in frame:  # the files are in the order of days and people
            frame = frame.sort_values("created_at", kind="stable", ignore_index=True)
        return frame.drop(columns="annotated_on")

    def write(self, frame: pd.DataFrame, path: Path) -> None:
        self.remove(path)
        path.mkdir(exist_ok=True)
        frame.infer_objects().to_parquet(path / "mine.parquet", index=False)

    def remove(self, path: Path) -> None:
        for file in path.rglob("*.parquet"):
            file.unlink()

    def break_(self, path: Path) -> None:
        for file in path.rglob("*.parquet"):
            file.write_bytes(self.broken())
