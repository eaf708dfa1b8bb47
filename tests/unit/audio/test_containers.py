"""Files that libsndfile alone would misread."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile

from annotator.audio.segment import local_info, read_local_segment
from annotator.errors import FormatError, SegmentOutOfRange

if TYPE_CHECKING:
    from pathlib import Path

RATE = 48_000
SECONDS = 30


@pytest.fixture(scope="module")
def sound(shared_data: Path) -> np.ndarray:
    """Return half a minute of birds, loud, shape (frames,)."""
    samples, _ = soundfile.read(
        shared_data / "birdnet_soundscape_120s_48k.flac",
        frames=SECONDS * RATE,
        dtype="float32",
    )
    return samples / np.abs(samples).max()


def id3_tag(length: int) -> bytes:
    sizes = [length >> shift & 0x7F for shift in (21, 14, 7, 0)]
    return b"ID3\x03\x00\x00" + bytes(sizes) + bytes(length)


def without_length(flac: bytes) -> bytes:
    return flac[:21] + bytes([flac[21] & 0xF0, 0, 0, 0, 0]) + flac[26:]


def flac(path: Path, sound: np.ndarray) -> bytes:
    soundfile.write(path, sound, RATE, format="FLAC")
    return path.read_bytes()


def assert_every_part_is_right(path: Path, sound: np.ndarray, rate: int) -> None:
    length = len(sound) / rate
    for start in [*np.linspace(0, length - 0.2, 40), length - 0.001]:
        samples, got_rate = read_local_segment(path, start, 0.1)

        first = round(start * rate)
        assert got_rate == rate
        np.testing.assert_allclose(
            samples[:, 0], sound[first : round((start + 0.1) * rate)], atol=4e-5
        )


@pytest.mark.parametrize("tag_length", [10, 150_000])
def test_a_tagged_flac_reads_to_its_end(
    tag_length: int, sound: np.ndarray, tmp_path: Path
) -> None:
    path = tmp_path / "tagged.flac"
    path.write_bytes(id3_tag(tag_length) + flac(path, sound))

    assert local_info(path).n_frames == len(sound)
    assert_every_part_is_right(path, sound, RATE)


@pytest.mark.parametrize("tag", [b"", id3_tag(5_000)])
def test_a_flac_that_does_not_tell_its_length_is_measured(
    tag: bytes, sound: np.ndarray, tmp_path: Path
) -> None:
    path = tmp_path / "piped.flac"
    path.write_bytes(tag + without_length(flac(path, sound)))

    assert local_info(path).duration == SECONDS
    assert_every_part_is_right(path, sound, RATE)
    with pytest.raises(SegmentOutOfRange, match=r"30\.000 s"):
        read_local_segment(path, SECONDS, 1)


def test_a_flac_without_length_that_is_cut_short_gives_what_is_there(
    sound: np.ndarray, tmp_path: Path
) -> None:
    path = tmp_path / "cut.flac"
    whole = without_length(flac(path, sound))
    path.write_bytes(whole[: len(whole) // 2])

    info = local_info(path)

    assert 5 < info.duration < 25
    samples, _ = read_local_segment(path, info.duration - 1, 0.5)
    first = round((info.duration - 1) * RATE)
    np.testing.assert_allclose(
        samples[:, 0], sound[first : first + RATE // 2], atol=4e-5
    )


@pytest.mark.parametrize("tag", [b"", id3_tag(5_000)])
@pytest.mark.parametrize(
    ("rate", "mode"),
    [(48_000, "VARIABLE"), (48_000, "CONSTANT"), (22_050, "VARIABLE")],
)
def test_an_mp3_without_an_index_reads_to_its_end(
    tag: bytes, rate: int, mode: str, sound: np.ndarray, tmp_path: Path
) -> None:
    path = tmp_path / "indexed.mp3"
    fading = sound * np.linspace(1, 0.1, len(sound)) ** 2
    soundfile.write(
        path,
        fading,
        rate,
        format="MP3",
        bitrate_mode=mode,
        compression_level=0.3,
    )
    encoded = path.read_bytes()
    indexed, _ = soundfile.read(path, dtype="float32")
    bare = tmp_path / "bare.mp3"
    bare.write_bytes(tag + without_index(encoded))

    info = local_info(bare)

    assert 0 <= info.n_frames - len(indexed) < 3 * 1152
    whole, _ = read_local_segment(bare, 0, info.duration)
    assert_every_part_is_right(bare, whole[:, 0], rate)
    assert_ends_alike(whole[:, 0], indexed)


def assert_ends_alike(whole: np.ndarray, indexed: np.ndarray) -> None:
    # The index tells the encoder's delay too: without it all comes that much later.
    end = indexed[-10_000:-6_000]
    differences = [
        np.abs(whole[at : at + len(end)] - end).max()
        for at in range(len(indexed) - 10_000, len(whole) - len(end))
    ]
    assert min(differences) < 1e-4 < 1e-3 < np.abs(end).max()


def without_index(mp3: bytes) -> bytes:
    """Cut off the first frame, which holds the index."""
    assert b"Xing" in mp3[:100] or b"Info" in mp3[:100]
    second = mp3.index(mp3[:2], 4)
    while mp3[second + 2] & 0x0C != mp3[2] & 0x0C:
        second = mp3.index(mp3[:2], second + 1)
    return mp3[second:]


def test_bytes_like_an_mp3_header_are_not_taken_for_one(tmp_path: Path) -> None:
    path = tmp_path / "noise.bin"
    path.write_bytes(b"\xff\xfb\x90\x00" + bytes(50_000))

    with pytest.raises(FormatError, match="cannot be read as audio"):
        local_info(path)


def test_a_changed_file_is_looked_at_again(sound: np.ndarray, tmp_path: Path) -> None:
    path = tmp_path / "growing.flac"
    path.write_bytes(without_length(flac(path, sound[:RATE])))
    assert local_info(path).duration == 1

    path.write_bytes(without_length(flac(path, sound[: 2 * RATE])))

    assert local_info(path).duration == 2
