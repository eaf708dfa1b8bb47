"""The sender: one thread for each login that brings what was recorded to the hub.

It sends again what may or may not have arrived; the ids of the events, made on this
machine, let the hub keep each once.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from annotator.errors import (
    AnnotatorError,
    HubError,
    HubUnreachable,
    InvalidToken,
    Refused,
    Throttled,
)
from annotator.hub.client.bar import Bar
from annotator.hub.client.transport import Transport, route

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from annotator.hub.client.feed import Feed
    from annotator.hub.client.outbox import Item, Outbox

__all__ = ["Sender"]

logger = logging.getLogger(__name__)

_BROKEN = 60.0  # s, after an error that nobody thought of


class Sender:
    """Sends what waits of some feeds, until it is stopped.

    Parameters
    ----------
    transport
        The hub.
    feeds
        Gives the feeds of this process, each time it is asked.
    project_of
        Gives the uid of the project with a name; makes it if it is missing.
    drop
        Called with a feed that nobody uses and of which nothing waits.
    """

    def __init__(
        self,
        transport: Transport,
        *,
        feeds: Callable[[], Sequence[Feed]],
        project_of: Callable[[str], str],
        drop: Callable[[Feed], None],
    ) -> None:
        self._transport, self._pace = transport, transport.pace
        self._feeds, self._project_of, self._drop = feeds, project_of, drop
        self._boxes: dict[Feed, Outbox] = {}
        self._bar = Bar(self._pace.bar)
        self._changed = threading.Condition()
        self._is_woken = self._is_stopped = False
        self._asked = self._answered = 0  # of `flush`
        self._refused = ""  # why the token is; nothing is sent any more then
        self._n_failures = 0
        self._not_before = 0.0  # s, by the monotonic clock
        self._thread = threading.Thread(
            target=self._run, name="annotator-hub-sender", daemon=True
        )

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wake(self) -> None:
        """Look soon: something was recorded. Quick, from any thread."""
        with self._changed:
            self._is_woken = True
            self._changed.notify_all()

    def stop(self) -> None:
        """Send nothing more; a request that is under way is not waited for."""
        with self._changed:
            self._is_stopped = True
            self._changed.notify_all()

    def flush(self, timeout: float, project: str | None = None) -> int:
        """Send what waits now, and give how many events still wait after it.

        Parameters
        ----------
        timeout
            Seconds at most.
        project
            Only wait for this project's; None: for all.
        """
        end = time.monotonic() + timeout
        with self._changed:
            self._asked += 1
            mine = self._asked
            self._changed.notify_all()
            while not self._is_stopped and self._thread.is_alive():
                left = end - time.monotonic()
                done = self._answered >= mine and not self._is_busy(project)
                if done or left <= 0:
                    break
                self._changed.wait(left)
            return self._waiting(project)

    def _boxes_of(self, project: str | None) -> list[Outbox]:
        boxes = [*self._boxes.values()]
        if project is None:
            return boxes
        key = project.casefold()
        return [box for box in boxes if box.feed.project.strip().casefold() == key]

    def _waiting(self, project: str | None) -> int:
        return sum(box.waiting for box in self._boxes_of(project))

    def _is_busy(self, project: str | None) -> bool:
        boxes = self._boxes_of(project)
        return not self._refused and any(b.waiting and not b.paused for b in boxes)

    # The thread ----------------------------------------------------------------

    def _run(self) -> None:
        try:
            while not self._is_stopped:
                asked = self._asked
                if asked > self._answered:  # a person wants it now
                    self._n_failures, self._not_before = 0, 0.0
                delay = self._round(urgent=asked > self._answered)
                with self._changed:
                    self._answered = max(self._answered, asked)
                    self._changed.notify_all()
                    if not (self._is_woken or self._asked > asked or self._is_stopped):
                        self._changed.wait(delay)
                    self._is_woken = False
        finally:
            self._bar.close()

    def _round(self, *, urgent: bool) -> float:
        """Look at all feeds and send a batch of each; give the pause after it, s."""
        pauses = [self._pace.idle]
        for feed in self._feeds():
            box = self._box(feed)
            if urgent:
                box.not_before = 0.0
            # Before the look, which then sees what was submitted before that.
            is_closed = not feed.users
            looked = self._guard(box, box.look)
            if looked and box.uid and not box.waiting:
                box.trouble = ""
            self._publish(box)
            pauses += [self._step(box)] if box.waiting or not box.uid else []
            self._publish(box)
            if is_closed and looked and not box.waiting:
                self._boxes.pop(feed, None)
                self._drop(feed)
        return min(pauses)

    def _box(self, feed: Feed) -> Outbox:
        from annotator.hub.client.outbox import Outbox

        with self._changed:
            if feed not in self._boxes:
                self._boxes[feed] = Outbox(feed, self._transport.url)
            return self._boxes[feed]

    def _step(self, box: Outbox) -> float:
        """Send a batch if it is time for that; give the pause until the next, s."""
        wait = max(self._not_before, box.not_before) - time.monotonic()
        if self._is_stopped or self._refused:
            return self._pace.idle
        if wait > 0:
            return wait
        self._guard(box, lambda: self._send(box))
        if box.waiting and not (box.trouble or box.paused or self._refused):
            return 0.0
        return max(0.0, max(self._not_before, box.not_before) - time.monotonic())

    def _send(self, box: Outbox) -> None:
        if not box.uid:
            box.enter(self._project_of(box.feed.project))
            box.look()
        items = box.batch(self._pace.batch, self._pace.bytes)
        if items:
            no_json = "it holds something that JSON cannot"
            aside = {item.event.id: no_json for item in items if item.body is None}
            self._deliver(box, items, aside)
        self._n_failures = box.n_failures = 0
        box.paused = box.trouble = ""

    def _deliver(
        self, box: Outbox, items: Sequence[Item], aside: dict[str, str]
    ) -> None:
        """Send a batch; narrow one that is refused down to what is bad in it."""
        good = [item for item in items if item.event.id not in aside]
        if good:
            try:
                self._post(box, good)
            except Refused as err:
                bad = _named(err, good)
                if bad:
                    self._deliver(box, items, {**aside, **bad})
                else:
                    half = items.index(good[len(good) // 2])
                    self._deliver(box, items[:half], aside)
                    self._deliver(box, items[half:], aside)
                return
        box.done(items, [(i, aside[i.event.id]) for i in items if i.event.id in aside])
        self._publish(box)

    def _post(self, box: Outbox, items: Sequence[Item]) -> None:
        events = b",".join(item.body or b"" for item in items)
        path = route("projects", box.uid, "events")
        answer = self._transport.send("POST", path, b'{"events":[' + events + b"]}")
        counts = answer if isinstance(answer, dict) else {}
        known = [counts.get(name) for name in ("new", "known")]
        if sum(n for n in known if type(n) is int) != len(items):
            # Whoever answered so did not keep them.
            msg = f"The hub {self._transport.url} gave an answer that cannot be read."
            raise HubUnreachable(msg)

    def _guard(self, box: Outbox, function: Callable[[], None]) -> bool:
        """Do a step; what goes wrong becomes a pause and a word about it."""
        pace, now = self._pace, time.monotonic()
        try:
            function()
            return True
        except InvalidToken as err:
            self._refused = str(err)
        except Throttled as err:
            self._not_before = now + max(err.wait, pace.first)
            box.trouble = str(err)
        except HubUnreachable as err:
            self._n_failures += 1
            self._not_before = time.monotonic() + pace.pause(self._n_failures)
            box.trouble = str(err)
        except HubError as err:
            # Its role may be changed, or the project be taken out of the archive.
            box.paused, box.trouble = str(err), ""
            box.not_before = now + pace.refused
        except (AnnotatorError, OSError) as err:  # the log, or the disk
            box.n_failures += 1
            box.trouble = str(err)
            box.not_before = now + pace.pause(box.n_failures)
        except Exception:
            logger.exception("The sender to the hub stumbled")
            box.trouble = "Something unexpected happened; the log of the program says."
            box.not_before = now + _BROKEN
        return False

    def _publish(self, box: Outbox) -> None:
        """Show how far a feed is."""
        with self._changed:
            self._changed.notify_all()
            if self._is_stopped:
                return  # another login may show its own
        try:
            self._bar.show(0 if self._refused else self._waiting(None))
            box.feed.state.param.update(
                connected=True,
                paused=self._refused or box.paused,
                trouble="" if self._refused else box.trouble,
                waiting=box.waiting,
                sent=box.sent,
                set_aside=box.set_aside,
            )
        except Exception:
            logger.exception("What shows the hub's state failed")


def _named(err: Refused, items: Sequence[Item]) -> dict[str, str]:
    """Give the reasons by id, where it is said which events are bad."""
    if len(items) == 1:
        return {items[0].event.id: str(err).partition("\n")[0]}
    return {
        items[index].event.id: why
        for index, why in err.problems
        if index is not None and index < len(items)
    }
