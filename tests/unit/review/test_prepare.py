from __future__ import annotations

import contextlib
import dataclasses
import threading

import numpy as np
import pytest

from annotator.audio import io
from annotator.errors import DataError, NotFound, SegmentOutOfRange, Unreachable
from annotator.review.prepare import ClipLoader, ViewState
from annotator.signal.spectrogram import compute_spectrogram
from annotator.sources.clips import Clip

RATE = 8000


class Reads:
    """The router, with a list of what was decoded, a gate, and a failure to come."""

    def __init__(self) -> None:
        self.starts: list[float] = []
        self.failure: Exception | None = None
        self.gate = threading.Event()
        self.gate.set()
        self.entered = threading.Semaphore(0)

    def read_segment(self, path, start_sec, dur_sec, partial=True, **auth):
        self.starts.append(start_sec)
        self.entered.release()
        assert self.gate.wait(10)
        if self.failure:
            raise self.failure
        return io.read_segment(path, start_sec, dur_sec, partial, **auth)

    def recording_info(self, path, **auth):
        return io.recording_info(path, **auth)


@pytest.fixture
def reads():
    return Reads()


@pytest.fixture
def loader(reads):
    loader = ClipLoader(reader=reads)
    yield loader
    reads.gate.set()
    loader.close()


@pytest.fixture
def clip(wav):
    path = wav(duration=20.0, sample_rate=RATE, channels=2, frequency=1000.0)

    def at(start_time, end_time, recording=str(path)):
        return Clip(
            position=0,
            identity="a",
            index_value="a",
            recording=recording,
            start_time=start_time,
            end_time=end_time,
            row={},
        )

    return at


def test_a_clip_is_shown_with_its_buffer(loader, clip):
    prepared = loader.prepare(clip(5.0, 7.0), ViewState(buffer=1.5))

    assert (prepared.start_time, prepared.end_time) == (3.5, 8.5)
    assert (prepared.clip_start, prepared.clip_end) == (5.0, 7.0)
    assert (prepared.sample_rate, prepared.recording_duration) == (RATE, 20.0)
    assert prepared.audio.dtype == np.int16
    assert prepared.audio.shape == (5 * RATE,)
    assert prepared.notes == ()


def test_picture_and_sound_cover_the_same_time(loader, clip):
    prepared = loader.prepare(clip(5.0, 7.0), ViewState(width=300))

    picture = prepared.spectrogram
    assert (picture.start_time, picture.end_time) == (2.0, 10.0)
    assert picture.data.dtype == np.uint8
    assert picture.data.shape[1] <= 300


def test_a_tone_is_seen_at_its_frequency(loader, clip):
    picture = loader.prepare(clip(5.0, 7.0), ViewState()).spectrogram

    loudest = picture.data.mean(axis=1).argmax()
    rows = np.linspace(
        picture.min_frequency, picture.max_frequency, 2 * len(picture.data) + 1
    )[1::2]
    assert rows[loudest] == pytest.approx(1000, abs=20)


def test_a_start_between_two_samples_is_told_as_it_was_decoded(loader, clip):
    prepared = loader.prepare(clip(5.00001, 7.0), ViewState(buffer=0))

    assert prepared.start_time == 5.0
    assert prepared.end_time == 7.0


@pytest.mark.parametrize(
    ("start", "end", "shown"),
    [(1.0, 2.0, (0.0, 5.0)), (18.0, 19.0, (15.0, 20.0)), (0.0, 20.0, (0.0, 20.0))],
)
def test_the_buffer_is_cut_at_the_ends_of_the_recording(
    loader, clip, start, end, shown
):
    prepared = loader.prepare(clip(start, end), ViewState(buffer=3.0))

    assert (prepared.start_time, prepared.end_time) == shown
    assert prepared.notes == ()


def test_a_clip_beyond_the_end_is_cut_with_a_note(loader, clip):
    prepared = loader.prepare(clip(18.0, 21.5), ViewState())

    assert prepared.end_time == 20.0
    assert prepared.clip_end == 21.5
    assert prepared.notes == (
        "The recording ends at 20.00 s: the clip's last 1.50 s are missing.",
    )


@pytest.mark.parametrize(("start", "end"), [(20.0, 23.0), (500.0, 503.0), (-5, -2)])
def test_a_clip_outside_of_its_recording_is_refused(loader, clip, start, end):
    with pytest.raises(SegmentOutOfRange, match=r"20\.00 s long"):
        loader.prepare(clip(start, end), ViewState())


def test_a_clip_that_starts_before_its_recording_is_cut_with_a_note(loader, clip):
    prepared = loader.prepare(clip(-1.0, 2.0), ViewState(buffer=0))

    assert (prepared.start_time, prepared.end_time) == (0.0, 2.0)
    assert "1.00 s before" in prepared.notes[0]


