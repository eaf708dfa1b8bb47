"""The recording around a clip: drawn in the background, looked at elsewhere."""

from __future__ import annotations

import dataclasses
import threading
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from annotator.audio import io
from annotator.audio.backends.base import FileInfo
from annotator.audio.segment import RecordingInfo
from annotator.config.audio import AudioConfig
from annotator.errors import FormatError, NotFound
from annotator.form.spec import FormSpec
from annotator.review.overview import N_TICKS, UNASKED, Overview
from annotator.review.painting import StripPainter
from annotator.review.session import ReviewSession
from annotator.review.strips import Strip
from annotator.sources.clips import ClipTable
from annotator.sources.recordings import Recordings

if TYPE_CHECKING:
    from collections.abc import Callable

RATE = 1000


class Shelf:
    """Recordings of noise that exist only here; it counts what is read."""

    def __init__(self, seconds: float = 6000.0, size: int = 1000) -> None:
        self.seconds, self.size = seconds, size
        self.reads: list[tuple[str, float, float]] = []
        self.threads: set[str] = set()
        self.kept: dict[Any, bytes] = {}
        self.broken_after: int | None = None
        self.version = "v1"

    def stat(self, path, **auth):
        if "missing" in str(path):
            msg = f"There is no recording at {path}."
            raise NotFound(msg)
        return FileInfo(str(path), self.size, self.version)

    def recording_info(self, path, **auth):
        return RecordingInfo(str(path), round(self.seconds * RATE), RATE, 1, "WAV")

    def read_segment(self, path, start_sec, dur_sec, partial=True, **auth):
        self.threads.add(threading.current_thread().name)
        if self.broken_after is not None and len(self.reads) >= self.broken_after:
            msg = f"{path} is damaged."
            raise FormatError(msg)
        self.reads.append((str(path), start_sec, dur_sec))
        rng = np.random.default_rng(len(self.reads))
        return rng.normal(0, 0.1, (round(dur_sec * RATE), 1)).astype(np.float32), RATE

    def kept_result(self, address, version, what):
        return self.kept.get((address, version, what))

    def keep_result(self, address, version, what, content):
        self.kept[address, version, what] = content


def eventually(condition: Callable[[], Any], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.005)


@pytest.fixture
def review(frame, store) -> Callable[..., ReviewSession]:
    """Start a review of a table whose column `file` names the recordings."""

    def start(table: pd.DataFrame | None = None) -> ReviewSession:
        table = frame if table is None else table
        if "file" not in table:
            table = table.assign(file="day.wav")
        recordings = Recordings(AudioConfig(column="file"))
        form = FormSpec()
        clips = ClipTable(table, recordings, index_column="id")
        return ReviewSession(clips, form, store)

    return start


@pytest.fixture
def overview(review):
    """Make the overview of a review, shown, with a painter of its own."""
    made = []

    def make(
        session: ReviewSession | None = None, *, shelf: Shelf, **options: Any
    ) -> Overview:
        options.setdefault("painter", StripPainter())
        made.append(Overview(session or review(), reader=shelf, **options))
        made[-1].show()
        return made[-1]

    yield make
    for each in made:
        each.close()


def is_drawn(overview: Overview) -> bool:
    return overview.strip is not None and overview.strip.is_done


def test_a_recording_is_streamed_once_in_blocks_and_kept(overview, review):
    shelf = Shelf()

    first = overview(shelf=shelf)
    eventually(lambda: is_drawn(first))
    reads = list(shelf.reads)
    second = overview(review(), shelf=shelf)
    eventually(lambda: is_drawn(second))

    assert len(reads) == 3
    assert max(duration for _, _, duration in reads) * RATE < 2_010_000
    assert shelf.reads == reads
    assert first.duration == 6000
    np.testing.assert_array_equal(first.strip.levels, second.strip.levels)


