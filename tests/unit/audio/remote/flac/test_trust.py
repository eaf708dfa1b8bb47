"""Sound that looks like FLAC does not deceive."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotator.audio.remote.flac.frames import Blocks, Layout, find_blocks
from annotator.audio.remote.flac.map import FlacMap
from annotator.audio.remote.flac.metadata import read_head
from annotator.audio.remote.flac.trust import trusted
from tests.doubles.flac_writer import CountedSource, FlacFile, FlacWriter


def layout_of(file: FlacFile) -> Layout:
    head = read_head(CountedSource(file.data))
    return Layout(head.info, head.audio, head.data[1])


def found(file: FlacFile, start: int, stop: int) -> Blocks:
    return find_blocks(file.data[start:stop], start, layout_of(file))


def nothing_known(blocks: Blocks) -> np.ndarray:
    return np.zeros(len(blocks), bool)


def noise(n_frames: int, seed: int = 0, top: int = 3000) -> np.ndarray:
    return np.random.default_rng(seed).integers(-top, top + 1, n_frames)


def samples_of(data: bytes) -> np.ndarray:
    """Return 16-bit samples that are coded as these bytes if not compressed."""
    return np.frombuffer(data + bytes(len(data) % 2), ">i2").astype(int)


@settings(max_examples=15)
@given(
    inner_lengths=st.sampled_from([4096, [4096, 256, 1000]]),
    outer_lengths=st.sampled_from([4096, [4096, 4000]]),
    loudness=st.sampled_from([0, 1, 100, 8000]),
    before=st.integers(0, 60_000),
    tells_sizes=st.booleans(),
    seed=st.integers(0, 10**6),
)
def test_a_flac_file_within_the_sound_is_sound(
    inner_lengths: int | list[int],
    outer_lengths: int | list[int],
    loudness: int,
    before: int,
    tells_sizes: bool,
    seed: int,
) -> None:
    inner = FlacWriter(lengths=inner_lengths).write(noise(150_000, seed, loudness))
    samples = np.concatenate(
        [noise(before, 1), samples_of(inner.data), noise(50_000, 2)]
    )
    outer = FlacWriter(
        lengths=outer_lengths, coding="verbatim", tells_sizes=tells_sizes
    )
    file = outer.write(samples)
    whole = (samples / 32768).astype(np.float32)[:, None]
    random = np.random.default_rng(seed)

    for _ in range(8):
        first = int(random.integers(0, len(samples)))
        count = int(random.integers(1, 40_000))
        part = FlacMap(CountedSource(file.data)).read(first, count)
        np.testing.assert_array_equal(part, whole[first : first + count])


def test_blocks_in_a_row_are_trusted() -> None:
    file = FlacWriter().write(noise(60_000))
    start, stop = file.places[3] + 1, file.places[9] + 100
    blocks = found(file, start, stop)

    sure = trusted(blocks, file.data[start:stop], start, nothing_known(blocks))

    assert sure.places.tolist() == list(file.places[4:10])


def test_a_lone_header_is_trusted_only_if_it_is_known() -> None:
    file = FlacWriter().write(noise(60_000))
    start, stop = file.places[3] - 10, file.places[4] - 10
    blocks = found(file, start, stop)
    data = file.data[start:stop]

    assert len(blocks) == 1
    assert len(trusted(blocks, data, start, nothing_known(blocks))) == 0
    assert len(trusted(blocks, data, start, ~nothing_known(blocks))) == 1


def test_of_two_rows_the_longer_counts() -> None:
    outer = FlacWriter(coding="verbatim")
    inner = FlacWriter().write(noise(20_000, top=20))
    samples = np.concatenate([samples_of(inner.data), noise(60_000)])
    file = outer.write(samples)
    # from within the first block, which holds rows of the inner file
    start, stop = file.places[0] + 50, file.places[4] + 100
    blocks = found(file, start, stop)

    sure = trusted(blocks, file.data[start:stop], start, nothing_known(blocks))

    assert len(blocks) > 4 + 1
    assert sure.places.tolist() == list(file.places[1:5])


@pytest.mark.parametrize("is_known", [True, False])
def test_blocks_before_damage_count_if_they_are_known(is_known: bool) -> None:
    file = FlacWriter().write(noise(60_000))
    data = bytearray(file.data)
    data[file.places[4] : file.places[5]] = bytes(file.places[5] - file.places[4])
    start = file.places[1]
    blocks = find_blocks(bytes(data[start:]), start, layout_of(file))
    known = np.isin(blocks.places, file.places[2:3]) & is_known

    sure = trusted(blocks, bytes(data[start:]), start, known)

    before = list(file.places[1:4]) if is_known else []
    assert sure.places.tolist() == before + list(file.places[5:])


@pytest.mark.parametrize("is_known", [True, False])
def test_a_lone_block_before_damage_counts_if_it_is_known(is_known: bool) -> None:
    file = FlacWriter().write(noise(60_000))
    data = bytearray(file.data)
    data[file.places[4] : file.places[5]] = bytes(file.places[5] - file.places[4])
    start = file.places[3]
    blocks = find_blocks(bytes(data[start:]), start, layout_of(file))
    known = (blocks.places == start) & is_known

    sure = trusted(blocks, bytes(data[start:]), start, known)

    assert (start in sure.places) == is_known
    assert sure.places.tolist()[-10:] == list(file.places[5:])


@pytest.mark.parametrize("is_known", [True, False])
def test_blocks_behind_damage_count_if_they_are_known(is_known: bool) -> None:
    file = FlacWriter().write(noise(60_000))
    data = bytearray(file.data)
    data[file.places[10] : file.places[11]] = bytes(100)
    start = file.audio
    blocks = find_blocks(bytes(data[start:]), start, layout_of(file))
    known = np.isin(blocks.firsts, file.firsts[12:13]) & is_known

    sure = trusted(blocks, bytes(data[start:]), start, known)

    behind = list(file.firsts[11:]) if is_known else []
    assert [first for first in sure.firsts if first > file.firsts[10]] == behind
    assert list(file.firsts[:10]) == sure.firsts.tolist()[:10]


def test_where_nothing_fits_nothing_is_trusted() -> None:
    blocks = Blocks(np.array([0, 100]), np.array([0, 9000]), np.array([4096, 4096]))

    assert len(trusted(blocks, bytes(200), 0, nothing_known(blocks))) == 0
    assert len(trusted(blocks[:0], bytes(200), 0, nothing_known(blocks[:0]))) == 0
