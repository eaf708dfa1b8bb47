from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotator.audio.remote.flac.frames import Layout, find_blocks, is_whole_block
from annotator.audio.remote.flac.metadata import StreamInfo, read_head
from tests.doubles.flac_writer import (
    CountedSource,
    FlacFile,
    FlacWriter,
    coded,
    crc,
)


def layout_of(file: FlacFile) -> Layout:
    head = read_head(CountedSource(file.data))
    return Layout(head.info, head.audio, head.data[1])


def sound(n_frames: int, channels: int = 1, seed: int = 4) -> np.ndarray:
    return np.random.default_rng(seed).integers(-120, 120, (n_frames, channels))


@settings(max_examples=40)
@given(
    lengths=st.one_of(
        st.sampled_from([16, 192, 256, 576, 1000, 4096, 4608]),
        st.lists(st.integers(16, 5000), min_size=2, max_size=5),
    ),
    rate=st.sampled_from([8000, 7999, 44100, 96000, 250_000, 384_000, 500_000]),
    depth=st.sampled_from([8, 16, 24]),
    channels=st.sampled_from([1, 2, 8]),
    tells_rate=st.booleans(),
    n_frames=st.integers(1, 20_000),
)
def test_every_block_is_found_and_nothing_else(
    lengths: int | list[int],
    rate: int,
    depth: int,
    channels: int,
    tells_rate: bool,
    n_frames: int,
) -> None:
    writer = FlacWriter(rate=rate, depth=depth, lengths=lengths, tells_rate=tells_rate)
    file = writer.write(sound(n_frames, channels))

    blocks = find_blocks(file.data[file.audio :], file.audio, layout_of(file))

    assert blocks.places.tolist() == list(file.places)
    assert blocks.firsts.tolist() == list(file.firsts)
    assert blocks.ends.tolist() == [*file.firsts[1:], n_frames]


def test_blocks_are_found_from_any_byte_on() -> None:
    file = FlacWriter(lengths=256).write(sound(20_000))
    layout = layout_of(file)
    cut = file.places[10] + 1

    blocks = find_blocks(file.data[cut:], cut, layout)

    assert blocks.places.tolist() == list(file.places[11:])


@pytest.mark.parametrize("length", range(17))
def test_a_header_that_is_cut_is_no_block(length: int) -> None:
    file = FlacWriter(rate=7999, lengths=[300, 500]).write(sound(50_000))
    # two sync bytes, two of codes, three of the number, two of length, two of
    # rate, one of checksum
    place = file.places[-2]
    data = file.data[place : place + length]

    blocks = find_blocks(data, place, layout_of(file))

    assert len(blocks) == (1 if length >= 12 else 0)


@pytest.mark.parametrize("number", [0, 127, 128, 2**16, 2**26, 2**31, 2**36 - 5000])
def test_numbers_of_any_size_are_read(number: int) -> None:
    file = FlacWriter(lengths=[16, 4096]).write(sound(5000))
    raw = file.data[8:42]
    told = int.from_bytes(raw[10:18], "big") >> 36 << 36 | 2**36 - 1
    info = StreamInfo.parse(raw[:10] + told.to_bytes(8, "big") + raw[18:])
    header = b"\xff\xf9\xca\x08" + coded(number)
    data = header + bytes([crc(header, 0x07, 8)]) + bytes(20)

    blocks = find_blocks(data, 1000, Layout(info, 42, 0xF9))

    assert blocks.firsts.tolist() == [number]
    assert blocks.places.tolist() == [1000]
    assert blocks.counts.tolist() == [4096]


@pytest.mark.parametrize("bit", range(48))
def test_a_header_with_one_wrong_bit_is_no_block(bit: int) -> None:
    file = FlacWriter().write(sound(20_000))
    place = file.places[3]
    data = bytearray(file.data[place : place + 3000])
    data[bit // 8] ^= 0x80 >> bit % 8

    blocks = find_blocks(bytes(data), place, layout_of(file))

    assert len(blocks) == 0


@pytest.mark.parametrize(
    "other",
    [
        {"rate": 44100},
        {"depth": 24},
        {"lengths": 8192},
        {"lengths": 2048},
        {"lengths": [4096, 4095]},
    ],
)
def test_blocks_of_another_format_are_not_taken(other: dict[str, object]) -> None:
    layout = layout_of(FlacWriter().write(sound(40_000)))
    file = FlacWriter(**other).write(sound(40_000))

    blocks = find_blocks(file.data[file.audio :], 0, layout)

    assert len(blocks) == 0


def test_blocks_of_more_channels_are_not_taken() -> None:
    layout = layout_of(FlacWriter().write(sound(40_000)))
    file = FlacWriter().write(sound(40_000, channels=2))

    assert len(find_blocks(file.data[file.audio :], 0, layout)) == 0


@pytest.mark.parametrize(("rate", "other"), [(7999, 7998), (250_000, 249_000)])
def test_blocks_that_tell_another_rate_are_not_taken(rate: int, other: int) -> None:
    layout = layout_of(FlacWriter(rate=rate).write(sound(40_000)))
    file = FlacWriter(rate=other).write(sound(40_000))

    blocks = find_blocks(file.data[file.audio :], 0, layout)

    assert len(blocks) == 0


def test_a_header_that_lacks_only_a_checksum_of_zero_is_no_block() -> None:
    layout = layout_of(FlacWriter(lengths=[16, 4096]).write(sound(50_000)))
    headers = (b"\xff\xf9\xca\x08" + coded(number) for number in range(9000))
    header = next(header for header in headers if crc(header, 0x07, 8) == 0)

    assert len(find_blocks(header, 0, layout)) == 0
    assert len(find_blocks(header + bytes(1), 0, layout)) == 1


def test_blocks_beyond_the_length_are_not_taken() -> None:
    short, long = (FlacWriter().write(sound(n)) for n in (8192, 20_000))

    blocks = find_blocks(long.data, 0, layout_of(short))

    assert blocks.firsts.tolist() == [0, 4096]


def test_files_from_before_the_flag_count_frames_where_lengths_vary() -> None:
    file = FlacWriter(lengths=[4096, 1000]).write(sound(20_000))
    layout = layout_of(file)

    assert Layout(layout.info, layout.audio, 0xF8).counts_frames


@settings(max_examples=50)
@given(data=st.binary(min_size=1, max_size=300), flip=st.integers(0, 10**6))
def test_a_whole_block_is_told_by_its_checksum(data: bytes, flip: int) -> None:
    block = data + crc(data, 0x8005, 16).to_bytes(2, "big")
    wrong = bytearray(block)
    wrong[flip % len(block)] ^= 1 << flip % 8

    assert is_whole_block(block)
    assert not is_whole_block(bytes(wrong))


def test_the_checksum_holds_for_long_blocks() -> None:
    data = np.random.default_rng(5).bytes(70_000)  # its period is 4096 bytes

    assert is_whole_block(data + crc(data, 0x8005, 16).to_bytes(2, "big"))


def test_no_bytes_are_no_block() -> None:
    assert not is_whole_block(b"")
    assert not is_whole_block(b"\x00\x00")
