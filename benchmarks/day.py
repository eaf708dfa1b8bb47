"""The whole of a day's recording on one line, and the memory it takes."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import soundfile
from ratios import Row

if TYPE_CHECKING:
    from collections.abc import Iterator

RATE = 16_000
_DRAW = """
import resource, sys, time
from annotator.audio import io
from annotator.review.strips import draw_strip
io.read_segment(sys.argv[1], 0, 1)
base, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
for strip in draw_strip(sys.argv[1], reader=io, auth={}, most_bytes=None):
    pass
assert strip.is_done
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - base, time.monotonic() - start)
"""


def measure() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        hour, day = Path(folder) / "hour.flac", Path(folder) / "day.flac"
        write_recording(hour, 1)
        write_recording(day, 24)
        (small, short), (large, long) = drawn(hour), drawn(day)
    detail = f"{large / 1e3:.0f} MB / {small / 1e3:.0f} MB (of one hour)"
    yield Row("memory to draw 24 hours on one line", large / small, 1.5, detail)
    detail = f"{long:.0f} s / {24 * short:.0f} s (24 x one hour)"
    yield Row("time to draw 24 hours on one line", long / (24 * short), 1.5, detail)


def write_recording(path: Path, hours: int) -> None:
    rng = np.random.default_rng(5)
    minute = 0.01 * rng.standard_normal(60 * RATE).astype(np.float32)
    with soundfile.SoundFile(path, "w", RATE, 1, "PCM_16") as sound:
        for _ in range(60 * hours):
            sound.write(minute)


def drawn(path: Path) -> tuple[float, float]:
    """Draw a recording in a process of its own: kB of memory for it, and seconds."""
    with tempfile.TemporaryDirectory() as cache:
        done = subprocess.run(  # noqa: S603 - our own code
            [sys.executable, "-c", _DRAW, str(path)],
            env={"ANNOTATOR_CACHE_DIR": cache, "PATH": ""},
            capture_output=True,
            text=True,
            check=True,
        )
    kilobytes, seconds = map(float, done.stdout.split())
    return kilobytes, seconds
