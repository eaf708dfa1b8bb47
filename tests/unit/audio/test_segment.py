"""Segments of local recordings: exact frames, clear errors."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile

from annotator.audio.segment import (
    RecordingInfo,
    local_info,
    read_local_segment,
)
from annotator.errors import (
    AccessDenied,
    FormatError,
    NotFound,
    ParameterError,
    SegmentOutOfRange,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FORMATS = [
    "formats/aiff_pcm_16.aiff",
    "formats/flac_pcm_16.flac",
    "formats/flac_pcm_24.flac",
    "formats/mp3_mpeg_layer_iii.mp3",
    "formats/ogg_opus.ogg",
    "formats/ogg_vorbis.ogg",
    "formats/rf64_pcm_16.rf64",
    "formats/w64_pcm_16.w64",
    "formats/wav_alaw.wav",
    "formats/wav_float.wav",
    "formats/wav_pcm_24.wav",
    "formats/wav_pcm_u8.wav",
    "birdnet_soundscape_120s_48k.flac",
    "birdnet_soundscape_120s_48k.mp3",
    "birdnet_soundscape_120s_48k.ogg",
    "deermouse_usv_250k.wav",
]
# mpg123 rounds its last bit by how its buffers lie in memory: even two sequential
# decodes differ by it. 16-bit steps are 100 times larger.
MP3_ROUNDING = 3e-7


def assert_same_samples(name: str, got: np.ndarray, expected: np.ndarray) -> None:
    tolerance = MP3_ROUNDING if name.endswith(".mp3") else 0.0
    assert got.shape == expected.shape
    np.testing.assert_allclose(got, expected, rtol=0, atol=tolerance)


@pytest.mark.parametrize("name", FORMATS)
def test_segments_equal_the_same_frames_of_a_sequential_decode(
    name: str, shared_data: Path
) -> None:
    path = shared_data / name
    whole, rate = soundfile.read(path, dtype="float32", always_2d=True)
    rng = np.random.default_rng(5)
    starts = rng.integers(0, len(whole) - 1, 25) / rate

    for start in starts:
        samples, got_rate = read_local_segment(path, start, 0.2)

        first = round(start * rate)
        assert got_rate == rate
        assert_same_samples(name, samples, whole[first : round((start + 0.2) * rate)])


@pytest.mark.parametrize("rate", [22_050, 48_000])
@pytest.mark.parametrize("level", [0.1, 0.9])
def test_mp3_segments_are_right_from_their_first_frame(
    rate: int, level: float, shared_data: Path, tmp_path: Path
) -> None:
    source, _ = soundfile.read(
        shared_data / "birdnet_soundscape_120s_48k.flac", frames=20 * rate
    )
    path = tmp_path / "loud.mp3"
    soundfile.write(
        path,
        source / np.abs(source).max(),
        rate,
        format="MP3",
        compression_level=level,
    )
    whole, _ = soundfile.read(path, dtype="float32", always_2d=True)

    for start in np.random.default_rng(1).uniform(0, 18, 30):
        samples, _ = read_local_segment(path, start, 0.05)

        first = round(start * rate)
        assert_same_samples(path.name, samples, whole[first : first + len(samples)])


@pytest.mark.parametrize(
    ("subtype", "rate"),
    [("VORBIS", 8_000), ("VORBIS", 48_000), ("OPUS", 16_000), ("OPUS", 48_000)],
)
def test_ogg_segments_near_the_end_are_in_their_place(
    subtype: str, rate: int, shared_data: Path, tmp_path: Path
) -> None:
    source, _ = soundfile.read(
        shared_data / "birdnet_soundscape_120s_48k.flac", frames=20 * rate + 123
    )
    path = tmp_path / "loud.ogg"
    soundfile.write(path, 8 * source, rate, format="OGG", subtype=subtype)
    whole, _ = soundfile.read(path, dtype="float32", always_2d=True)

    for start in np.random.default_rng(1).uniform(10, 20, 100):
        samples, _ = read_local_segment(path, start, 0.05)

        first = round(start * rate)
        assert_same_samples(path.name, samples, whole[first : first + len(samples)])


def test_samples_are_float32_with_one_column_per_channel(
    wav: Callable[..., Path],
) -> None:
    path = wav(duration=1.0, sample_rate=8_000, channels=3)

    samples, rate = read_local_segment(path, 0.25, 0.5)

    assert (samples.dtype, samples.shape, rate) == (np.float32, (4_000, 3), 8_000)


def test_a_segment_past_the_end_is_cut(wav: Callable[..., Path]) -> None:
    path = wav(duration=1.0, sample_rate=8_000)

    samples, _ = read_local_segment(path, 0.9, 1.0)

    assert samples.shape == (800, 1)


@pytest.mark.parametrize("start", [1.0, 5.5, 1e300])
def test_a_segment_wholly_past_the_end_is_an_error_that_tells_the_length(
    start: float, wav: Callable[..., Path]
) -> None:
    path = wav(duration=1.0, sample_rate=8_000)

    with pytest.raises(SegmentOutOfRange, match=r"only 1\.000 s long"):
        read_local_segment(path, start, 1.0)


@pytest.mark.parametrize(
    ("start", "duration"),
    [
        (math.nan, 1.0),
        (0.0, math.nan),
        (math.inf, 1.0),
        (0.0, math.inf),
        (-0.1, 1.0),
        (0.0, -1.0),
        (0.0, 0.0),
        (None, 1.0),
        ("1", 1.0),
    ],
)
def test_impossible_times_are_refused(
    start: float, duration: float, wav: Callable[..., Path]
) -> None:
    path = wav()

    with pytest.raises(ParameterError, match="clip"):
        read_local_segment(path, start, duration)


def test_a_missing_file_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"nowhere\.wav"):
        read_local_segment(tmp_path / "nowhere.wav", 0, 1)


def test_a_folder_is_not_a_recording(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="is a folder"):
        local_info(tmp_path)


def test_a_file_without_permission_is_denied(
    wav: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = wav()

    def refuse(*_args: object, **_kwargs: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(path), "open", refuse)  # root may read anything

    with pytest.raises(AccessDenied, match="permissions"):
        read_local_segment(path, 0, 1)


@pytest.mark.parametrize("name", ["notes.wav", "notes.raw", "notes.txt", "empty.flac"])
def test_what_is_not_audio_is_a_format_error(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text("" if name.startswith("empty") else "no sound here\n" * 50)

    with pytest.raises(FormatError, match="cannot be read as audio"):
        read_local_segment(path, 0, 1)


def test_a_flac_cut_short_gives_what_is_there_and_an_error_behind(
    tmp_path: Path,
) -> None:
    path = tmp_path / "cut.flac"
    noise = np.random.default_rng(2).uniform(-0.5, 0.5, 80_000).astype(np.float32)
    soundfile.write(path, noise, 8_000)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    samples, _ = read_local_segment(path, 0.0, 1.0)

    np.testing.assert_allclose(samples[:, 0], noise[:8_000], atol=1 / 32_768)
    with pytest.raises(FormatError, match=r"cut\.flac cannot be decoded at 8 s"):
        read_local_segment(path, 8.0, 1.0)


def test_info_tells_length_rate_channels_and_format(wav: Callable[..., Path]) -> None:
    path = wav(duration=1.5, sample_rate=22_050, channels=2)

    info = local_info(path)

    assert info == RecordingInfo(str(path), 33_075, 22_050, 2, "WAV", "PCM_16")
    assert info.duration == pytest.approx(1.5)


def test_info_of_a_missing_file_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        local_info(tmp_path / "nowhere.flac")