def test_a_changed_recording_is_drawn_again(overview, review):
    shelf = Shelf()
    first = overview(shelf=shelf)
    eventually(lambda: is_drawn(first))
    n_reads = len(shelf.reads)

    shelf.version = "v2"
    second = overview(review(), shelf=shelf)
    eventually(lambda: is_drawn(second))

    assert len(shelf.reads) == 2 * n_reads


def test_it_is_drawn_beside_the_caller_and_only_when_somebody_looks(review):
    shelf, painter = Shelf(), StripPainter()
    overview = Overview(review(), reader=shelf, painter=painter)

    assert not shelf.reads
    overview.show()
    eventually(lambda: is_drawn(overview))

    assert shelf.threads == {"strips"}
    overview.close()


def test_clips_come_first(overview):
    shelf, asked, busy = Shelf(), [], threading.Event()
    busy.set()

    def is_busy() -> bool:
        asked.append(len(shelf.reads))
        return busy.is_set()

    shown = overview(shelf=shelf, is_busy=is_busy)
    eventually(lambda: len(asked) > 3)
    before = list(asked)
    busy.clear()
    eventually(lambda: is_drawn(shown))

    assert not any(before)


def test_two_views_of_a_recording_share_the_work(overview, review):
    shelf, painter, busy = Shelf(), StripPainter(), threading.Event()
    busy.set()

    two = [
        overview(review(), shelf=shelf, painter=painter, is_busy=busy.is_set)
        for _ in range(2)
    ]
    busy.clear()
    eventually(lambda: all(map(is_drawn, two)))

    assert len(shelf.reads) == 3


def test_a_recording_that_nobody_looks_at_any_more_is_left(overview, frame, review):
    shelf, busy = Shelf(), threading.Event()
    session = review(frame.assign(file=["a.wav", "b.wav", "b.wav", "b.wav", "b.wav"]))
    busy.set()
    shown = overview(session, shelf=shelf, is_busy=busy.is_set)

    session.next()
    busy.clear()
    eventually(lambda: is_drawn(shown))

    assert {path for path, _, _ in shelf.reads} == {"b.wav"}


def test_a_large_remote_recording_is_drawn_on_demand(overview, frame, review):
    shelf = Shelf(size=UNASKED + 1)
    table = frame.assign(file="https://example.org/day.wav")

    shown = overview(review(table), shelf=shelf)
    eventually(lambda: shown.unasked_size)
    asked = shown.unasked_size, shown.duration, len(shelf.reads)
    shown.draw()
    eventually(lambda: is_drawn(shown))

    assert asked == (UNASKED + 1, 6000, 0)
    assert shown.unasked_size is None


def test_a_local_recording_of_any_size_is_drawn(overview):
    shown = overview(shelf=Shelf(size=10 * UNASKED))

    eventually(lambda: is_drawn(shown))


def test_a_recording_that_is_not_there_is_a_problem_that_passes(
    overview, frame, review
):
    session = review(frame.assign(file=["missing.wav", *["day.wav"] * 4]))
    shown = overview(session, shelf=Shelf())

    eventually(lambda: shown.problem)
    assert isinstance(shown.problem, NotFound)
    session.next()
    eventually(lambda: is_drawn(shown))

    assert shown.problem is None


def test_a_recording_that_is_damaged_keeps_what_was_drawn_and_is_not_kept(overview):
    shelf = Shelf()
    shelf.broken_after = 1

    shown = overview(shelf=shelf)
    eventually(lambda: shown.problem)

    assert isinstance(shown.problem, FormatError)
    assert shown.duration == 6000
    assert not shelf.kept


def test_a_painter_outlives_a_view_that_fails(overview, review):
    shelf, painter = Shelf(), StripPainter()

    def fail(strip: Any, error: Any) -> None:
        raise RuntimeError

    painter.request(
        "x.wav", fail, reader=shelf, auth={}, most_bytes=None, is_busy=lambda: False
    )
    shown = overview(review(), shelf=shelf, painter=painter)

    eventually(lambda: is_drawn(shown))


