"""Make clips ready to be seen and heard: decode, spectrogram, samples to play.

What was made is kept for a while, the next clips are made ahead, and no clip is made
twice at the same time.
"""

from __future__ import annotations

import logging
import math
import threading
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from annotator.audio import io
from annotator.audio.encode import to_int16
from annotator.errors import AnnotatorError, DataError, SegmentOutOfRange
from annotator.signal.kernels import load_transform
from annotator.signal.spectrogram import Spectrogram, compute_spectrogram

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from annotator.audio.segment import RecordingInfo
    from annotator.sources.clips import Clip

__all__ = ["ClipLoader", "PreparedClip", "Reader", "ViewState"]

_logger = logging.getLogger(__name__)

_SHORTEST = 0.1  # s shown where clip and buffer have no length


@dataclass(frozen=True)
class ViewState:
    """How clips are looked at."""

    kind: str = "linear"
    """Frequency axis: "linear" or "mel"."""
    width: int = 2000
    """Most columns of the spectrogram."""
    n_fft: int | None = None
    """Samples of a window; None: what suits the sample rate."""
    buffer: float = 3.0
    """Seconds shown before and after the clip."""
    channel: int | None = None
    """The channel shown and heard, from 1; None: their mean."""


@dataclass(frozen=True, eq=False)
class PreparedClip:
    """A clip with its surroundings; times in seconds from the recording's start."""

    spectrogram: Spectrogram
    audio: NDArray[np.int16]
    """Shape (frames,)."""
    sample_rate: int
    """Hz."""
    start_time: float
    """Start of what is shown, with the buffer."""
    end_time: float
    """End of what is shown."""
    clip_start: float
    clip_end: float
    recording_duration: float
    notes: tuple[str, ...] = ()
    """What a person should know about it, one sentence each."""

    @property
    def nbytes(self) -> int:
        """Memory taken by picture and samples."""
        return int(self.spectrogram.data.nbytes + self.audio.nbytes)


class Reader(Protocol):
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


_Key = tuple[str, float, float, ViewState]


