"""Keeps the clip that a person has on the screen theirs, while they are at it.

A lease takes 15 minutes; a long recording or a break of thought may take longer. So it
is renewed by itself, until the person goes on, closes the page, or has done nothing at
all for an hour: a forgotten tab holds no clip for ever.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from annotator.errors import AnnotatorError, HubUnreachable
from annotator.hub.store.leases import LeaseLost

if TYPE_CHECKING:
    from collections.abc import Callable

    from annotator.hub.pages.desk import Guest
    from annotator.hub.store.leases import Lease

__all__ = ["LeaseKeeper"]

_log = logging.getLogger(__name__)

_PAUSE = 5 * 60.0  # s between two renewals: a third of a lease
_PATIENCE = 60 * 60.0  # s without any deed


class LeaseKeeper:
    """Asks a hub for one person's clips, one at a time, and keeps the one they have.

    Parameters
    ----------
    guest
        Who reviews.
    uid
        Of the project.
    lost
        Called with the identity of a clip that another person has by now; in a thread.
    clock
        Gives the time, s.
    """

    def __init__(
        self,
        guest: Guest,
        uid: str,
        *,
        lost: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._guest, self._uid = guest, uid
        self._lost, self._clock = lost, clock
        self._lock = threading.Lock()
        self._held: Lease | None = None
        self._last_deed = clock()
        self._closed = threading.Event()
        threading.Thread(target=self._run, name="annotator-lease", daemon=True).start()

    def note_deed(self) -> None:
        """Note that the person did something."""
        self._last_deed = self._clock()

    def next(self) -> str | None:
        """Return the clip that the person shall review; None: none is left for them.

        Raises
        ------
        HubError
            The hub cannot tell.
        """
        self.note_deed()
        leases = self._guest.store.leases
        with self._lock:
            try:
                lease = leases.next(self._guest.caller, self._uid)
            except SQLAlchemyError as error:
                msg = "The database of the hub does not answer."
                raise HubUnreachable(msg) from error
            self._held = lease
            return lease.clip.identity if lease is not None else None

    def give_back(self, identity: str) -> None:
        """Let others have a clip at once; where the hub cannot be told, a while later."""
        with self._lock:
            if self._held is not None and identity == self._held.clip.identity:
                self._held = None
            self._release(identity)

    def renew(self) -> None:
        """Keep the clip for 15 minutes more, if there is one and the person is there."""
        with self._lock:
            held = self._held
            if held is None or self._clock() - self._last_deed > _PATIENCE:
                return
            leases, identity = self._guest.store.leases, held.clip.identity
            try:
                self._held = leases.renew(self._guest.caller, self._uid, identity)
                return
            except LeaseLost:
                self._held = None
            except (AnnotatorError, SQLAlchemyError) as error:
                _log.info("A lease was not renewed, and is tried again: %s", error)
                return
        self._lost(identity)  # which may wait for a submit, and that for us

    def close(self) -> None:
        """Give the clip back, and end."""
        self._closed.set()
        with self._lock:
            lease, self._held = self._held, None
            if lease is not None:
                # Not what was given to the person's next page since.
                self._release(lease.clip.identity, lease.until)

    def _release(self, identity: str, until: str | None = None) -> None:
        # One who is signed out cannot; then it ends by itself.
        with contextlib.suppress(AnnotatorError, SQLAlchemyError):
            self._guest.store.leases.release(
                self._guest.caller, self._uid, identity, until=until
            )

    def _run(self) -> None:
        while not self._closed.wait(_PAUSE):
            self.renew()
