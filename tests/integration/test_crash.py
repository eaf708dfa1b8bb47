"""Bad days on this machine: kill -9, two processes, a full disk, lost files."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from annotator.annotations.output import OutputFile
from annotator.annotations.store import AnnotationStore
from annotator.errors import StorageError

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

# Submits, and now and then deletes or edits, for ever; says what is done.
WORKER = """
import sys
from annotator.annotations.store import AnnotationStore

path, name, n = sys.argv[1], sys.argv[2], int(sys.argv[3])
store = AnnotationStore(path, columns=["label", "note"], annotator=name)
print("ready", flush=True)
for number in range(n):
    clip = f"{name}-{number}"
    (key,) = store.submit(clip, [{"label": 'a "b",\\nc', "note": name * 20}]).ids
    print("set", clip, flush=True)
    if number % 5 == 3:
        store.delete(clip)
        print("delete", clip, flush=True)
    if number % 7 == 2:
        store.submit(clip, [{"clip_id": clip, "annotation_id": key, "label": "new"}])
        print("set", clip, flush=True)
store.close()
"""


def start(path: Path, name: str, n: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, str(path), name, str(n)],
        stdout=subprocess.PIPE,
        text=True,
    )


def standing(lines: list[str]) -> set[str]:
    """Give the clips that the worker's words say are reviewed."""
    clips: set[str] = set()
    for line in lines:
        if line.endswith("\n"):
            word, _, clip = line.strip().partition(" ")
            if word == "set":
                clips.add(clip)
            elif word == "delete":
                clips.discard(clip)
    return clips


def read_csv(path: Path) -> list[dict[str, str]]:
    """Read with Python's own reader; every row must have every cell."""
    rows = list(csv.reader(io.StringIO(path.read_text("utf-8"), newline="")))
    assert {len(row) for row in rows} == {len(rows[0])}
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def read_jsonl(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@pytest.mark.parametrize(
    ("extension", "read"), [("csv", read_csv), ("jsonl", read_jsonl)]
)
def test_kill_9_loses_no_acknowledged_annotation(tmp_path, extension, read):
    path = tmp_path / f"reviews.{extension}"
    expected: set[str] = set()

    for n_heard in (3, 10, 37, 75, 111, 160):
        worker = start(path, f"w{n_heard}", 100_000)
        lines = [worker.stdout.readline() for _ in range(n_heard)]
        worker.kill()
        lines += worker.stdout.readlines()
        worker.wait()
        worker.stdout.close()
        expected |= standing(lines)

    with AnnotationStore(path, columns=["label", "note"], annotator="me") as store:
        found = set(store.reviewed)
    in_file = {row["clip_id"] for row in read(path)}

    # The last step of each round may have happened without being heard of.
    assert expected - found <= deleted(store)
    assert len(expected - found) <= 6
    assert found == in_file
    assert len(read(path)) == store.n_rows
    assert len(expected) > 100


def deleted(store: AnnotationStore) -> set[str]:
    """Give the clips whose deletion is in the log."""
    events = map(json.loads, store.log_path.read_text("utf-8").splitlines())
    return {event["clip"] for event in events if event["kind"] == "delete"}


def test_two_processes_on_one_output_lose_nothing(tmp_path):
    path = tmp_path / "reviews.csv"

    workers = [start(path, name, 60) for name in ("maria", "chen")]
    spoken = [worker.communicate()[0].splitlines(keepends=True) for worker in workers]

    assert [worker.returncode for worker in workers] == [0, 0]
    rows = read_csv(path)
    assert {row["clip_id"] for row in rows} == standing(spoken[0]) | standing(spoken[1])
    assert len({row["annotation_id"] for row in rows}) == len(rows)
    assert path.read_text("utf-8").count("annotation_id") == 1


FULL_DISK = """
import resource, signal, sys
from annotator.annotations.store import AnnotationStore
from annotator.errors import StorageError

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
store = AnnotationStore(sys.argv[1], columns=["label"], annotator="maria")
for number in range(1000):
    try:
        store.submit(str(number), [{"label": "x" * 50}])
    except StorageError as err:
        print(err)
        break
    print("set", number)
"""


@pytest.mark.skipif(os.name == "nt", reason="needs a limit on the size of files")
def test_a_disk_that_is_full_acknowledges_nothing_more_and_breaks_nothing(tmp_path):
    path = tmp_path / "reviews.csv"

    spoken = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(path), "20000"],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout.splitlines()

    *said, error = spoken
    assert "was not saved" in error
    assert (tmp_path / "reviews.csv.log").read_bytes().endswith(b"\n")
    with AnnotationStore(path, columns=["label"], annotator="maria") as store:
        assert [f"set {clip}" for clip in store.reviewed] == said
    assert len(read_csv(path)) == len(said)