class ClipLoader:
    """Prepares clips, from any thread.

    Parameters
    ----------
    auth
        What the recordings' place asks for, see `annotator.audio.io`.
    reader
        Reads recordings.
    partial
        Whether to fetch only the needed part of a remote recording.
    max_clips, max_bytes
        Prepared clips that are kept at most: their number, and their size.
    """

    def __init__(
        self,
        *,
        auth: Mapping[str, Any] | None = None,
        reader: Reader = io,
        partial: bool = True,
        max_clips: int = 8,
        max_bytes: int = 200_000_000,
    ) -> None:
        self._auth = dict(auth or {})
        self._reader = reader
        self._partial = partial
        self._max_clips = max_clips
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._kept: OrderedDict[_Key, PreparedClip] = OrderedDict()
        self._making: dict[_Key, Future[PreparedClip]] = {}
        self._plan = 0
        self._closed = False
        self._pool = ThreadPoolExecutor(2, thread_name_prefix="prefetch")

    def prepare(self, clip: Clip, view: ViewState) -> PreparedClip:
        """Return a clip ready to be shown; it may take a second.

        Raises
        ------
        DataError
            The table's row has no usable times or recording.
        SegmentOutOfRange
            The clip lies outside of its recording.
        NotFound, AccessDenied, Unreachable, FormatError
            The recording cannot be read.
        """
        key = (clip.recording, clip.start_time, clip.end_time, view)
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None:
                self._kept.move_to_end(key)
                return kept
            waiting = self._making.get(key)
            if waiting is None:
                made: Future[PreparedClip] = Future()
                self._making[key] = made
        if waiting is not None:
            return waiting.result()
        try:
            prepared = self._prepare(clip, view)
        except BaseException as err:
            # Those who wait get it too; who asks later gets another try.
            with self._lock:
                del self._making[key]
            made.set_exception(err)
            raise
        with self._lock:
            del self._making[key]
            self._keep(key, prepared)
        made.set_result(prepared)
        return prepared

    def prefetch(self, clips: Iterable[Clip], view: ViewState) -> None:
        """Prepare clips in the background, in place of those asked for before."""
        with self._lock:
            self._plan += 1
            if self._closed:
                return
            for clip in clips:
                try:
                    self._pool.submit(self._prepare_ahead, clip, view, self._plan)
                except RuntimeError:
                    return  # the program ends: nobody will look at it

    @property
    def is_busy(self) -> bool:
        """Whether a clip is being prepared now, for this moment or ahead."""
        return bool(self._making)

    def close(self) -> None:
        """Forget everything and stop what was begun ahead."""
        with self._lock:
            self._plan += 1
            self._closed = True
            self._kept.clear()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _prepare_ahead(self, clip: Clip, view: ViewState, plan: int) -> None:
        if plan != self._plan:
            return  # the person went elsewhere meanwhile
        try:
            self.prepare(clip, view)
        except AnnotatorError as err:
            # It will be said when the person comes to the clip.
            _logger.debug("Preparing clip %s ahead: %s", clip.identity, err)

    def _keep(self, key: _Key, prepared: PreparedClip) -> None:
        self._kept[key] = prepared
        n_bytes = sum(clip.nbytes for clip in self._kept.values())
        while len(self._kept) > 1 and (
            len(self._kept) > self._max_clips or n_bytes > self._max_bytes
        ):
            n_bytes -= self._kept.popitem(last=False)[1].nbytes

    def _prepare(self, clip: Clip, view: ViewState) -> PreparedClip:
        if clip.problem:
            raise DataError(clip.problem)
        load_transform()  # the overview's thread may be about to
        info = self._reader.recording_info(clip.recording, **self._auth)
        start, end, notes = _span(clip, view.buffer, info.duration)
        samples, sample_rate = self._reader.read_segment(
            clip.recording, start, end - start, self._partial, **self._auth
        )
        samples, note = _channel(samples, view.channel)
        # What was decoded starts at a frame, perhaps not at the time asked for.
        start = round(start * sample_rate) / sample_rate
        spectrogram = compute_spectrogram(
            samples,
            sample_rate,
            kind=view.kind,
            n_fft=view.n_fft,
            width=view.width,
            start_time=start,
        )
        return PreparedClip(
            spectrogram=spectrogram,
            audio=to_int16(samples),
            sample_rate=sample_rate,
            start_time=start,
            end_time=start + len(samples) / sample_rate,
            clip_start=clip.start_time,
            clip_end=clip.end_time,
            recording_duration=info.duration,
            notes=(*notes, *note),
        )


def _span(
    clip: Clip, buffer: float, duration: float
) -> tuple[float, float, tuple[str, ...]]:
    """Return what to decode of a recording of `duration` seconds, and notes."""
    if not math.isfinite(buffer) or buffer < 0:
        buffer = 0.0
    if clip.start_time >= duration or clip.end_time < 0:
        msg = (
            f"The clip from {clip.start_time:g} to {clip.end_time:g} s lies outside "
            f"of its recording, which is {duration:.2f} s long: {clip.recording}"
        )
        raise SegmentOutOfRange(msg)
    notes = []
    if clip.start_time < 0:
        notes.append(f"The clip starts {-clip.start_time:.2f} s before its recording.")
    # Half a millisecond: a table's rounding is no news.
    if clip.end_time > duration + 0.0005:
        missing = clip.end_time - duration
        notes.append(
            f"The recording ends at {duration:.2f} s: "
            f"the clip's last {missing:.2f} s are missing."
        )
    if clip.end_time - clip.start_time + 2 * buffer < _SHORTEST:
        buffer = _SHORTEST / 2
    start = max(0.0, clip.start_time - buffer)
    return start, min(duration, clip.end_time + buffer), tuple(notes)


def _channel(
    samples: NDArray[np.float32], channel: int | None
) -> tuple[NDArray[np.float32], tuple[str, ...]]:
    """Return one channel, shape (frames,), or all, (frames, channels), and notes."""
    if channel is None:
        return samples, ()
    n_channels = samples.shape[1]
    if not 1 <= channel <= n_channels:
        note = f"There is no channel {channel}: the mean of {n_channels} is shown."
        return samples, (note,)
    return samples[:, channel - 1], ()
