from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile as sf

from annotator.audio.flac.map import FlacMap

if TYPE_CHECKING:
    from pathlib import Path


class Counted:
    """A file in memory that counts what is read of it."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.size = len(data)
        self.reads: list[tuple[int, int]] = []

    def read(self, start: int, stop: int) -> bytes:
        assert 0 <= start < stop <= self.size
        self.reads.append((start, stop))
        return self.data[start:stop]


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
    source = Counted((shared_data / name).read_bytes())
    random = np.random.default_rng(3)

    for _ in range(40):
        first = int(random.integers(0, len(whole)))
        count = int(random.integers(1, 5 * rate))
        part = FlacMap(source).read(first, count)
        np.testing.assert_array_equal(part, whole[first : first + count])
