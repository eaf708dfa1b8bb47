"""The whole recording around a clip: its picture, its other clips, a look elsewhere.

The picture is made in the background, a block at a time, and gives way to clips: no
block is begun while one is being prepared. It is kept by the recording's address and
version, so that the next time it is there at once.
"""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import param

from annotator.audio import io
from annotator.review.painting import StripPainter
from annotator.review.publishing import Publisher
from annotator.review.strips import AskFirst, Strip

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from annotator.review.session import ReviewSession
    from annotator.review.strips import RecordingReader
    from annotator.sources.clips import Clip

__all__ = ["N_TICKS", "UNASKED", "Overview"]

UNASKED = 64_000_000
"""Bytes of a remote recording that are fetched for its picture unasked."""

N_TICKS = 2048
"""Places along the recording where a clip may be marked."""

_PAINTER = StripPainter()  # one thread for all reviews of this process


class Overview(Publisher):
    """The recording that the session's clip is from; safe between threads.

    Parameters
    ----------
    session
        Its clip is followed.
    reader
        Reads recordings; `annotator.audio.io` is one.
    auth
        What the recordings' place asks for.
    is_busy
        Whether clips are being prepared, which come first.
    painter
        Draws recordings; None: the one of this process.
    """

    duration = param.Number(
        default=0.0, bounds=(0, None), constant=True, doc="Length, s; 0: not known yet."
    )
    elsewhere = param.Number(
        default=None,
        allow_None=True,
        constant=True,
        doc="Start of what is shown in place of the clip, s; None: the clip.",
    )
    problem = param.ClassSelector(
        class_=BaseException, constant=True, doc="Why the picture is not whole."
    )
    strip = param.ClassSelector(
        class_=Strip, constant=True, doc="The picture so far; None: none."
    )
    unasked_size = param.Integer(
        default=None,
        allow_None=True,
        constant=True,
        doc="Bytes of a recording that is drawn on demand only; None: no question.",
    )

    def __init__(
        self,
        session: ReviewSession,
        *,
        reader: RecordingReader = io,
        auth: Mapping[str, Any] | None = None,
        is_busy: Callable[[], bool] = lambda: False,
        painter: StripPainter | None = None,
    ) -> None:
        super().__init__()
        self.session = session
        self._reader, self._auth = reader, dict(auth or {})
        self._is_busy, self._painter = is_busy, painter or _PAINTER
        self._recording: str | None = None
        self._visit = 0  # counts recordings, so that late news are told from new ones
        self._leave: Callable[[], None] = _nothing
        self._is_shown = False
        self._strip: Strip | None = None
        self._problem: BaseException | None = None
        self._size: int | None = None
        self._start: float | None = None
        self._places: tuple[str, NDArray[np.intp]] | None = None
        self._watcher = session.param.watch(self._follow_clip, "clip")

    def show(self) -> None:
        """Draw from now on: somebody looks. Without a view nothing is read."""
        self._is_shown = True
        self._follow_clip()

    def draw(self) -> None:
        """Draw the recording although it is large."""
        with self._lock:
            recording = self._recording
            self._size = self._problem = None
        if recording:
            self._request(recording, most_bytes=None)
        self._publish()

    def close(self) -> None:
        """Stop following and drawing."""
        self.session.param.unwatch(self._watcher)
        with self._lock:
            self._is_shown = False
            self._visit += 1
            leave, self._leave = self._leave, _nothing
        leave()

    # Elsewhere ---------------------------------------------------------------

    def look_at(self, seconds: float) -> None:
        """Show as much sound as the clip is long, around another moment.

        Parameters
        ----------
        seconds
            The middle of it; moved inside the recording.
        """
        clip = self.session.clip
        if clip is None or clip.problem or not math.isfinite(seconds):
            return
        with self._lock:
            end = self._duration() or math.inf
            start = min(seconds - clip.duration / 2, end - clip.duration)
            self._start = max(0.0, start)
        self._publish()

    def come_back(self) -> None:
        """Show the clip again."""
        with self._lock:
            self._start = None
        self._publish()

    def shown(self) -> Clip | None:
        """Return what is to be seen and heard: the clip, or as much elsewhere."""
        clip, start = self.session.clip, self.elsewhere
        if clip is None or start is None:
            return clip
        return dataclasses.replace(
            clip,
            identity=f"{clip.identity}\n{start}",  # another place, another name
            start_time=start,
            end_time=start + clip.duration,
        )

    # Its other clips ---------------------------------------------------------

    def ticks(self) -> NDArray[np.uint8]:
        """Return where the table has clips in this recording.

        Returns
        -------
        numpy.ndarray
            uint8, shape (N_TICKS,), along the recording: 0 no clip has its middle
            there, 1 only reviewed ones have, 2 one without a review has.
        """
        session, ticks = self.session, np.zeros(N_TICKS, dtype=np.uint8)
        clip, duration = session.clip, self._duration()
        if clip is None or not clip.recording or not duration:
            return ticks
        rows = self._rows_of(clip)
        middles = session.clips.middles[rows]
        inside = (middles >= 0) & (middles <= duration)
        bins = (middles[inside] / duration * N_TICKS).astype(np.intp)
        bins = np.minimum(bins, N_TICKS - 1)
        reviewed = session.reviewed_rows[rows][inside]
        ticks[bins] = 1
        ticks[bins[~reviewed]] = 2
        return ticks

    def _rows_of(self, clip: Clip) -> NDArray[np.intp]:
        """Return the rows of a clip's recording; looked up once for each."""
        kept = self._places
        if kept is None or kept[0] != clip.recording:
            rows = self.session.clips.rows_sharing_recording(clip.position)
            kept = self._places = (clip.recording, rows)
        return kept[1]

    # News --------------------------------------------------------------------

    def _state(self) -> Mapping[str, Any]:
        return {
            "duration": self._duration(),
            "elsewhere": self._start,
            "problem": self._problem,
            "strip": self._strip,
            "unasked_size": self._size,
        }

    def _duration(self) -> float:
        return self._strip.duration if self._strip is not None else 0.0

    def _follow_clip(self, *_: Any) -> None:
        clip = self.session.clip
        recording = clip.recording if clip is not None else ""
        with self._lock:
            self._start = None
            is_new = self._is_shown and recording != self._recording
            if is_new:
                self._recording = recording
                self._strip = self._problem = self._size = None
        if is_new:
            self._request(recording, most_bytes=UNASKED)
        self._publish()

    def _request(self, recording: str, *, most_bytes: int | None) -> None:
        with self._lock:
            self._visit += 1
            visit, leave = self._visit, self._leave
            self._leave = _nothing
        leave()
        if not recording:
            return

        def tell(strip: Strip | None, error: BaseException | None) -> None:
            self._arrived(visit, strip, error)

        leave = self._painter.request(
            recording,
            tell,
            reader=self._reader,
            auth=self._auth,
            most_bytes=most_bytes,
            is_busy=self._is_busy,
        )
        with self._lock:
            is_current = visit == self._visit
            if is_current:
                self._leave = leave
        if not is_current:
            leave()

    def _arrived(
        self, visit: int, strip: Strip | None, error: BaseException | None
    ) -> None:
        with self._lock:
            if visit != self._visit:
                return  # of the recording before
            if isinstance(error, AskFirst):
                self._size = error.size
            else:
                self._problem = error
            self._strip = strip or self._strip
        self._publish()


def _nothing() -> None:
    """Leave nothing."""