def test_a_clip_without_length_is_shown_with_a_little_around_it(loader, clip):
    prepared = loader.prepare(clip(5.0, 5.0), ViewState(buffer=0))

    assert prepared.start_time < 5.0 < prepared.end_time


def test_a_clip_with_a_problem_says_it(loader, clip):
    broken = dataclasses.replace(
        clip(float("nan"), 3.0), problem="Row 4 has no usable start_time."
    )

    with pytest.raises(DataError, match="Row 4"):
        loader.prepare(broken, ViewState())


def test_a_recording_that_is_not_there_is_named(loader, clip):
    with pytest.raises(NotFound, match=r"gone\.wav"):
        loader.prepare(clip(0.0, 1.0, recording="gone.wav"), ViewState())


def test_one_channel_can_be_chosen(loader, clip):
    one = loader.prepare(clip(5.0, 7.0), ViewState(channel=1))
    two = loader.prepare(clip(5.0, 7.0), ViewState(channel=2))
    both = loader.prepare(clip(5.0, 7.0), ViewState())

    samples, _ = io.read_segment(clip(0, 1).recording, 2.0, 8.0)
    for prepared, expected in [
        (one, samples[:, 0]),
        (two, samples[:, 1]),
        (both, samples.mean(axis=1)),
    ]:
        heard = prepared.audio / 32768
        assert np.abs(heard - expected).max() < 1e-4


def test_a_channel_that_is_not_there_gives_the_mean_and_a_note(loader, clip):
    prepared = loader.prepare(clip(5.0, 7.0), ViewState(channel=3))

    assert "no channel 3" in prepared.notes[0]
    both = loader.prepare(clip(5.0, 7.0), ViewState())
    assert np.array_equal(prepared.audio, both.audio)


def test_a_clip_is_prepared_once(loader, clip, reads):
    first = loader.prepare(clip(5.0, 7.0), ViewState())
    second = loader.prepare(clip(5.0, 7.0), ViewState())
    loader.prepare(clip(5.0, 7.0), ViewState(kind="mel"))

    assert second is first
    assert len(reads.starts) == 2


def test_those_who_ask_at_the_same_time_share_one_preparation(loader, clip, reads):
    reads.gate.clear()
    found = []
    threads = [
        threading.Thread(
            target=lambda: found.append(loader.prepare(clip(5.0, 7.0), ViewState()))
        )
        for _ in range(5)
    ]
    for thread in threads:
        thread.start()
    assert reads.entered.acquire(timeout=10)

    reads.gate.set()
    for thread in threads:
        thread.join(10)

    assert len(reads.starts) == 1
    assert len(found) == 5
    assert len({id(prepared) for prepared in found}) == 1


def test_after_a_failure_the_next_asker_gets_another_try(loader, clip, reads):
    reads.failure = Unreachable("The network is down.")
    with pytest.raises(Unreachable):
        loader.prepare(clip(5.0, 7.0), ViewState())

    reads.failure = None
    prepared = loader.prepare(clip(5.0, 7.0), ViewState())

    assert prepared.start_time == 2.0


def test_the_longest_unused_clip_is_forgotten_first(reads, clip):
    loader = ClipLoader(reader=reads, max_clips=2)
    for start in (1.0, 2.0, 1.0, 3.0, 1.0):
        loader.prepare(clip(start, start + 1), ViewState(buffer=0))

    loader.prepare(clip(2.0, 3.0), ViewState(buffer=0))

    assert reads.starts == [1.0, 2.0, 3.0, 2.0]
    loader.close()


def test_kept_clips_stay_within_their_bytes_but_one_is_always_kept(reads, clip):
    size = ClipLoader(reader=reads).prepare(clip(1, 2), ViewState(buffer=0)).nbytes
    reads.starts.clear()
    roomy = ClipLoader(reader=reads, max_bytes=2 * size)
    tight = ClipLoader(reader=reads, max_bytes=1)

    for loader in (roomy, tight):
        for start in (1.0, 2.0, 3.0, 3.0, 2.0):
            loader.prepare(clip(start, start + 1), ViewState(buffer=0))
        loader.close()

    assert reads.starts == [1.0, 2.0, 3.0, 1.0, 2.0, 3.0, 2.0]


def test_prefetched_clips_are_there_when_they_are_wanted(loader, clip, reads):
    view = ViewState(buffer=0)
    loader.prefetch([clip(1.0, 2.0), clip(2.0, 3.0)], view)
    for _ in range(2):
        assert reads.entered.acquire(timeout=10)

    for start in (1.0, 2.0):
        loader.prepare(clip(start, start + 1), view)

    assert sorted(reads.starts) == [1.0, 2.0]


