"""Reviews of a hub's project: what is done is sent before anything else is shown.

In a *leased* review the hub gives the next clip, too, one at a time.

*In hand* are the clips that were given and are not reviewed yet; with those that the
person reviewed they are all that the table shows.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from annotator.errors import AnnotatorError
from annotator.review.session import ReviewSession

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    from annotator.annotations.events import Event
    from annotator.sources.clips import Clip

__all__ = ["LeasedSession", "SentSession"]

_log = logging.getLogger(__name__)


class SentSession(ReviewSession):
    """A session whose person sees that something is done when it is sent, not before.

    Parameters
    ----------
    *parts, **params
        As for `ReviewSession`.
    send
        Sends what was recorded, in the thread of whoever did it; it gives up by itself
        where that takes too long.
    """

    def __init__(self, *parts: Any, send: Callable[[], object], **params: Any) -> None:
        self._send = send
        super().__init__(*parts, **params)

    def _changed(self, event: Event, position: int) -> None:
        super()._changed(event, position)
        self._send()


class LeasedSession(SentSession):
    """A session that asks for its next clip.

    Parameters
    ----------
    *parts, **params
        As for `SentSession`.
    next_clip
        Gives the identity of a clip; None: there is nothing to do. It is called in the
        thread of whoever submits, with what was recorded before already sent.
    """

    def __init__(
        self, *parts: Any, next_clip: Callable[[], str | None], **params: Any
    ) -> None:
        self._next_clip = next_clip
        self._in_hand: list[int] = []  # positions
        super().__init__(*parts, **params)

    def begin(self) -> None:
        """Ask for the first clip."""
        with self._lock:
            self._restrict()
            self._take_next()
        self._publish()

    def skip(self) -> None:
        """Note that the clip was passed over, and ask for another one."""
        with self._lock:
            if self._clip is None:
                return
            here = self._clip.position
            self._note(self.store.skip(self.clips.identity_of(here)), here)
            self._put_down(here)
            self._take_next()
        self._publish()

    def upcoming(self, count: int = 3) -> list[Clip]:
        """Return the clips that come next: nobody knows them yet."""
        return []

    def _advance(self, position: int) -> None:
        self._put_down(position)
        self._take_next()

    def _take_next(self) -> None:
        """Go to a clip in hand, or ask for one; stay where there is none."""
        if not self._in_hand:
            given = self._ask()
            if given is not None and not self.is_reviewed(given):
                self._in_hand.append(given)
        self._restrict()
        if self._in_hand:
            self._go_to(self._in_hand[-1])

    def _ask(self) -> int | None:
        try:
            name = self._next_clip()
        except AnnotatorError as error:
            _log.warning("No next clip was given: %s", error)
            return None
        found = self.clips.positions_of(name) if name is not None else []
        return found[0] if found else None

    def _put_down(self, position: int) -> None:
        self._in_hand = [one for one in self._in_hand if one != position]

    def _changed(self, event: Event, position: int) -> None:
        super()._changed(event, position)
        if event.kind != "skip" and not self.is_reviewed(position):
            self._put_down(position)
            self._in_hand.append(position)  # a review was taken back
        self._restrict()

    def _mark_reviewed(self) -> None:
        super()._mark_reviewed()
        self._restrict()

    def _restrict(self) -> None:
        given: np.ndarray = self._queue.reviewed.copy()
        given[self._in_hand] = True
        self._queue.restrict(given)
