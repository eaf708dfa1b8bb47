"""How many reads, and how many bytes, a part of a long file costs.

Each read of the source is a request to a server: 60 ms, as long as a megabyte.
"""

from __future__ import annotations

import functools
import io
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile as sf

from annotator.audio.remote.anchors import Anchors, anchors_of
from annotator.audio.remote.flac.frames import Layout, find_blocks
from annotator.audio.remote.flac.map import FlacMap
from annotator.audio.remote.flac.metadata import read_head
from tests.doubles.flac_writer import CountedSource, FlacWriter

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RATE = 48000
CLIP = 21 * RATE
MINUTES = 12


@functools.lru_cache
def recording(kind: str) -> bytes:
    """Return twelve minutes of noise, encoded by libFLAC without a seek table."""
    random = np.random.default_rng(7)
    minute = random.normal(0, 1, RATE * 60)
    if kind == "mild":
        # half an hour's ups and downs: up to a quarter of the bits
        levels = 100 * np.exp(np.sin(np.arange(MINUTES) * 0.9))
        seconds = np.arange(RATE * 60) / (RATE * 60)
    else:
        levels = random.permutation([0.0] * 8 + [8000.0] * 4)
        seconds = np.zeros(1)
    file = io.BytesIO()
    with sf.SoundFile(file, "w", RATE, 1, "PCM_16", format="FLAC") as sound:
        for here, there in zip(levels, [*levels[1:], levels[-1]], strict=True):
            loudness = here + (there - here) * seconds
            sound.write((minute * loudness).clip(-32768, 32767).astype(np.int16))
    return file.getvalue()


@functools.lru_cache
def blocks_of(kind: str) -> tuple[np.ndarray, np.ndarray]:
    data = recording(kind)
    head = read_head(CountedSource(data))
    blocks = find_blocks(data, 0, Layout(head.info, head.audio, head.data[1]))
    assert (np.diff(blocks.firsts) == 4096).all()
    return blocks.firsts, np.append(blocks.places, len(data))


@functools.lru_cache
def with_seek_table(kind: str, seconds: int = 10) -> bytes:
    data, (firsts, places) = recording(kind), blocks_of(kind)
    table = b""
    for frame in range(0, MINUTES * 60 * RATE, seconds * RATE):
        index = int(np.searchsorted(firsts, frame, side="right")) - 1
        table += int(firsts[index]).to_bytes(8, "big")
        table += int(places[index] - places[0]).to_bytes(8, "big") + b"\x10\x00"
    header = b"fLaC\x00\x00\x00\x22" + data[8:42]
    table = b"\x83" + len(table).to_bytes(3, "big") + table
    return header + table + data[places[0] :]


def ideal(kind: str, first: int, count: int) -> int:
    """Bytes of the blocks that hold a part."""
    firsts, places = blocks_of(kind)
    begin = int(np.searchsorted(firsts, first, side="right")) - 1
    end = int(np.searchsorted(firsts, first + count))
    return int(places[end] - places[begin])


def starts(number: int = 24) -> list[int]:
    last = MINUTES * 60 * RATE - CLIP
    return np.random.default_rng(8).integers(0, last, number).tolist()


Cost = tuple[np.ndarray, float]


def cost_of(
    kind: str, clips: list[tuple[int, Callable[[], FlacMap], CountedSource]]
) -> Cost:
    """Return the reads of each clip, and the bytes of all as a share of the ideal."""
    reads, n_bytes, least = [], 0, 0
    for first, flac, source in clips:
        source.reads.clear()
        part = flac().read(first, CLIP)
        assert part.shape == (CLIP, 1)
        reads.append(len(source.reads))
        n_bytes += source.n_bytes
        least += ideal(kind, first, CLIP)
    return np.array(reads), n_bytes / least


def cold(kind: str, data: bytes) -> Cost:
    source = CountedSource(data)
    return cost_of(
        kind,
        [(first, lambda: FlacMap(source, Anchors()), source) for first in starts()],
    )