def test_a_new_prefetch_replaces_what_was_not_begun(loader, clip, reads):
    view = ViewState(buffer=0)
    reads.gate.clear()
    loader.prefetch([clip(s, s + 1.0) for s in (1.0, 2.0, 3.0, 4.0)], view)
    for _ in range(2):  # its two threads are busy
        assert reads.entered.acquire(timeout=10)

    loader.prefetch([clip(9.0, 10.0)], view)
    reads.gate.set()
    assert reads.entered.acquire(timeout=10)

    assert sorted(reads.starts) == [1.0, 2.0, 9.0]


def test_a_closed_loader_prepares_nothing_ahead(loader, clip, reads):
    loader.close()

    loader.prefetch([clip(1.0, 2.0)], ViewState(buffer=0))

    assert loader.prepare(clip(2.0, 3.0), ViewState(buffer=0)).start_time == 2.0
    assert reads.starts == [2.0]


def test_a_failing_prefetch_is_silent_and_tried_again(loader, clip, reads):
    view = ViewState(buffer=0)
    reads.failure = Unreachable("The network is down.")
    broken = dataclasses.replace(clip(3.0, 4.0), problem="no times")
    loader.prefetch([broken, clip(1.0, 2.0)], view)
    assert reads.entered.acquire(timeout=10)
    with pytest.raises(Unreachable):
        loader.prepare(clip(2.0, 3.0), view)

    reads.failure = None
    with contextlib.suppress(Unreachable):  # of the attempt that is still under way
        loader.prepare(clip(1.0, 2.0), view)

    assert loader.prepare(clip(1.0, 2.0), view).start_time == 1.0


def test_a_real_soundscape_is_prepared_from_every_container(loader, shared_data):
    view = ViewState(buffer=1.0)
    prepared = [
        loader.prepare(
            Clip(0, "a", "a", str(shared_data / name), 6.0, 9.0, {}),
            view,
        )
        for name in (
            "birdnet_soundscape_120s_48k.flac",
            "birdnet_soundscape_120s_48k.ogg",
            "birdnet_soundscape_120s_48k.mp3",
        )
    ]

    flac = prepared[0].audio.astype(float)
    for other in prepared[1:]:
        assert other.audio.shape == flac.shape
        assert np.corrcoef(flac, other.audio.astype(float))[0, 1] > 0.98


def test_a_detail_is_what_its_samples_give(loader, clip, reads):
    view = ViewState(n_fft=256, width=300)
    band = (500.0, 2000.0)

    detail = loader.detail(clip(5.0, 7.0), view, (5.5, 6.0), band)

    samples, _ = io.read_segment(clip(5.0, 7.0).recording, 0.0, 20.0)
    alone = compute_spectrogram(
        samples,
        RATE,
        n_fft=256,
        width=300,
        span=(5.5, 6.0),
        min_frequency=500.0,
        max_frequency=2000.0,
    )
    assert (detail.start_time, detail.end_time) == (alone.start_time, alone.end_time)
    assert detail.min_frequency == pytest.approx(alone.min_frequency)
    assert np.array_equal(detail.data, alone.data)
    assert 250 <= detail.data.shape[1] <= 300


def test_a_detail_is_as_bright_as_the_whole(loader, clip):
    view = ViewState(n_fft=256)
    whole = loader.prepare(clip(5.0, 7.0), view).spectrogram

    detail = loader.detail(clip(5.0, 7.0), view, (5.5, 6.0), max_db=whole.max_db)

    assert detail.max_db == pytest.approx(whole.max_db)
    assert detail.min_db == pytest.approx(whole.min_db)


def test_a_detail_is_of_the_channel_in_sight(loader, wav):
    path = wav(duration=4.0, sample_rate=RATE, channels=2, frequency=1000.0)
    clip = Clip(0, "a", "a", str(path), 1.0, 2.0, {})

    one, two = (
        loader.detail(clip, ViewState(channel=channel), (1.2, 1.4))
        for channel in (1, 2)
    )

    assert one.data.shape == two.data.shape


def test_the_number_of_channels_is_told(loader, clip):
    assert loader.prepare(clip(5.0, 7.0), ViewState(channel=1)).n_channels == 2


@pytest.mark.parametrize(
    ("factor", "said"),
    [
        (0.0, "There is nothing to hear: all samples are 0."),
        (np.nan, "Some samples are no numbers; they are taken as silence."),
        (30.0, "Samples reach 30 times full scale; what is beyond is cut."),
    ],
)
def test_what_is_strange_about_a_clip_is_said(reads, clip, factor, said):
    class Strange(Reads):
        def read_segment(self, *args, **auth):
            samples, rate = super().read_segment(*args, **auth)
            ones = np.ones_like(samples)
            ones[len(ones) // 2] = factor
            return (ones * 0 if factor == 0 else ones), rate

    prepared = ClipLoader(reader=Strange()).prepare(clip(5.0, 7.0), ViewState())

    assert prepared.notes == (said,)
    assert prepared.spectrogram.data.shape[1] > 1
    assert np.isfinite(prepared.spectrogram.max_db)
