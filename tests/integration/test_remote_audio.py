"""Clips of remote recordings equal those of a decode from the start, always.

Many random clips of generated recordings, whose content is never the same twice
and whose bit rate varies wildly, through a real web server and a real S3 API.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotator.audio import io
from annotator.audio.remote import file as remote
from annotator.audio.remote import segment as partial
from annotator.review.prepare import ClipLoader, ViewState
from annotator.sources.clips import Clip
from tests.doubles.flac_writer import FlacWriter
from tests.doubles.gcs import GoogleStorage
from tests.doubles.sounds import encoded, sequential
from tests.doubles.web import WebServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

CLIPS = 80
"""Random clips of each recording."""

PCM = st.sampled_from(
    [
        "WAV PCM_U8",
        "WAV PCM_16",
        "WAV PCM_24",
        "WAV PCM_32",
        "WAV FLOAT",
        "WAV ALAW",
        "WAV IMA_ADPCM",
        "WAV MS_ADPCM",
        "RF64 PCM_24",
        "W64 PCM_16",
        "W64 IMA_ADPCM",
        "AIFF PCM_24",
        "AIFF IMA_ADPCM",
        "CAF PCM_16",
    ]
)
FLAC = st.sampled_from(["FLAC PCM_16", "FLAC PCM_24"])
OGG = st.sampled_from(["OGG VORBIS", "OGG OPUS"])
LEVELS = st.lists(
    st.sampled_from([1.0, 0.3, 0.01, 0.0005, 0.00005]), min_size=1, max_size=30
)
quickly = settings(
    max_examples=14,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("ANNOTATOR_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(partial, "SMALL", 0)  # these are short, and stand for long
    remote.forget_remotes()
    yield
    remote.forget_remotes()


@pytest.fixture(scope="module")
def web() -> Iterator[WebServer]:
    with WebServer({}) as web:
        yield web


@pytest.fixture
def local(tmp_path: Path) -> Path:
    return tmp_path / "local"


@st.composite
def recordings(draw: Callable[..., Any], kinds: st.SearchStrategy[str]) -> bytes:
    """Draw a sound file of about 600,000 samples in all."""
    kind = draw(kinds)
    rates = [8_000, 16_000, 24_000, 48_000]
    if not kind.startswith("OGG"):
        rates += [1_000, 11_025, 44_100, 250_000]
    rate, channels = draw(st.sampled_from(rates)), draw(st.integers(1, 3))
    if "ADPCM" in kind:
        channels = min(channels, 2)
    return encoded(
        kind,
        rate=rate,
        channels=channels,
        seconds=draw(st.integers(200_000, 600_000)) / rate / channels,
        levels=draw(LEVELS),
        seed=draw(st.integers(0, 2**32)),
    )


def check_clips(uri: str, whole: np.ndarray, seed: int, **auth: Any) -> None:
    """Read many clips, near each other and far, of which some are cold."""
    remote.forget_remotes()  # hypothesis has another file there before
    rng = np.random.default_rng(seed)
    info = io.recording_info(uri, **auth)
    assert (info.n_frames, info.channels) == whole.shape
    rate, duration, start = info.sample_rate, info.duration, 0.0
    for _ in range(CLIPS):
        if rng.random() < 0.05:
            remote.forget_remotes()
        length = duration * rng.choice([0.001, 0.01, 0.1])
        start = rng.uniform(0, duration) if rng.random() < 0.6 else start + length
        start = min(start, duration * 0.999)

        samples, got_rate = io.read_segment(uri, start, length, **auth)

        part = whole[round(start * rate) : round((start + length) * rate)]
        assert got_rate == rate
        np.testing.assert_array_equal(samples, part)


@pytest.mark.slow
@pytest.mark.parametrize("kinds", [PCM, FLAC, OGG], ids=["PCM", "FLAC", "OGG"])
@quickly
@given(data=st.data(), seed=st.integers(0, 2**32))
def test_clips_on_the_web_are_exact(
    kinds: st.SearchStrategy[str],
    data: st.DataObject,
    seed: int,
    web: WebServer,
    local: Path,
) -> None:
    content = data.draw(recordings(kinds))
    local.write_bytes(content)
    web.content["a"] = content

    check_clips(web.url("a"), sequential(local), seed)


@pytest.mark.slow
@settings(quickly, max_examples=8)
@given(content=recordings(st.one_of(PCM, FLAC, OGG)), seed=st.integers(0, 2**32))
def test_clips_in_a_bucket_are_exact(
    content: bytes, seed: int, s3: Any, local: Path
) -> None:
    local.write_bytes(content)
    s3.client.put_object(Bucket=s3.bucket, Key="a", Body=content)

    check_clips(s3.uri("a"), sequential(local), seed, **s3.auth)


# ------------------------------------------------------------------ odd FLAC

NOISE = np.random.default_rng(3).integers(-20_000, 20_000, (300_000, 2))
NOISE[100_000:180_000] //= 5_000
ODD = {
    "seek table": FlacWriter(points=range(0, 300_000, 16_000), placeholders=9),
    "variable blocks": FlacWriter(lengths=(576, 4_096, 1_152, 333)),
    "tag in front": FlacWriter(id3=150_000),
    "picture": FlacWriter(picture=3_000_000, padding=50_000, points=(0, 200_000)),
    "no length": FlacWriter(tells_length=False),
}


@pytest.mark.parametrize("name", ODD)
def test_clips_of_odd_flac_are_exact(name: str, web: WebServer) -> None:
    web.content["odd"] = ODD[name].write(NOISE).data
    whole = (NOISE / 32_768).astype(np.float32)

    check_clips(web.url("odd"), whole, 4)


def test_flac_with_a_seek_table_takes_two_requests_and_then_one(
    web: WebServer,
) -> None:
    file = ODD["seek table"].write(NOISE)
    web.content["table"] = file.data
    web.forget()

    io.recording_info(web.url("table"))
    io.read_segment(web.url("table"), 4.0, 1.0)
    cold, sent = len(web.requests), web.sent
    io.read_segment(web.url("table"), 5.0, 1.0)

    assert (cold, len(web.requests)) == (2, 3)
    blocks = dict(zip(file.firsts, file.places, strict=True))
    ideal = blocks[59 * 4_096] - blocks[46 * 4_096]
    assert sent - remote.HEAD < 1.4 * ideal


def test_a_new_process_finds_its_way_in_a_flac_at_once(web: WebServer) -> None:
    content = encoded("FLAC PCM_16", rate=48_000, seconds=120, levels=[1, 0.001] * 9)
    web.content["long"] = content
    io.read_segment(web.url("long"), 60.0, 1.0)
    remote.forget_remotes()  # as another process, in which nothing is known
    web.forget()

    io.read_segment(web.url("long"), 61.5, 1.0)

    assert len(web.requests) <= 2


def test_what_was_learnt_of_a_flac_is_known_without_the_disk(
    web: WebServer, tmp_path: Path
) -> None:
    content = encoded("FLAC PCM_16", rate=48_000, seconds=120, levels=[1, 0.001] * 9)
    web.content["kept"] = content
    io.read_segment(web.url("kept"), 60.0, 1.0)
    shutil.rmtree(tmp_path / "cache")
    web.forget()

    io.read_segment(web.url("kept"), 61.0, 1.0)

    assert len(web.requests) == 1


# ---------------------------------------------------------------- Google, clips


def test_clips_in_a_google_bucket_are_exact(
    local: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = encoded("WAV PCM_24", seconds=60)
    local.write_bytes(content)
    with GoogleStorage() as google:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", google.url)
        google.put("a.wav", content)
        io.read_segment("gs://bucket/a.wav", 10.0, 1.0)
        cold = len(google.requests)
        io.read_segment("gs://bucket/a.wav", 12.0, 1.0)
        warm = len(google.requests) - cold

        check_clips("gs://bucket/a.wav", sequential(local), 5)

    assert cold <= 3  # one more than others: it tells the generation apart
    assert warm == 1


def clip_at(web: WebServer, start: float, end: float) -> Clip:
    return Clip(0, "a", "a", web.url("clips.wav"), start, end, {})


@pytest.fixture
def loader() -> Iterator[ClipLoader]:
    loader = ClipLoader()
    yield loader
    loader.close()


def test_preparing_a_clip_costs_two_requests_and_the_next_one(
    web: WebServer, loader: ClipLoader
) -> None:
    web.content["clips.wav"] = encoded("WAV PCM_16", rate=48_000, seconds=60)
    web.forget()

    for start in (10.0, 13.0, 16.0, 40.0):  # with 3 s more on both sides
        loader.prepare(clip_at(web, start, start + 3.0), ViewState(buffer=3.0))

    assert [request.range and request.range[0] for request in web.requests] == [
        0,
        44 + 7 * 96_000,
        44 + 16 * 96_000,
        44 + 19 * 96_000,
        44 + 37 * 96_000,
    ]
    seconds = (web.sent - remote.HEAD) / 96_000
    assert seconds == 9 + 3 + 3 + 9


def test_clips_prepared_ahead_fetch_nothing_twice(
    web: WebServer, loader: ClipLoader
) -> None:
    web.content["clips.wav"] = encoded("WAV PCM_16", rate=48_000, seconds=60)
    clips = [clip_at(web, start, start + 3.0) for start in range(3, 27, 3)]
    web.forget()

    loader.prefetch(clips[1:], ViewState(buffer=3.0))
    for clip in clips:
        loader.prepare(clip, ViewState(buffer=3.0))

    assert web.sent == remote.HEAD + 30 * 96_000 - remote.HEAD + 44


def test_without_parts_a_recording_comes_once_for_all_clips(web: WebServer) -> None:
    web.content["clips.wav"] = encoded("WAV PCM_16", rate=48_000, seconds=20)
    web.forget()
    loader = ClipLoader(partial=False)

    for start in (3.0, 9.0, 14.0):
        loader.prepare(clip_at(web, start, start + 3.0), ViewState())
    loader.close()

    assert len(web.requests) <= 3
    assert web.sent <= len(web.content["clips.wav"]) + 2 * remote.HEAD
