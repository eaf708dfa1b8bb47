"""Draw whole recordings in the background, one thread for all of them.

A *strip* is a recording's long-term spectrogram. Recordings take turns, block by
block; between two blocks the thread waits while clips are being prepared, and looks
whether anybody still wants the strip.
"""

from __future__ import annotations

import io as memory
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol
from zipfile import BadZipFile

import numpy as np

from annotator.audio.io import scheme_of
from annotator.errors import AnnotatorError
from annotator.signal.longterm import LongTermSpectrogram

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from annotator.audio.backends.base import FileInfo
    from annotator.audio.segment import RecordingInfo

__all__ = ["AskFirst", "RecordingReader", "Strip", "StripPainter", "draw_strip"]

_logger = logging.getLogger(__name__)

_WHAT = "strip 1"  # count up when the picture or its format changes
_PUBLISH_EVERY = 0.4  # s
_LOOK_AGAIN = 0.03  # s, while clips are being prepared
_IDLE = 2.0  # s until a thread without work ends


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


class RecordingReader(Protocol):
    """Where recordings are read; `annotator.audio.io` is one."""

    def read_segment(
        self,
        path: str | Path,
        start_sec: float,
        dur_sec: float,
        partial: bool = True,
        **auth: Any,
    ) -> tuple[NDArray[np.float32], int]:
        """Decode a span; float32 (frames, channels) and Hz."""

    def recording_info(self, path: str | Path, **auth: Any) -> RecordingInfo:
        """Tell how long a recording is, among others."""

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


Tell = Callable[["Strip | None", "BaseException | None"], None]
"""Gets each strip, or why there is none."""

_Key = tuple[str, int | None]


@dataclass(eq=False)
class _Job:
    """A recording that is being drawn, and who wants to see it."""

    key: _Key
    auth: dict[str, Any]
    steps: Iterator[Strip | None]
    listeners: dict[object, Tell] = field(default_factory=dict)
    latest: Strip | None = None

    def step(self) -> tuple[Strip | None, BaseException | None, bool]:
        """Do a piece of the work: the news, an error, whether it is over."""
        try:
            strip = next(self.steps)
        except StopIteration:
            return None, None, True
        except (AnnotatorError, AskFirst) as err:
            return None, err, True
        except Exception as err:  # the person shall read it, the thread go on
            _logger.exception("A recording could not be drawn")
            return None, err, True
        self.latest = strip or self.latest
        return strip, None, False


class StripPainter:
    """Draws recordings, each once however many want to see it.

    Its thread starts with the first request and ends when there is nothing to do.
    """

    def __init__(self) -> None:
        self._lock = threading.Condition()
        self._jobs: deque[_Job] = deque()
        self._busy: dict[object, Callable[[], bool]] = {}
        self._thread: threading.Thread | None = None

    def request(
        self,
        recording: str,
        tell: Tell,
        *,
        reader: RecordingReader,
        auth: Mapping[str, Any],
        most_bytes: int | None,
        is_busy: Callable[[], bool],
    ) -> Callable[[], None]:
        """Ask for a recording's strip.

        Parameters
        ----------
        recording, reader, auth, most_bytes
            As for `draw_strip`.
        tell
            Called from the painter's thread.
        is_busy
            While it says True, nothing new is begun.

        Returns
        -------
        Callable
            Call it when the strip is no longer wanted.
        """
        me, key, auth = object(), (recording, most_bytes), dict(auth)
        with self._lock:
            job = next((j for j in self._jobs if (j.key, j.auth) == (key, auth)), None)
            if job is None:
                steps = draw_strip(
                    recording, reader=reader, auth=auth, most_bytes=most_bytes
                )
                job = _Job(key, auth, steps)
                self._jobs.append(job)
            job.listeners[me] = tell
            latest = job.latest
            self._busy[me] = is_busy
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._run, name="strips", daemon=True
                )
                self._thread.start()
            self._lock.notify_all()
        if latest is not None:
            tell(latest, None)
        wanted = job

        def leave() -> None:
            with self._lock:
                wanted.listeners.pop(me, None)
                self._busy.pop(me, None)

        return leave

    def _run(self) -> None:
        while (job := self._next()) is not None:
            strip, error, is_over = job.step()
            with self._lock:
                listeners = list(job.listeners.values())
                if is_over:
                    self._jobs.remove(job)
                    for me in job.listeners:
                        self._busy.pop(me, None)
            if strip is not None or error is not None:
                for tell in listeners:
                    _tell(tell, strip, error)

    def _next(self) -> _Job | None:
        """Wait for the next piece of work; None: there was none for a while."""
        with self._lock:
            while True:
                for job in [job for job in self._jobs if not job.listeners]:
                    self._jobs.remove(job)  # nobody looks any more
                if not self._jobs:
                    if not self._lock.wait_for(lambda: bool(self._jobs), _IDLE):
                        self._thread = None
                        return None
                elif any(is_busy() for is_busy in self._busy.values()):
                    self._lock.wait(_LOOK_AGAIN)
                else:
                    self._jobs.rotate(-1)
                    return self._jobs[-1]


def _tell(tell: Tell, strip: Strip | None, error: BaseException | None) -> None:
    try:
        tell(strip, error)
    except Exception:
        _logger.exception("A view of a recording failed")
