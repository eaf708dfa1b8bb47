from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.audio.remote import anchors as module
from annotator.audio.remote.anchors import MOST_ANCHORS, Anchors, anchors_of

if TYPE_CHECKING:
    from pathlib import Path

ADDRESS, VERSION = "s3://bucket/a.flac", '"1"'


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ANNOTATOR_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache" / "anchors"


def points(anchors: Anchors) -> list[tuple[int, int]]:
    frames, places = anchors.points()
    return list(zip(frames.tolist(), places.tolist(), strict=True))


def kept(address: str = ADDRESS, version: str | None = VERSION) -> Anchors:
    return anchors_of(address, version)


def saved(*known: tuple[int, int], note: bytes = b"note") -> Anchors:
    anchors = kept()
    anchors.note = note
    anchors.add([frame for frame, _ in known], [place for _, place in known])
    anchors.save()
    return anchors


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.anchors"))


def test_anchors_come_in_order_and_once() -> None:
    anchors = Anchors()

    anchors.add([500, 100], [50, 10])
    anchors.add([300, 100], [30, 10])

    assert points(anchors) == [(100, 10), (300, 30), (500, 50)]


def test_the_newer_anchor_of_a_frame_counts() -> None:
    anchors = Anchors()

    anchors.add([100, 500], [10, 50])
    anchors.add([500], [60])

    assert points(anchors) == [(100, 10), (500, 60)]


def test_old_anchors_that_contradict_new_ones_go() -> None:
    anchors = Anchors()

    anchors.add([100, 200, 300, 400], [10, 20, 30, 40])
    anchors.add([250], [15])
    assert points(anchors) == [(100, 10), (250, 15), (300, 30), (400, 40)]

    anchors.add([150], [35])
    assert points(anchors) == [(100, 10), (150, 35), (400, 40)]


def test_nothing_new_changes_nothing() -> None:
    anchors = Anchors()
    anchors.add([1], [1])

    anchors.add([], [])

    assert points(anchors) == [(1, 1)]


@given(
    batches=st.lists(
        st.lists(st.integers(0, 10**6), min_size=1, max_size=50), max_size=5
    )
)
def test_true_anchors_never_contradict_each_other(batches: list[list[int]]) -> None:
    anchors = Anchors()

    for batch in batches:
        anchors.add(batch, [7 * frame + 42 for frame in batch])

    everything = sorted({frame for batch in batches for frame in batch})
    assert points(anchors) == [(frame, 7 * frame + 42) for frame in everything]


def test_their_number_is_bounded_and_the_ends_stay() -> None:
    anchors = Anchors()

    for start in range(0, 20_000, 1000):
        frames = np.arange(start, start + 1000)
        anchors.add(frames, frames * 3)

    frames, places = anchors.points()
    assert MOST_ANCHORS / 4 < len(frames) <= MOST_ANCHORS
    assert (frames[0], frames[-1]) == (0, 19_999)
    assert np.diff(frames).max() < 40
    np.testing.assert_array_equal(places, frames * 3)


def test_a_later_session_knows_them() -> None:
    saved((0, 42), (4096, 9000))

    later = kept()

    assert points(later) == [(0, 42), (4096, 9000)]
    assert later.note == b"note"


def test_another_process_knows_them() -> None:
    saved((0, 42), (4096, 9000))
    code = (
        "from annotator.audio.remote.anchors import anchors_of\n"
        f"anchors = anchors_of({ADDRESS!r}, {VERSION!r})\n"
        "print(anchors.note, [a.tolist() for a in anchors.points()])"
    )

    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert result.stdout.strip() == "b'note' [[0, 4096], [42, 9000]]"


@pytest.mark.parametrize(
    ("address", "version"), [(ADDRESS, '"2"'), ("s3://bucket/b.flac", VERSION)]
)
def test_another_file_or_version_has_its_own(address: str, version: str) -> None:
    saved((0, 42))

    assert points(kept(address, version)) == []


