"""Any part of any file equals what decoding the whole file gives."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile as sf
from hypothesis import given, settings
from hypothesis import strategies as st

from annotator.audio.remote.anchors import Anchors
from annotator.audio.remote.flac.map import FlacInfo, FlacMap
from annotator.audio.remote.flac.metadata import NotMappable
from tests.doubles.flac_writer import CountedSource, FlacWriter

if TYPE_CHECKING:
    from pathlib import Path


def decoded(data: bytes) -> np.ndarray:
    return sf.read(io.BytesIO(data), dtype="float32", always_2d=True)[0]


def sound(n_frames: int, channels: int, depth: int, seed: int) -> np.ndarray:
    """Return noise that is now loud, now hardly there, now silent."""
    random = np.random.default_rng(seed)
    top = 2 ** (depth - 1) - 1
    parts = n_frames // 2000 + 1
    loudness = np.exp(random.uniform(-12, 0, parts)) * (random.random(parts) < 0.8)
    each = np.repeat(loudness, 2000)[:n_frames, None]
    return (random.uniform(-top, top, (n_frames, channels)) * each).astype(int)


writers = st.builds(
    FlacWriter,
    rate=st.sampled_from([8000, 12345, 48000, 250_000]),
    depth=st.sampled_from([8, 16, 24]),
    lengths=st.one_of(
        st.sampled_from([16, 256, 1000, 4096]),
        st.lists(st.integers(16, 5000), min_size=2, max_size=4),
    ),
    coding=st.sampled_from(["auto", "verbatim"]),
    points=st.sampled_from([(), (0,), tuple(range(0, 20_000, 3000))]),
    placeholders=st.sampled_from([0, 5]),
    table_last=st.booleans(),
    id3=st.sampled_from([0, 0, 200_000]),
    padding=st.sampled_from([None, 0, 5000, 300_000]),
    picture=st.sampled_from([None, 60_000]),
    tells_sizes=st.booleans(),
    tells_rate=st.booleans(),
    tail=st.sampled_from([b"", b"", b"TAG" + bytes(125), bytes(60_000)]),
)


@settings(max_examples=50)
@given(
    writer=writers,
    n_frames=st.one_of(st.integers(1, 50), st.integers(20_000, 80_000)),
    channels=st.sampled_from([1, 2, 6]),
    seed=st.integers(0, 10**6),
)
def test_any_part_of_any_file_equals_its_decoding(
    writer: FlacWriter, n_frames: int, channels: int, seed: int
) -> None:
    samples = sound(n_frames // channels + 1, channels, writer.depth, seed)
    file = writer.write(samples)
    whole = (samples / 2 ** (writer.depth - 1)).astype(np.float32)
    random = np.random.default_rng(seed)

    for turn in range(12):
        if turn % 4 == 0:
            anchors = Anchors()
        first = int(random.integers(0, len(whole)))
        count = int(random.choice([1, 300, 5000, len(whole)]))
        part = FlacMap(CountedSource(file.data), anchors).read(first, count)
        assert part.dtype == np.float32
        np.testing.assert_array_equal(part, whole[first : first + count])


@pytest.mark.parametrize(
    "name",
    [
        "birdnet_soundscape_120s_48k.flac",
        "formats/flac_pcm_16.flac",
        "formats/flac_pcm_24.flac",
    ],
)
def test_parts_of_real_recordings_equal_their_decoding(
    shared_data: Path, name: str
) -> None:
    whole, rate = sf.read(shared_data / name, dtype="float32", always_2d=True)
    source = CountedSource((shared_data / name).read_bytes())
    random = np.random.default_rng(3)

    for _ in range(40):
        first = int(random.integers(0, len(whole)))
        count = int(random.integers(1, 5 * rate))
        part = FlacMap(source).read(first, count)
        np.testing.assert_array_equal(part, whole[first : first + count])


@pytest.mark.parametrize("subtype", ["PCM_S8", "PCM_16", "PCM_24"])
def test_parts_of_what_libflac_wrote_equal_their_decoding(subtype: str) -> None:
    random = np.random.default_rng(6)
    seconds = np.arange(400_000)[:, None] / 44100
    tone = 0.3 * np.sin(seconds * [2000, 3000]) * np.sin(seconds * 0.5)
    file = io.BytesIO()
    noise = random.normal(0, 0.02, tone.shape)
    sf.write(file, tone + noise, 44100, format="FLAC", subtype=subtype)
    whole = decoded(file.getvalue())

    for _ in range(20):
        first = int(random.integers(0, len(whole)))
        part = FlacMap(CountedSource(file.getvalue())).read(first, 50_000)
        np.testing.assert_array_equal(part, whole[first : first + 50_000])


@pytest.mark.parametrize("channels", [1, 2, 8])
def test_the_format_is_told(channels: int) -> None:
    file = FlacWriter(rate=96000, depth=24).write(sound(5000, channels, 24, 0))

    flac = FlacMap(CountedSource(file.data))

    assert flac.info == FlacInfo(5000, 96000, channels, "PCM_24")


def test_a_part_past_the_end_is_cut() -> None:
    file = FlacWriter().write(sound(30_000, 2, 16, 1))
    flac = FlacMap(CountedSource(file.data))

    assert flac.read(29_900, 500).shape == (100, 2)
    assert flac.read(30_000, 500).shape == (0, 2)
    assert flac.read(10**9, 500).shape == (0, 2)
    assert flac.read(5, 0).shape == (0, 2)


def test_a_part_before_the_start_is_cut() -> None:
    samples = sound(30_000, 1, 16, 1)
    flac = FlacMap(CountedSource(FlacWriter().write(samples).data))

    part = flac.read(-10, 30)

    np.testing.assert_array_equal(part, (samples[:20] / 32768).astype(np.float32))


@pytest.mark.parametrize("first_number", [1, 1000])
@pytest.mark.parametrize("lengths", [4096, [4096, 1000]])
def test_a_stream_that_was_joined_late_is_not_mapped(
    first_number: int, lengths: int | list[int]
) -> None:
    writer = FlacWriter(first_number=first_number, lengths=lengths)
    file = writer.write(sound(30_000, 1, 16, 1))

    with pytest.raises(NotMappable, match="first block"):
        FlacMap(CountedSource(file.data))


@pytest.mark.parametrize("sound_bytes", [b"", b"\xff", bytes(100), b"\xff\xf8" * 50])
def test_metadata_without_sound_are_not_mapped(sound_bytes: bytes) -> None:
    file = FlacWriter().write(sound(30_000, 1, 16, 1))

    with pytest.raises(NotMappable, match=r"sound|first block"):
        FlacMap(CountedSource(file.data[: file.audio] + sound_bytes))


def test_threads_may_share_a_map() -> None:
    samples = sound(300_000, 1, 16, 1)
    flac = FlacMap(CountedSource(FlacWriter(lengths=576).write(samples).data))
    whole = (samples / 32768).astype(np.float32)
    firsts = np.random.default_rng(2).integers(0, 290_000, 40).tolist()

    with ThreadPoolExecutor(8) as pool:
        parts = list(pool.map(lambda first: flac.read(first, 9000), firsts))

    for first, part in zip(firsts, parts, strict=True):
        np.testing.assert_array_equal(part, whole[first : first + 9000])


def test_a_blunder_of_the_source_is_not_hidden() -> None:
    file = FlacWriter().write(sound(300_000, 1, 16, 1))
    source = CountedSource(file.data)
    flac = FlacMap(source)

    def fail(start: int, stop: int) -> bytes:
        raise ConnectionError(start, stop)

    source.read = fail
    with pytest.raises(ConnectionError):
        flac.read(200_000, 1000)
