"""Draw recordings in the background, one thread for all of them.

Recordings take turns, block by block; between two blocks the thread waits while clips
are being prepared, and looks whether anybody still wants the strip.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from annotator.errors import AnnotatorError
from annotator.review.strips import AskFirst, Strip, draw_strip

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from annotator.review.strips import RecordingReader

__all__ = ["StripPainter", "Tell"]

_logger = logging.getLogger(__name__)

_LOOK_AGAIN = 0.03  # s, while clips are being prepared
_IDLE = 2.0  # s until a thread without work ends

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
