"""Reviews of a hub's project: what is done is sent before anything else is shown.

In a *leased* review the hub gives the next clip, too, one at a time.

*In hand* are the clips that were given and are not reviewed yet; with those that the
person reviewed they are all that the table shows.
"""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from annotator.errors import AnnotatorError
from annotator.review.session import ReviewSession

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import numpy as np

    from annotator.annotations.events import Event
    from annotator.sources.clips import Clip

__all__ = ["LeasedSession", "SentSession"]

_log = logging.getLogger(__name__)

_NOTHING = (
    "Nothing is left for you in this project at the moment; thank you. Clips may come "
    "back from others, or be added: ask again then."
)
_UNKNOWN = (
    "Clips were added since you opened this review, and the next one is among them: go "
    "back to the project, and open the review again."
)
_KNOWN = (
    "The hub offers a clip that you reviewed here already, as it did not take that "
    "answer: see the details beside the Sync button."
)
_LOST = (
    "Another person has this clip by now, or it has all its reviews. What you submit is "
    "kept all the same; or ask for the next clip."
)


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
        self._is_unsent = False
        super().__init__(*parts, **params)

    def _changed(self, event: Event, position: int) -> None:
        super()._changed(event, position)
        self._is_unsent = True

    def _publish(self) -> None:
        # Without the lock: a hub may take its time, and views look here meanwhile.
        if self._is_unsent:
            self._is_unsent = False
            self._send()
        super()._publish()


class LeasedSession(SentSession):
    """A session that asks for its next clip, and says so where it gets none.

    Parameters
    ----------
    *parts, **params
        As for `SentSession`.
    next_clip
        Gives the identity of a clip; None: there is nothing to do. It is called in the
        thread of whoever submits, with what was recorded before already sent. Nobody
        waits for it but them: views answer meanwhile.
    give_back
        Told of a clip that the person will not review.
    """

    def __init__(
        self,
        *parts: Any,
        next_clip: Callable[[], str | None],
        give_back: Callable[[str], None] = lambda _identity: None,
        **params: Any,
    ) -> None:
        self._next_clip, self._give_back = next_clip, give_back
        self._in_hand: list[int] = []  # positions
        self._n_moving = 0  # threads that go on to another clip
        super().__init__(*parts, **params)

    def begin(self) -> None:
        """Ask for the first clip."""
        with self._moving_on():
            pass

    def submit(
        self,
        values: Mapping[str, Any],
        regions: Sequence[Any] | None = None,
        *,
        clip: int | None = None,
    ) -> list[str]:
        """Keep the answers about a clip, safely on disk, and ask for the next."""
        with self._moving_on():
            return super().submit(values, regions, clip=clip)

    def skip(self) -> None:
        """Note that the clip was passed over, let others have it, and ask for one."""
        with self._moving_on():
            with self._lock:
                if self._clip is None:
                    return
                here = self._clip.position
                identity = self.clips.identity_of(here)
                self._note(self.store.skip(identity), here)
            self._give_back(identity)

    def ask(self) -> None:
        """Ask for a clip in place of what the person has."""
        with self._moving_on():
            with self._lock:
                unwanted, self._in_hand = self._in_hand, []
            for position in unwanted:
                self._give_back(self.clips.identity_of(position))

    def lose(self, identity: str) -> None:
        """Tell the person that a clip is another one's by now, if they have it still."""
        with self._lock:
            if set(self.clips.positions_of(identity)) & set(self._in_hand):
                self._notice = _LOST
        self._publish()

    def upcoming(self, count: int = 3) -> list[Clip]:
        """Return the clips that come next: nobody knows them yet."""
        return []

    @contextmanager
    def _moving_on(self) -> Iterator[None]:
        """Go to a clip in hand after something was done, or ask for one, or stay.

        Views are told when it is there: else they would show the one before as
        reviewed for a moment.
        """
        with self._lock:
            self._n_moving += 1
        try:
            yield
            with self._lock:
                wants = not self._in_hand
                self._notice = ""
            # Without the lock: a hub may take its time, and views look here meanwhile.
            given, notice = self._ask() if wants else (None, "")
            with self._lock:
                self._notice = notice
                if given is not None and given not in self._in_hand:
                    self._in_hand.append(given)
                self._restrict()
                if self._in_hand:
                    self._go_to(self._in_hand[-1])
        finally:
            with self._lock:
                self._n_moving -= 1
            self._publish()

    def _publish(self) -> None:
        if not self._n_moving:
            super()._publish()

    def _ask(self) -> tuple[int | None, str]:
        """Return the row of the table that is given, and what the person is told."""
        try:
            name = self._next_clip()
        except AnnotatorError as error:
            _log.warning("No next clip was given: %s", error)
            return None, f"No next clip was given. {error}"
        if name is None:
            return None, _NOTHING
        found = self.clips.positions_of(name)
        if not found:
            self._give_back(name)
            return None, _UNKNOWN
        return (None, _KNOWN) if self.is_reviewed(found[0]) else (found[0], "")

    def _advance(self, position: int) -> None:
        """Stay until the next clip is there."""

    def _put_down(self, position: int) -> None:
        self._in_hand = [one for one in self._in_hand if one != position]

    def _changed(self, event: Event, position: int) -> None:
        super()._changed(event, position)
        self._put_down(position)
        if event.kind != "skip" and not self.is_reviewed(position):
            self._in_hand.append(position)  # a review was taken back
        self._restrict()

    def _mark_reviewed(self) -> None:
        super()._mark_reviewed()
        self._in_hand = [one for one in self._in_hand if not self.is_reviewed(one)]
        self._restrict()

    def _restrict(self) -> None:
        given: np.ndarray = self._queue.reviewed.copy()
        given[self._in_hand] = True
        self._queue.restrict(given)
