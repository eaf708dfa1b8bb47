"""The test files are what they claim to be: libsndfile reads them as intended."""

from __future__ import annotations

import io

import numpy as np
import pytest
import soundfile as sf

from tests.doubles.flac_writer import FlacWriter, coded


def noise(n_frames: int, channels: int, depth: int) -> np.ndarray:
    top = 2 ** (depth - 1) - 1
    random = np.random.default_rng(1)
    loudness = random.uniform(0, 1, (n_frames, 1)) ** 4
    return (random.uniform(-top, top, (n_frames, channels)) * loudness).astype(int)


@pytest.mark.parametrize("depth", [8, 16, 24])
@pytest.mark.parametrize("channels", [1, 2, 8])
@pytest.mark.parametrize(
    "writer",
    [
        {},
        {"coding": "verbatim"},
        {"lengths": [16, 192, 1000, 4096, 255, 257]},
        {"lengths": 16, "tells_rate": False, "tells_sizes": False},
        {"points": [0, 3000, 4400], "placeholders": 3, "table_last": True},
        {"id3": 500, "padding": 10_000, "picture": 3000, "tail": b"TAG" + bytes(125)},
    ],
)
def test_libsndfile_decodes_what_was_written(
    depth: int, channels: int, writer: dict[str, object]
) -> None:
    samples = noise(4500, channels, depth)

    file = FlacWriter(depth=depth, **writer).write(samples)

    decoded, rate = sf.read(io.BytesIO(file.data), dtype="int32", always_2d=True)
    assert rate == 48000
    np.testing.assert_array_equal(decoded >> 32 - depth, samples)


@pytest.mark.parametrize("rate", [8000, 7999, 12345, 44100, 250_000, 384_000, 500_000])
def test_libsndfile_reads_the_rate(rate: int) -> None:
    file = FlacWriter(rate=rate).write(noise(5000, 1, 16))

    assert sf.info(io.BytesIO(file.data)).samplerate == rate


def test_constant_sound_takes_few_bytes() -> None:
    file = FlacWriter().write(np.full(8192, -7))

    decoded, _ = sf.read(io.BytesIO(file.data), dtype="int16")
    assert np.all(decoded == -7)
    assert len(file.data) - file.audio < 30


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (0x7F, "7f"),
        (0x80, "c280"),
        (1000, "cfa8"),
        (0xFFFF, "efbfbf"),
        (300_000, "f1898fa0"),
        (0x1FFFFF, "f7bfbfbf"),
        (0x7FFFFFFF, "fdbfbfbfbfbf"),
        (2**36 - 1, "febfbfbfbfbfbf"),
    ],
)
def test_numbers_are_coded_as_utf8_codes_characters(number: int, code: str) -> None:
    assert coded(number).hex() == code
