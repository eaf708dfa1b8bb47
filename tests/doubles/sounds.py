"""Recordings whose content tells the time, and whose bit rate varies wildly."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import soundfile

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from tests.doubles.web import WebServer

__all__ = ["encoded", "sequential", "served"]

_AT_ONCE = 4800  # libvorbis overflows its stack where much more is written at once


def encoded(
    kind: str,
    *,
    rate: int = 8000,
    channels: int = 1,
    seconds: float = 10.0,
    levels: Sequence[float] = (0.5, 0.001, 0.9, 0.0001, 0.1),
    seed: int = 7,
) -> bytes:
    """Return a sound file in memory.

    Parameters
    ----------
    kind
        libsndfile's names of format and subtype: "WAV PCM_16".
    rate, channels, seconds
        Its size.
    levels
        Loudness of parts of equal length; noise that is never the same twice.
    seed
        Of the noise.
    """
    rng = np.random.default_rng(seed)
    n_frames = max(1, round(rate * seconds))
    noise = rng.uniform(-1, 1, (n_frames, channels)).astype(np.float32)
    part = np.arange(n_frames) * len(levels) // n_frames
    noise *= np.asarray(levels, np.float32)[part][:, None]
    file = io.BytesIO()
    name, subtype = kind.split()
    with soundfile.SoundFile(file, "w", rate, channels, subtype, format=name) as sound:
        for start in range(0, n_frames, _AT_ONCE):
            sound.write(noise[start : start + _AT_ONCE])
    return file.getvalue()


def served(
    web: WebServer, content: bytes, folder: Path
) -> tuple[str, NDArray[np.float32]]:
    """Serve a sound file as "a"; gives its address and its samples."""
    (folder / "local").write_bytes(content)
    web.content["a"] = content
    return web.url("a"), sequential(folder / "local")


def sequential(path: Path) -> NDArray[np.float32]:
    """Decode a file from its start in one read; shape (frames, channels).

    Not in blocks: soundfile seeks after each, and Opus starts cold where that seek
    leads into the last page of a file.
    """
    with soundfile.SoundFile(path) as sound:
        return np.asarray(sound.read(sound.frames, dtype="float32", always_2d=True))