def warm(kind: str, data: bytes, away: int) -> Cost:
    """Read clips from `away` seconds on, after one was read."""
    source, clips = CountedSource(data), []
    for first in starts():
        there = first + away * RATE
        if 0 <= there < MINUTES * 60 * RATE - CLIP:
            flac = FlacMap(source)
            flac.read(first, CLIP)
            clips.append((there, lambda flac=flac: flac, source))
    return cost_of(kind, clips)


def test_a_first_clip_of_an_even_recording_takes_six_reads_at_most() -> None:
    reads, share = cold("mild", recording("mild"))

    assert reads.max() <= 6
    assert reads.mean() < 5
    assert share < 1.2


def test_a_first_clip_of_silence_and_noise_takes_fifteen_reads_at_most() -> None:
    reads, _ = cold("wild", recording("wild"))

    assert reads.max() <= 15
    assert reads.mean() < 9


@pytest.mark.parametrize("away", [-21, 5, 21, 40])
def test_a_clip_near_one_read_before_takes_three_reads_at_most(away: int) -> None:
    reads, share = warm("mild", recording("mild"), away)

    assert reads.max() <= 3
    assert reads.mean() < 2.6
    assert share < 1.15


@pytest.mark.parametrize("kind", ["mild", "wild"])
def test_with_a_seek_table_a_first_clip_takes_two_reads(kind: str) -> None:
    reads, share = cold(kind, with_seek_table(kind))

    assert reads.mean() <= 2.05
    assert reads.max() <= 3
    assert share < 1.4


def test_with_a_seek_table_each_further_clip_takes_one_read() -> None:
    source = CountedSource(with_seek_table("mild"))
    flac = FlacMap(source)

    reads, share = cost_of(
        "mild", [(first, lambda: flac, source) for first in starts()]
    )

    assert reads.max() == 1
    assert share < 1.2


def test_anchors_make_another_session_warm_at_once() -> None:
    anchors, source = Anchors(), CountedSource(recording("mild"))
    first = starts()[0]
    FlacMap(source, anchors).read(first, CLIP)

    reads, share = cost_of("mild", [(first, lambda: FlacMap(source, anchors), source)])

    assert reads.tolist() == [1]
    assert share < 1.1


def test_a_later_session_is_warm_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANNOTATOR_CACHE_DIR", str(tmp_path))
    source, first = CountedSource(recording("mild")), starts()[0]
    FlacMap(source, anchors_of("s3://bucket/a.flac", "1")).read(first, CLIP)
    source.reads.clear()

    flac = FlacMap(source, anchors_of("s3://bucket/a.flac", "1"))
    flac.read(first + 3 * RATE, 15 * RATE)

    assert len(source.reads) == 1


def test_a_lying_seek_table_costs_reads_but_no_exactness() -> None:
    writer = FlacWriter(points=range(0, 600_000, 20_000))
    samples = np.random.default_rng(9).integers(-9000, 9000, 600_000)
    samples[:200_000] //= 1000
    file = writer.write(samples)
    data = bytearray(file.data)
    for point in range(1, 30):  # 18 bytes each, behind 46 and a header of 4
        place = slice(46 + 18 * point + 8, 46 + 18 * point + 16)
        told = int.from_bytes(data[place], "big")
        data[place] = (told + 777).to_bytes(8, "big")
    source, anchors = CountedSource(bytes(data)), Anchors()
    flac = FlacMap(source, anchors)

    for first in (0, 150_000, 350_000, 590_000):
        part = flac.read(first, 9000)
        expected = (samples[first : first + 9000] / 32768).astype(np.float32)
        np.testing.assert_array_equal(part[:, 0], expected)
    assert np.isin(anchors.points()[1], file.places).all()


def test_anchors_of_another_file_cost_reads_but_no_exactness() -> None:
    anchors, random = Anchors(), np.random.default_rng(9)
    quiet = random.integers(-90, 90, 600_000)
    loud = random.integers(-9000, 9000, 600_000)
    FlacMap(CountedSource(FlacWriter().write(quiet).data), anchors).read(0, 600_000)

    flac = FlacMap(CountedSource(FlacWriter().write(loud).data), anchors)

    for first in (0, 150_000, 350_000, 590_000):
        expected = (loud[first : first + 9000] / 32768).astype(np.float32)
        np.testing.assert_array_equal(flac.read(first, 9000)[:, 0], expected)
