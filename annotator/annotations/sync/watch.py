"""Progress of a sync as one line of bytes, and the wish to stop it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from annotator.errors import Cancelled

if TYPE_CHECKING:
    from collections.abc import Callable

    from annotator.audio.backends.base import Progress

__all__ = ["Watch"]


class Watch:
    """Adds up several transfers, in several threads, for one `progress`.

    Parameters
    ----------
    progress
        Called with bytes done and bytes in all, never by two threads at once;
        the bytes in all grow when it turns out that more has to be done.
    cancelled
        Asked before each step and at each piece of a transfer.
    stopped
        What to say when it is cancelled.
    """

    def __init__(
        self,
        progress: Progress | None,
        cancelled: Callable[[], bool] | None,
        stopped: str,
    ) -> None:
        self._progress = progress
        self._cancelled = cancelled
        self._stopped = stopped
        self._is_stopped = False
        self._lock = threading.Lock()
        self._done = 0
        self._total = 0

    def stop(self) -> None:
        """End all transfers at their next piece."""
        self._is_stopped = True

    def check(self) -> None:
        """Raise `Cancelled` if somebody wants the sync to stop."""
        with self._lock:
            self._check()

    def _check(self) -> None:
        if self._is_stopped or (self._cancelled and self._cancelled()):
            self._is_stopped = True  # in all threads, though it was asked in one
            raise Cancelled(self._stopped)

    def expect(self, size: int) -> None:
        """Add the bytes of transfers to come."""
        with self._lock:
            self._total += size

    def transfer(self) -> Progress:
        """Give what one transfer is to call with its bytes done and in all."""
        before = 0

        def tell(done: int, size: int) -> None:
            nonlocal before
            with self._lock:
                if done < size:  # afterwards it is too late
                    self._check()
                # A transfer that was taken up again begins before where it was.
                self._done += max(0, done - before)
                before = max(before, done)
                if self._progress:
                    self._progress(self._done, self._total)

        return tell
