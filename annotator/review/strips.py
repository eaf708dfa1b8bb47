"""Strips: the long-term spectrograms of whole recordings, drawn block by block."""

from __future__ import annotations

import io as memory
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from zipfile import BadZipFile

import numpy as np

from annotator.audio.io import scheme_of
from annotator.review.spans import Reader
from annotator.signal.longterm import LongTermSpectrogram

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from annotator.audio.backends.base import FileInfo

__all__ = ["AskFirst", "RecordingReader", "Strip", "draw_strip"]

_WHAT = "strip 1"  # count up when the picture or its format changes
_PUBLISH_EVERY = 0.4  # s


@dataclass(frozen=True, eq=False)
class Strip:
    """A recording, as far as it was read."""

    levels: NDArray[np.uint8]
    """Shape (rows, columns), row 0 the lowest band."""
    n_done: int
    """Columns that were drawn, from the left."""
    duration: float
    """Seconds."""
    sample_rate: int
    """Hz."""

    @property
    def is_done(self) -> bool:
        """Whether it shows the whole recording."""
        return self.n_done >= int(self.levels.shape[1])

    def to_bytes(self) -> bytes:
        """Write it for a file."""
        file = memory.BytesIO()
        numbers = np.array([self.duration, self.sample_rate], dtype=np.float64)
        np.savez(file, levels=self.levels, numbers=numbers)
        return file.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> Strip | None:
        """Read what `to_bytes` wrote of a whole recording; None if it is damaged."""
        try:
            with np.load(memory.BytesIO(content), allow_pickle=False) as file:
                levels, numbers = file["levels"], file["numbers"]
            duration, sample_rate = float(numbers[0]), int(numbers[1])
        except (OSError, ValueError, KeyError, IndexError, EOFError, BadZipFile):
            return None
        if levels.ndim != 2 or levels.dtype != np.uint8:
            return None
        return cls(levels, levels.shape[1], duration, sample_rate)


class AskFirst(Exception):
    """So much would have to be fetched that a person shall decide.

    Attributes
    ----------
    size
        Bytes.
    """

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.size = size


class RecordingReader(Reader, Protocol):
    """Where recordings are read, and what was made of them is kept."""

    def stat(self, path: str | Path, **auth: Any) -> FileInfo:
        """Tell a recording's size and version."""

    def kept_result(self, address: str, version: str | None, what: str) -> bytes | None:
        """Return what was kept of a recording."""

    def keep_result(
        self, address: str, version: str | None, what: str, content: bytes
    ) -> None:
        """Keep something of a recording."""


def draw_strip(
    recording: str,
    *,
    reader: RecordingReader,
    auth: Mapping[str, Any],
    most_bytes: int | None,
) -> Iterator[Strip | None]:
    """Yield a recording's strip as it grows, or None where a step shows nothing new.

    Parameters
    ----------
    recording
        Path or address.
    reader, auth
        Read it.
    most_bytes
        Of a remote recording; None: any size.

    Raises
    ------
    AskFirst
        It is remote and larger.
    AnnotatorError
        It cannot be read, or not to its end.
    """
    file = reader.stat(recording, **auth)
    # The same name on another server is another file.
    place = f"{auth.get('endpoint_url') or ''}{recording}"
    kept = reader.kept_result(place, file.version, _WHAT)
    strip = Strip.from_bytes(kept) if kept is not None else None
    if strip is not None:
        yield strip
        return
    info = reader.recording_info(recording, **auth)
    rate, told = info.sample_rate, time.monotonic()
    picture = LongTermSpectrogram(info.n_frames, rate, channels=info.channels)
    yield Strip(picture.levels(), 0, info.duration, rate)
    is_remote = scheme_of(recording) != "file"
    if is_remote and most_bytes is not None and file.size > most_bytes:
        raise AskFirst(file.size)
    while not picture.is_done:
        first, count = picture.wanted
        samples, _ = reader.read_segment(recording, first / rate, count / rate, **auth)
        picture.add(samples)
        if time.monotonic() - told > _PUBLISH_EVERY and not picture.is_done:
            yield Strip(picture.levels(), picture.columns_done, info.duration, rate)
            told = time.monotonic()
        else:
            yield None
    strip = Strip(picture.levels(), picture.n_columns, info.duration, rate)
    if reader.stat(recording, **auth).version == file.version:
        reader.keep_result(place, file.version, _WHAT, strip.to_bytes())
    yield strip
