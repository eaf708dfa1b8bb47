from __future__ import annotations

import numpy as np
import pytest

from annotator.audio.remote.flac.metadata import (
    FIRST_READ,
    NotMappable,
    StreamInfo,
    read_head,
)
from tests.doubles.flac_writer import CountedSource, FlacWriter

SOUND = np.random.default_rng(2).integers(-3000, 3000, (60_000, 2))


def test_the_format_comes_with_the_first_read() -> None:
    file = FlacWriter(rate=96000, depth=24, lengths=[4096, 1000]).write(SOUND)
    source = CountedSource(file.data)

    head = read_head(source)

    assert source.reads == [(0, FIRST_READ)]
    info = head.info
    assert (info.sample_rate, info.channels, info.subtype) == (96000, 2, "PCM_24")
    assert (info.n_frames, info.least_block, info.most_block) == (60_000, 1000, 4096)
    assert head.audio == file.audio
    assert head.data == file.data[file.audio : FIRST_READ]


@pytest.mark.parametrize(
    "front",
    [
        {"padding": 3_000_000},
        {"picture": 3_000_000},
        {"id3": 2_000_000},
        {"picture": 1_000_000, "padding": 10_000, "id3": 300},
    ],
)
def test_megabytes_in_front_cost_one_read_more(front: dict[str, int]) -> None:
    file = FlacWriter(**front).write(SOUND)
    source = CountedSource(file.data)

    head = read_head(source)

    assert len(source.reads) == 2
    assert source.n_bytes < 100_000
    assert head.audio == file.audio
    assert file.data[file.audio :].startswith(head.data[:100])
    assert len(head.data) > 10_000


@pytest.mark.parametrize("front", [{}, {"padding": 500_000, "table_last": True}])
def test_the_seek_table_is_read_without_its_placeholders(
    front: dict[str, object],
) -> None:
    file = FlacWriter(points=[0, 20_000, 50_000], placeholders=40, **front).write(SOUND)
    at = [0, 20_000 // 4096, 50_000 // 4096]

    head = read_head(CountedSource(file.data))

    assert head.frames.tolist() == [file.firsts[index] for index in at]
    assert head.places.tolist() == [file.places[index] for index in at]


def test_a_long_seek_table_takes_one_read_more() -> None:
    file = FlacWriter(points=range(0, 60_000, 10), placeholders=1).write(SOUND)
    source = CountedSource(file.data)

    head = read_head(source)

    assert len(source.reads) == 2
    assert head.frames.tolist() == list(file.firsts)


def test_a_seek_table_that_runs_backwards_is_left_alone() -> None:
    file = FlacWriter(points=[0, 20_000, 50_000]).write(SOUND)
    second = file.data.index((20_000 // 4096 * 4096).to_bytes(8, "big")) + 8
    data = bytearray(file.data)
    data[second : second + 8] = (10**9).to_bytes(8, "big")

    head = read_head(CountedSource(bytes(data)))

    assert head.frames.tolist() == []


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "no FLAC"),
        (b"RIFF" + bytes(100), "no FLAC"),
        (b"ID3\x04\x00\x00\x00\x00\x00\x7f" + bytes(20), "no FLAC"),
        (b"fLaC\x00\x00\x00\x22" + bytes(10), "breaks off"),
        (b"fLaC\xff\x00\x00\x22" + bytes(34), "metadata are broken"),
        (b"fLaC\x80\x00\x00\x22" + bytes(34), "STREAMINFO"),
        (b"fLaC\x80\x00\x00\x08" + bytes(8), "STREAMINFO"),
        (b"fLaC\x81\x00\x00\x08" + bytes(8), "STREAMINFO"),
    ],
)
def test_what_is_no_whole_flac_file_is_not_mapped(data: bytes, reason: str) -> None:
    with pytest.raises(NotMappable, match=reason):
        read_head(CountedSource(data))


@pytest.mark.parametrize(
    ("writer", "reason"),
    [
        ({"tells_length": False}, "does not tell its length"),
        ({"depth": 20}, "have 20 bits"),
        ({"depth": 32}, "have 32 bits"),
    ],
)
def test_files_that_say_too_little_are_not_mapped(
    writer: dict[str, object], reason: str
) -> None:
    file = FlacWriter(**writer).write(SOUND)

    with pytest.raises(NotMappable, match=reason):
        read_head(CountedSource(file.data))


def test_impossible_block_sizes_are_not_mapped() -> None:
    raw = bytearray(FlacWriter().write(SOUND).data[8:42])
    raw[0:4] = b"\x20\x00\x10\x00"

    with pytest.raises(NotMappable, match="block sizes"):
        StreamInfo.parse(bytes(raw))


def test_no_block_is_longer_than_the_bound() -> None:
    loud = np.random.default_rng(3).integers(-(2**23), 2**23, (70_000, 8))
    file = FlacWriter(depth=24, coding="verbatim", lengths=65535).write(loud)

    info = read_head(CountedSource(file.data)).info

    assert file.places[1] - file.places[0] <= info.longest_block