def test_without_a_version_nothing_is_kept(folder: Path) -> None:
    anchors = kept(version=None)
    anchors.add([0], [42])
    anchors.save()

    assert points(kept(version=None)) == []
    assert not folder.exists()


def test_the_address_is_not_told_by_the_file(folder: Path) -> None:
    anchors = kept("https://example.org/a.flac?key=secret")
    anchors.add([0], [42])
    anchors.save()

    (file,) = files(folder)
    assert "secret" not in file.name
    assert b"secret" not in file.read_bytes()
    if os.name == "posix":
        assert folder.stat().st_mode & 0o077 == 0


def test_two_sessions_add_to_each_other() -> None:
    saved((0, 42))
    one, other = kept(), kept()

    one.add([100], [142])
    other.add([200], [242])
    one.save()
    other.save()

    assert points(kept()) == [(0, 42), (100, 142), (200, 242)]
    assert points(other) == [(0, 42), (100, 142), (200, 242)]


def test_many_threads_lose_nothing() -> None:
    saved((0, 42))

    def work(number: int) -> None:
        anchors = kept()
        for step in range(10):
            frame = 1 + 10 * step + number
            anchors.add([frame], [frame + 42])
            anchors.save()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    frames = [0] + [1 + 10 * step + number for step in range(10) for number in range(4)]
    assert points(kept()) == [(frame, frame + 42) for frame in sorted(frames)]


def test_what_was_known_of_another_reading_is_not_mixed_in() -> None:
    saved((0, 42), (100, 142), note=b"old")
    anchors = kept()

    anchors.forget()
    anchors.note = b"new"
    anchors.add([0], [50])
    saved((0, 42), (100, 142), note=b"old")  # a session that has not noticed
    anchors.save()

    assert points(kept()) == [(0, 50)]
    assert kept().note == b"new"


def test_forgotten_anchors_are_gone_from_the_disk(folder: Path) -> None:
    anchors = saved((0, 42))

    anchors.forget()
    anchors.save()

    assert points(anchors) == []
    assert anchors.note == b""
    assert points(kept()) == []
    assert files(folder) == []


def test_saving_twice_writes_once(folder: Path) -> None:
    anchors = saved((0, 42))
    (file,) = files(folder)
    file.unlink()

    anchors.add([0], [42])
    anchors.note = b"note"
    anchors.save()

    assert files(folder) == []


@pytest.mark.parametrize("length", [0, 5, 19, 30, -1])
def test_a_torn_file_counts_as_none(folder: Path, length: int) -> None:
    saved((0, 42), (4096, 9000))
    (file,) = files(folder)
    file.write_bytes(file.read_bytes()[:length])

    assert points(kept()) == []
    assert kept().note == b""


@pytest.mark.parametrize("at", [0, 9, 13, 17, 21, -1])
def test_a_changed_file_counts_as_none(folder: Path, at: int) -> None:
    saved((0, 42), (4096, 9000))
    (file,) = files(folder)
    data = bytearray(file.read_bytes())
    data[at] ^= 0x10
    file.write_bytes(data)

    assert points(kept()) == []


def test_a_folder_that_cannot_be_written_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ANNOTATOR_CACHE_DIR", str(tmp_path / "file"))
    anchors = kept()
    anchors.add([0], [42])

    with caplog.at_level(logging.WARNING):
        anchors.save()

    assert points(anchors) == [(0, 42)]
    assert "Cannot keep anchors" in caplog.text


def test_files_not_used_for_the_longest_time_go(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_FILES", 3)
    for number in range(5):
        anchors = kept(version=str(number))
        anchors.add([0], [number])
        anchors.save()
        for age, file in enumerate(
            sorted(files(folder), key=lambda f: f.stat().st_mtime)
        ):
            then = 1e9 + 100 * number + age
            os.utime(file, (then, then))
        kept(version="0")  # used again

    found = [points(kept(version=str(number))) for number in range(5)]
    assert found == [[(0, 0)], [], [], [(0, 3)], [(0, 4)]]
    assert len(files(folder)) == 3