def test_an_output_that_cannot_be_written_loses_no_annotation(tmp_path, caplog):
    path = tmp_path / "reviews.csv"
    store = AnnotationStore(path, columns=["label"], annotator="maria")
    store.submit("1", [{"label": "owl"}])
    path.unlink()
    (path / "in the way").mkdir(parents=True)

    store.submit("2", [{"label": "wren"}])
    store.flush()

    assert store.output_error.startswith(f"The output {path} cannot be written now")
    assert set(store.reviewed) == {"1", "2"}
    (path / "in the way").rmdir()
    path.rmdir()
    store.flush()
    assert store.output_error is None
    assert [row["clip_id"] for row in read_csv(path)] == ["1", "2"]


def test_a_log_that_cannot_be_written_is_a_sentence_and_nothing_is_kept(tmp_path):
    path = tmp_path / "reviews.csv"
    store = AnnotationStore(path, columns=["label"], annotator="maria")
    store.log_path.mkdir()

    with pytest.raises(StorageError, match=r"reviews\.csv\.log cannot be"):
        store.submit("1", [{"label": "owl"}])

    assert store.n_rows == 0
    assert not path.exists()


def test_hand_edits_are_taken_in_once_while_the_output_cannot_be_rewritten(tmp_path):
    path = tmp_path / "reviews.csv"
    store = AnnotationStore(path, columns=["label"], annotator="maria")
    store.submit("1", [{"label": "owl"}])
    path.write_text(path.read_text().replace("owl", "wren") + "2,tit,,,,\n")
    store.refresh()
    size = store.log_path.stat().st_size

    # what a crash before the rewriting leaves: the file as the hand left it
    for _ in range(3):
        AnnotationStore(path, columns=["label"], annotator="maria")

    assert store.log_path.stat().st_size == size
    store.close()


def test_a_file_that_is_no_table_is_not_overwritten_by_the_first_submit(tmp_path):
    path = tmp_path / "reviews.parquet"
    with AnnotationStore(path, columns=["label"], annotator="maria") as store:
        path.write_bytes(b"somebody's own notes")

        store.submit("1", [{"label": "owl"}])

    (aside,) = tmp_path.glob("reviews.broken-*.parquet")
    assert aside.read_bytes() == b"somebody's own notes"


def test_hand_edits_are_read_once_while_the_output_waits(tmp_path, monkeypatch):
    path = tmp_path / "reviews.csv"
    store = AnnotationStore(path, columns=["label"], annotator="maria")
    store.submit("1", [{"label": "owl"}])
    reads = []
    plain = OutputFile.read
    monkeypatch.setattr(
        OutputFile, "read", lambda self: reads.append(self) or plain(self)
    )
    path.write_text(path.read_text().replace("owl", "tawny owl"))

    store.refresh()
    store.submit("2", [{"label": "wren"}])
    store.close()

    assert len(reads) == 1
    assert [row["label"] for row in read_csv(path)] == ["tawny owl", "wren"]


def test_a_log_that_was_removed_is_made_again_from_the_output(tmp_path):
    path = tmp_path / "reviews.csv"
    store = AnnotationStore(path, columns=["label"], annotator="maria")
    store.submit("1", [{"label": "owl"}])
    store.log_path.unlink()

    store.submit("2", [{"label": "wren"}])
    store.close()

    assert [row["label"] for row in read_csv(path)] == ["owl", "wren"]
    with AnnotationStore(path, columns=["label"], annotator="maria") as again:
        assert set(again.reviewed) == {"1", "2"}


@pytest.mark.parametrize("cut", [1, 5, 30, 60])
def test_a_torn_last_line_of_the_output_is_no_annotation(tmp_path, cut):
    path = tmp_path / "reviews.csv"
    store = AnnotationStore(path, columns=["label", "note"], annotator="maria")
    store.submit("1", [{"label": "owl"}])
    state = (tmp_path / "reviews.csv.state.json").read_bytes()
    store.submit("2", [{"label": 'of, two\n"lines"', "note": "x" * 20}])
    whole = path.read_bytes()
    path.write_bytes(whole[:-cut])
    (tmp_path / "reviews.csv.state.json").write_bytes(state)
    size = store.log_path.stat().st_size

    with AnnotationStore(path, columns=["label", "note"], annotator="chen") as again:
        rows = list(again.rows())

    assert [row["clip_id"] for row in rows] == ["1", "2"]
    assert path.read_bytes() == whole
    assert again.log_path.stat().st_size == size


def test_what_waits_at_exit_is_written(tmp_path):
    path = tmp_path / "reviews.parquet"
    code = (
        "import sys; from annotator.annotations.store import AnnotationStore\n"
        "store = AnnotationStore(sys.argv[1], columns=['label'], annotator='m')\n"
        "store.submit('1', [{'label': 'owl'}])\n"  # a new file: written at once
        "store.submit('2', [{'label': 'wren'}])"  # a second row: written later
    )

    subprocess.run([sys.executable, "-c", code, str(path)], check=True)

    import pandas as pd

    assert pd.read_parquet(path)["label"].tolist() == ["owl", "wren"]
