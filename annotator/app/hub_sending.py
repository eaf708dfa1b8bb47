"""What a review in the browser records goes to the hub at once, in the same process.

It takes the way of every review: the event log is the queue, and the sender of the
client goes through it. Only its requests are calls of the store, as the signed-in
person, so that nothing is lost where the database is away for a while.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from sqlalchemy.exc import SQLAlchemyError

from annotator.annotations.events import Event
from annotator.annotations.log import EventLog
from annotator.annotations.news import listen
from annotator.annotations.tail import LogTail
from annotator.errors import HubUnreachable
from annotator.hub.client.cursor import CursorFile
from annotator.hub.client.feed import Feed
from annotator.hub.client.pace import Pace
from annotator.hub.client.sender import Sender

if TYPE_CHECKING:
    from pathlib import Path

    from annotator.hub.client.state import HubState
    from annotator.hub.pages.desk import Guest
    from annotator.hub.store.events import StoredEvent
    from annotator.hub.store.projects import ProjectInfo

__all__ = ["StoreLink", "StoreTransport", "fetch_own", "n_unsent"]

_HERE = "this hub"
_SOON = 3.0
"""Seconds that a person waits for the answer to be in the hub, before the next clip."""

_AT_ONCE = 1_000  # events


class StoreTransport:
    """Takes the sender's requests to the store; see `client.transport.Transport`.

    Parameters
    ----------
    guest
        Who records.
    adjudicates
        Column about whose labels is decided, "" if that is not known; None: nothing is.
    """

    url = _HERE

    def __init__(self, guest: Guest, adjudicates: str | None = None) -> None:
        self._guest, self._adjudicates = guest, adjudicates
        # No bar in the log of a server.
        self.pace = Pace(bar=2**62)

    def send(self, method: str, path: str, body: bytes | None = None) -> Any:
        """Add events; there is no other request."""
        _, noun, uid, events = path.split("/")
        if (method, noun, events) != ("POST", "projects", "events"):
            msg = f"The sender asked for {method} {path}, which is not served here."
            raise ValueError(msg)
        sent = json.loads(body or b"{}")["events"]
        asked = (self._guest.caller, unquote(uid), sent)
        store = self._guest.store.events
        try:
            if self._adjudicates is None:
                added = store.add(*asked)
            else:
                added = store.adjudicate(*asked, self._adjudicates or None)
        except SQLAlchemyError as error:
            msg = "The database of the hub does not answer."
            raise HubUnreachable(msg) from error
        return {"new": added.n_new, "known": added.n_known}


class StoreLink:
    """Brings what one output records to one project.

    Parameters
    ----------
    guest
        Who records.
    output
        The output file.
    project
        Which one.
    adjudicates
        As for `StoreTransport`.
    """

    def __init__(
        self,
        guest: Guest,
        output: Path,
        project: ProjectInfo,
        adjudicates: str | None = None,
    ) -> None:
        uid, name = project.uid, project.name
        self._feed = Feed(output, guest.user.name, name, users=1)
        self._sender = Sender(
            StoreTransport(guest, adjudicates),  # type: ignore[arg-type]  # what is needed
            feeds=lambda: [self._feed],
            project_of=lambda _name: uid,
            drop=lambda _feed: None,
        )
        self._stop_listening = listen(EventLog(output).path, self._sender.wake)
        self._sender.start()

    @property
    def state(self) -> HubState:
        """How far it is, for views."""
        return self._feed.state

    def wake(self) -> None:
        """Have the sender look."""
        self._sender.wake()

    def settle(self) -> int:
        """Send what was recorded, and return how many events still wait."""
        return self._sender.flush(_SOON)

    def send(self) -> str:
        """Send what waits, and give one line about it.

        Raises
        ------
        HubUnreachable
            Something still waits; it is sent later.
        """
        if self.settle() or self.state.paused:
            msg = self.state.details or "The hub is slow; the rest is sent by itself."
            raise HubUnreachable(msg)
        return "Everything is in the hub"

    def close(self) -> None:
        """Send what waits, and end."""
        self._stop_listening()
        self.settle()
        self._sender.stop()


def n_unsent(output: Path, uid: str, author: str) -> int:
    """Count the events of an output's log that no `StoreLink` has sent yet.

    Parameters
    ----------
    output
        The output file.
    uid
        Of the project.
    author
        Whose events they are.
    """
    tail = LogTail(output)
    end, _ = tail.look()
    sent = CursorFile(output).read((_HERE, uid, author))
    start = (tail.find(sent.last, sent.end) or 0) if sent.last else 0
    return sum(event.annotator == author for event, _ in tail.events(start, end))


def fetch_own(
    guest: Guest, uid: str, output: Path, *, adjudications: bool = False
) -> int:
    """Bring what the person recorded elsewhere into the output's log.

    Parameters
    ----------
    guest
        Who reviews.
    uid
        Of the project.
    output
        The output file; what is in its log already is left alone.
    adjudications
        Whether this output is for what they decided, which no other one gets.

    Returns
    -------
    int
        Number of events that were new here.
    """
    mark = output.with_name(output.name + ".fetched")
    log = EventLog(output)
    seq = _seq_in(mark)
    n_new = 0
    while True:
        found = guest.store.events.list(guest.caller, uid, seq, _AT_ONCE)
        if not found:
            return n_new
        seq = found[-1].seq
        own = [
            _event(one)
            for one in found
            if one.user == guest.user.name and one.adjudicates == adjudications
        ]
        if own:
            with log.locked():
                log.read_new()
                end = log.path.stat().st_size if log.path.exists() else 0
                known = {event.id for event, _ in LogTail(output).events(0, end)}
                fresh = [event for event in own if event.id not in known]
                if fresh:
                    log.append(fresh)
            n_new += len(fresh)
        output.parent.mkdir(parents=True, exist_ok=True)
        mark.write_text(str(seq), encoding="ascii")


def _seq_in(mark: Path) -> int:
    try:
        return int(mark.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return 0


def _event(stored: StoredEvent) -> Event:
    return Event(
        id=stored.id,
        clip=stored.clip,
        annotator=stored.annotator,
        kind=stored.kind,  # type: ignore[arg-type]  # checked when it was stored
        rows=stored.rows,
        created_at=stored.created_at,
        app_version=stored.app_version,
        config=stored.config,
        look=stored.look,
    )
