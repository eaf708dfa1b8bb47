"""Damaged files: the sound that is whole is given, the rest is said to be not."""

from __future__ import annotations

import io
import logging

import numpy as np
import pytest
import soundfile as sf

from annotator.audio.remote.flac.map import FlacMap
from annotator.errors import FormatError
from tests.doubles.flac_writer import CountedSource, FlacWriter

RATE = 8000
BLOCK = 4096
SAMPLES = np.random.default_rng(11).integers(-3000, 3000, 400_000)
FILE = FlacWriter(rate=RATE).write(SAMPLES)
WHOLE = (SAMPLES / 32768).astype(np.float32)[:, None]
BAD = 50  # the block that is damaged
CUT = FILE.places[60]


def with_bytes(place: int, content: bytes, instead_of: int | None = None) -> bytes:
    length = len(content) if instead_of is None else instead_of
    return FILE.data[:place] + content + FILE.data[place + length :]


LENGTH = FILE.places[BAD + 1] - FILE.places[BAD]
DAMAGED = {
    "a wrong byte in the sound": with_bytes(FILE.places[BAD] + 2000, b"\x00\x00"),
    "a wrong byte in a header": with_bytes(FILE.places[BAD] + 2, b"\x00"),
    "a block of zeros": with_bytes(FILE.places[BAD], bytes(LENGTH)),
    "bytes too many": with_bytes(FILE.places[BAD], bytes(100), instead_of=0),
}


@pytest.mark.parametrize("damage", DAMAGED)
@pytest.mark.parametrize(
    ("first", "count"),
    [
        (0, 5000),
        (10 * BLOCK, BLOCK),
        ((BAD - 3) * BLOCK, 3 * BLOCK),
        ((BAD + 1) * BLOCK, 20_000),
        ((BAD + 1) * BLOCK + 10, 50_000),
        (399_000, 1000),
    ],
)
def test_the_sound_beside_the_damage_is_right(
    damage: str, first: int, count: int
) -> None:
    part = FlacMap(CountedSource(DAMAGED[damage])).read(first, count)

    np.testing.assert_array_equal(part, WHOLE[first : first + count])


@pytest.mark.parametrize("damage", DAMAGED)
def test_damage_within_a_part_is_an_error_with_its_time(damage: str) -> None:
    source = CountedSource(DAMAGED[damage])
    flac = FlacMap(source)

    with pytest.raises(FormatError, match=r"at 24\.9755 s; it seems to be damaged"):
        flac.read((BAD - 1) * BLOCK - 900, 3 * BLOCK)

    assert source.n_bytes < len(FILE.data) / 2


def test_a_lost_block_sounds_as_in_the_whole_file() -> None:
    data = with_bytes(FILE.places[BAD], b"", instead_of=LENGTH)
    whole, _ = sf.read(io.BytesIO(data), dtype="float32", always_2d=True)

    for first, count in [
        ((BAD - 1) * BLOCK, 3 * BLOCK),
        (BAD * BLOCK + 10, 1000),
        ((BAD + 1) * BLOCK - 1, 3),
        ((BAD + 1) * BLOCK, 9000),
    ]:
        part = FlacMap(CountedSource(data)).read(first, count)
        np.testing.assert_array_equal(part, whole[first : first + count])


def test_all_around_a_lost_block_it_sounds_as_in_the_whole_file() -> None:
    random = np.random.default_rng(12)
    loudness = np.repeat(np.exp(random.uniform(-7, 0, 20)), 20_000)
    file = FlacWriter(rate=RATE, lengths=256).write((SAMPLES * loudness).astype(int))
    lost = random.integers(300, 1200, 12)

    for index in lost:
        data = file.data[: file.places[index]] + file.data[file.places[index + 1] :]
        whole, _ = sf.read(io.BytesIO(data), dtype="float32", always_2d=True)
        for away in random.integers(-3000, 3000, 6):
            first, count = (
                file.firsts[index] + int(away),
                int(random.choice([1, 20_000])),
            )
            part = FlacMap(CountedSource(data)).read(first, count)
            np.testing.assert_array_equal(part, whole[first : first + count])


@pytest.mark.parametrize("more", [0, 3, 1000])
def test_a_part_before_the_end_of_a_cut_file_is_right(more: int) -> None:
    flac = FlacMap(CountedSource(FILE.data[: CUT + more]))

    for first in (0, 30 * BLOCK, 58 * BLOCK + 7):
        part = flac.read(first, BLOCK)
        np.testing.assert_array_equal(part, WHOLE[first : first + BLOCK])


@pytest.mark.parametrize("more", [0, 3])
def test_a_part_over_the_end_of_a_cut_file_is_shorter(
    more: int, caplog: pytest.LogCaptureFixture
) -> None:
    flac = FlacMap(CountedSource(FILE.data[: CUT + more]))

    with caplog.at_level(logging.WARNING, logger="annotator.audio.remote.flac.map"):
        part = flac.read(59 * BLOCK, 3 * BLOCK)

    np.testing.assert_array_equal(part, WHOLE[59 * BLOCK : 60 * BLOCK])
    assert "4096 of 12288 frames" in caplog.text


@pytest.mark.parametrize("more", [0, 3, 1000])
@pytest.mark.parametrize("first", [60 * BLOCK, 80 * BLOCK, 399_000])
def test_a_part_behind_the_end_of_a_cut_file_is_an_error(more: int, first: int) -> None:
    flac = FlacMap(CountedSource(FILE.data[: CUT + more]))

    with pytest.raises(FormatError, match="damaged or cut short"):
        flac.read(first, 900)


@pytest.mark.parametrize("tail", [b"TAG" + bytes(125), bytes(400_000), b"\xff\xf8" * 9])
@pytest.mark.parametrize("first", [399_990, 390_000, 0])
def test_what_follows_the_sound_does_no_harm(tail: bytes, first: int) -> None:
    part = FlacMap(CountedSource(FILE.data + tail)).read(first, 10_000)

    np.testing.assert_array_equal(part, WHOLE[first : first + 10_000])


def test_megabytes_behind_the_sound_are_not_all_read() -> None:
    source = CountedSource(FILE.data + bytes(10_000_000))

    part = FlacMap(source).read(395_000, 5000)

    np.testing.assert_array_equal(part, WHOLE[395_000:])
    assert source.n_bytes < 300_000
    assert len(source.reads) <= 15


@pytest.mark.parametrize("told", [390_001, 500_000])
def test_a_wrong_length_is_taken_for_true(told: int) -> None:
    field = int.from_bytes(FILE.data[18:26], "big") >> 36 << 36 | told
    data = FILE.data[:18] + field.to_bytes(8, "big") + FILE.data[26:]
    flac = FlacMap(CountedSource(data))
    end = min(told, 400_000)

    part = flac.read(end - 1000, 20_000)

    assert flac.info.n_frames == told
    np.testing.assert_array_equal(part, WHOLE[end - 1000 : end])