def test_elsewhere_is_as_long_as_the_clip_and_inside_the_recording(overview):
    shown = overview(shelf=Shelf(seconds=100))
    eventually(lambda: shown.duration)
    clip = shown.session.clip

    spans = []
    for middle in (50.0, 0.0, 99.9):
        shown.look_at(middle)
        spans.append((shown.shown().start_time, shown.shown().end_time))

    assert spans == [(48.5, 51.5), (0.0, 3.0), (97.0, 100.0)]
    assert shown.session.clip is clip
    assert shown.shown().recording == clip.recording


def test_one_comes_back_by_will_and_with_another_clip(overview):
    shown = overview(shelf=Shelf())
    session = shown.session
    assert shown.shown() is session.clip

    shown.look_at(50.0)
    shown.come_back()
    assert shown.shown() is session.clip

    shown.look_at(50.0)
    session.next()
    assert shown.elsewhere is None
    assert shown.shown() is session.clip


def test_a_clip_without_times_has_no_elsewhere(overview, frame, review):
    table = frame.assign(start_time=[float("nan"), 1, 2, 3, 4])
    shown = overview(review(table), shelf=Shelf())

    shown.look_at(50.0)
    shown.look_at(float("nan"))

    assert shown.elsewhere is None


def test_ticks_stand_at_the_middle_of_the_clips_reviewed_ones_apart(
    overview, frame, review, store
):
    table = frame.assign(file=["day.wav"] * 4 + ["other.wav"])
    store.clips = {"12": [{"annotation_id": "x"}]}
    shown = overview(review(table), shelf=Shelf(seconds=100))
    eventually(lambda: shown.duration)

    ticks = shown.ticks()

    at = {int(place): int(ticks[place]) for place in np.flatnonzero(ticks)}
    place = {
        id_: int((t + 1.5) / 100 * N_TICKS)
        for id_, t in zip((11, 12, 13, 14), (0, 10, 20, 30), strict=True)
    }
    assert at == {place[11]: 2, place[12]: 1, place[13]: 2, place[14]: 2}


def test_ticks_of_a_hundred_thousand_clips_take_milliseconds(overview, review):
    n = 100_000
    start = np.linspace(0, 86_000, n)
    table = pd.DataFrame({"id": range(n), "start_time": start, "end_time": start + 3})
    shown = overview(review(table), shelf=Shelf(seconds=86_400))
    eventually(lambda: shown.duration)
    shown.ticks()

    before = time.perf_counter()
    ticks = shown.ticks()
    seconds = time.perf_counter() - before

    assert ticks.nbytes == N_TICKS
    assert (ticks > 0).mean() > 0.95
    assert seconds < 0.1


def test_what_is_kept_comes_back_and_damage_is_noticed():
    levels = np.arange(60, dtype=np.uint8).reshape(3, 20)
    strip = Strip(levels, 20, 12.5, 8000)

    again = Strip.from_bytes(strip.to_bytes())

    np.testing.assert_array_equal(again.levels, levels)
    assert (again.duration, again.sample_rate, again.is_done) == (12.5, 8000, True)
    for damaged in (b"", b"PK\x03\x04", strip.to_bytes()[:100]):
        assert Strip.from_bytes(damaged) is None


def test_it_is_kept_in_the_cache_of_this_machine(overview, review, wav, frame):
    path = wav(duration=60.0)
    table = frame.assign(file=str(path))
    shown = overview(review(table), shelf=io)
    eventually(lambda: is_drawn(shown))
    calls = []
    reader = dataclasses.make_dataclass("Reader", [])()
    for name in (
        "stat",
        "recording_info",
        "read_segment",
        "kept_result",
        "keep_result",
    ):

        def called(*a: Any, _name: str = name, **k: Any) -> Any:
            calls.append(_name)
            return getattr(io, _name)(*a, **k)

        setattr(reader, name, called)

    again = overview(review(table), shelf=reader)
    eventually(lambda: is_drawn(again))

    assert calls == ["stat", "kept_result"]
