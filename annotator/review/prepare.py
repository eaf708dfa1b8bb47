"""Make clips ready to be seen and heard: decode, spectrogram, samples to play.

What was made is kept for a while, the next clips are made ahead, and no clip is made
twice at the same time.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from annotator.audio import io
from annotator.audio.encode import to_int16
from annotator.errors import AnnotatorError, DataError
from annotator.review.look import ViewState
from annotator.review.spans import Reader, channel_of, oddities, span_of
from annotator.signal.kernels import load_transform
from annotator.visualizations import gallery
from annotator.visualizations.packing import to_webp

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import numpy as np
    from numpy.typing import NDArray

    from annotator.signal.spectrogram import Spectrogram
    from annotator.sources.clips import Clip
    from annotator.visualizations import Gallery, Visualization

__all__ = ["ClipLoader", "PreparedClip", "Reader", "ViewState"]

_logger = logging.getLogger(__name__)

_AROUND = 2**16  # samples: half of the longest window


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
    n_channels: int = 1
    """Of the recording."""

    @property
    def nbytes(self) -> int:
        """Memory taken by picture and samples."""
        picture = self.spectrogram
        coloured = 0 if picture.rgba is None else picture.rgba.nbytes
        return int(picture.data.nbytes + coloured + self.audio.nbytes)


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
    pack
        Whether pictures are packed for a slow line.
    visualizations
        Ways to draw clips, by `ViewState.kind`; None: the common ones.
    max_clips, max_bytes
        Prepared clips that are kept at most: their number, and their size.
    """

    def __init__(
        self,
        *,
        auth: Mapping[str, Any] | None = None,
        reader: Reader = io,
        partial: bool = True,
        pack: bool = False,
        visualizations: Gallery | None = None,
        max_clips: int = 8,
        max_bytes: int = 200_000_000,
    ) -> None:
        self._auth = dict(auth or {})
        self._reader = reader
        self._partial = partial
        self._pack = pack
        self.visualizations = visualizations or gallery(["linear", "mel"])
        self._max_clips = max_clips
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._kept: OrderedDict[_Key, PreparedClip] = OrderedDict()
        self._making: dict[_Key, Future[PreparedClip]] = {}
        self._plan = 0
        self._closed = False
        self._pool = ThreadPoolExecutor(2, thread_name_prefix="prefetch")

    def ready(self, clip: Clip, view: ViewState) -> PreparedClip | None:
        """Return a clip if it is prepared already; it takes no time."""
        with self._lock:
            return self._find(_key(clip, view))

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
        key = _key(clip, view)
        with self._lock:
            kept = self._find(key)
            if kept is not None:
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

    def detail(
        self,
        clip: Clip,
        view: ViewState,
        span: tuple[float, float],
        band: tuple[float, float] | None = None,
        *,
        max_db: float | None = None,
    ) -> Spectrogram:
        """Draw a part of a clip's picture at full detail.

        Parameters
        ----------
        clip, view
            As for `prepare`; of `view`, `width` counts for the part.
        span
            Start and end of the part, seconds.
        band
            Lowest and highest frequency, Hz (of a waveform: amplitudes); None: all.
        max_db
            Level of the brightest shade, so that the part is as bright as the whole;
            None: its own loudest value.

        Raises
        ------
        DataError, StorageError, FormatError
            As for `prepare`.
        """
        info = self._reader.recording_info(clip.recording, **self._auth)
        # Windows at the edges reach into the sound around them.
        around = _AROUND / info.sample_rate
        start = max(0.0, span[0] - around)
        end = min(info.duration, span[1] + around)
        samples, sample_rate = self._reader.read_segment(
            clip.recording, start, end - start, self._partial, **self._auth
        )
        samples, _ = channel_of(samples, view.channel)
        start = round(start * sample_rate) / sample_rate
        settings = replace(view.picture_settings(sample_rate), max_db=max_db)
        if band is not None:
            settings = replace(settings, min_frequency=band[0], max_frequency=band[1])
        return self._packed(
            self._visualization(view).draw(
                samples, sample_rate, settings, start_time=start, span=span
            )
        )

    def _packed(self, picture: Spectrogram) -> Spectrogram:
        if not self._pack or picture.rgba is not None:
            return picture
        return replace(picture, packed=to_webp(picture.data))

    def _visualization(self, view: ViewState) -> Visualization:
        ways = self.visualizations
        return ways.get(view.kind) or ways[ways.default]

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

    def _find(self, key: _Key) -> PreparedClip | None:
        kept = self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
        return kept

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
        start, end, notes = span_of(clip, view.buffer, info.duration)
        samples, sample_rate = self._reader.read_segment(
            clip.recording, start, end - start, self._partial, **self._auth
        )
        n_channels = samples.shape[1]
        samples, note = channel_of(samples, view.channel)
        # What was decoded starts at a frame, perhaps not at the time asked for.
        start = round(start * sample_rate) / sample_rate
        spectrogram = self._visualization(view).draw(
            samples, sample_rate, view.picture_settings(sample_rate), start_time=start
        )
        return PreparedClip(
            spectrogram=self._packed(spectrogram),
            audio=to_int16(samples),
            sample_rate=sample_rate,
            start_time=start,
            end_time=start + len(samples) / sample_rate,
            clip_start=clip.start_time,
            clip_end=clip.end_time,
            recording_duration=info.duration,
            notes=(*notes, *note, *oddities(samples)),
            n_channels=n_channels,
        )


def _key(clip: Clip, view: ViewState) -> _Key:
    return clip.recording, clip.start_time, clip.end_time, view
