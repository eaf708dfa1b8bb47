"""The outbox of one output for one project: no second queue, but a place in the log."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from annotator.annotations.cells import to_text
from annotator.annotations.tail import LogTail
from annotator.hub.client.cursor import Cursor, CursorFile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from annotator.annotations.events import Event
    from annotator.hub.client.feed import Feed

__all__ = ["Item", "Outbox"]


@dataclass(frozen=True)
class Item:
    """An event to be sent.

    Attributes
    ----------
    event
        As the log has it.
    body
        Its JSON; None if it is none that a hub can be given.
    place
        Bytes of the log up to its end.
    """

    event: Event
    body: bytes | None
    place: int


class Outbox:
    """The author's own events behind the cursor; used by one thread, the sender's.

    What a bucket's sync brought in from others has their names and is not sent: their
    machines do that.

    Parameters
    ----------
    feed
        The output, its author, and where to show how far it is.
    hub
        The hub's address.
    """

    def __init__(self, feed: Feed, hub: str) -> None:
        self.feed, self.hub = feed, hub
        self.uid = ""  # of the project; "" until it was asked for
        self.waiting = 0
        self.paused = ""
        self.trouble = ""
        self.not_before = 0.0  # s, by the monotonic clock
        self.n_failures = 0
        self._tail = LogTail(feed.output)
        self._cursors = CursorFile(feed.output)
        self._cursor = self._kept = Cursor()
        self._place = self._counted = 0

    @property
    def _key(self) -> tuple[str, str, str]:
        return (self.hub, self.uid, self.feed.author)

    @property
    def sent(self) -> int:
        """Number of events that the hub took."""
        return self._cursor.sent

    @property
    def set_aside(self) -> list[str]:
        """A line for each event that the hub does not take."""
        return list(self._cursor.aside.values())

    def enter(self, uid: str) -> None:
        """Begin to send to a project."""
        self.uid = uid
        self._seek()

    def look(self) -> None:
        """Count what waits.

        Raises
        ------
        StorageError
            The log cannot be read now.
        """
        end, is_another = self._tail.look()
        if is_another:
            self._seek()
        for event, place in self._tail.events(self._counted, end):
            self.waiting += self._is_ours(event)
            self._counted = place

    def _seek(self) -> None:
        """Go to the place behind the last event that was dealt with."""
        self._cursor = self._kept = (
            self._cursors.read(self._key) if self.uid else Cursor()
        )
        last = self._cursor.last
        found = self._tail.find(last, self._cursor.end) if last else None
        self._place = self._counted = found or 0
        self.waiting = 0

    def _is_ours(self, event: Event) -> bool:
        return (
            event.annotator == self.feed.author and event.id not in self._cursor.aside
        )

    def batch(self, n: int, size: int) -> list[Item]:
        """Give the next events to send, in the log's order.

        Parameters
        ----------
        n
            At most so many.
        size
            At most so many bytes of them, but one at least.
        """
        if self._cursors.read(self._key) != self._kept:  # another program sends too
            self._seek()
            self.look()
        items: list[Item] = []
        for event, place in self._tail.events(self._place, self._counted):
            if not self._is_ours(event):
                continue
            item = Item(event, _body(event), place)
            size -= len(item.body or b"")
            if items and size < 0:
                break
            items.append(item)
            if len(items) == n:
                break
        return items

    def done(
        self, items: Sequence[Item], aside: Sequence[tuple[Item, str]] = ()
    ) -> None:
        """Move the cursor behind events that the hub has, or does not take.

        Parameters
        ----------
        items
            What was dealt with, in the log's order.
        aside
            Those of them that are set aside, with the reason.
        """
        reasons = {item.event.id: _line(item.event, why) for item, why in aside}
        last = items[-1]
        self._place = max(self._place, last.place)
        self.waiting = max(0, self.waiting - len(items))
        self._cursor = replace(
            self._cursor,
            last=last.event.id,
            end=last.place,
            sent=self._cursor.sent + len(items) - len(reasons),
            aside={**self._cursor.aside, **reasons},
        )
        self._cursor = self._kept = self._cursors.write(
            self._key, self._cursor, self._kept
        )
        if self._cursor.last != last.event.id:  # another program came further
            self._seek()
            self.look()


def _line(event: Event, why: str) -> str:
    clip = to_text(event.clip)
    return f"{event.created_at[:19]} {event.kind} of clip {clip[:60]}: {why}"


def _body(event: Event) -> bytes | None:
    try:
        return event.to_json().encode()
    except ValueError:  # no finite number, or a half of a character
        return None
