"""What this process knows of hubs: one login at most, and the outputs to send."""

from __future__ import annotations

import atexit
import logging
import os
import threading
from typing import TYPE_CHECKING

from annotator.hub.client.pace import Pace
from annotator.hub.client.remote import find_or_make, name_of
from annotator.hub.client.sender import Sender
from annotator.hub.client.transport import Transport

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from annotator.hub.client.bearer import Bearer
    from annotator.hub.client.feed import Feed

__all__ = ["CLIENT", "Client", "Login"]

logger = logging.getLogger(__name__)


class Login:
    """A hub, the person, and the thread that sends."""

    def __init__(self, transport: Transport, user: str, sender: Sender) -> None:
        self.transport, self.user, self.sender = transport, user, sender

    def __repr__(self) -> str:
        key = self.transport.bearer.key_id
        return f"<Login to {self.transport.url} as {self.user}, token {key}>"

    def end(self, timeout: float) -> int:
        """Send what waits, then forget the token; give how many events still wait."""
        try:
            return self.sender.flush(timeout)
        finally:
            self.sender.stop()
            self.transport.close()


class Client:
    """The state behind `annotator.login` and its companions.

    Attributes
    ----------
    pace
        Times and sizes of logins to come.
    login
        The one that is active; None: work is local.
    """

    def __init__(self) -> None:
        self.pace = Pace()
        self.login: Login | None = None
        self._lock = threading.RLock()
        self._feeds: dict[tuple[Path, str, str], Feed] = {}
        self._is_hooked = False

    # Log in and out --------------------------------------------------------------

    def log_in(self, url: str, bearer: Bearer) -> Login:
        """Ask a hub who bears the token, and begin to send.

        Raises
        ------
        InvalidToken, HubUnreachable, HubError
            The login that was there before, if any, stays.
        """
        transport = Transport(url, bearer, self.pace)
        try:
            user = name_of(transport.get("/me"))
        except BaseException:
            transport.close()
            raise
        sender = Sender(
            transport,
            feeds=self.feeds,
            project_of=lambda name: find_or_make(transport, user, name),
            drop=self._drop,
        )
        self.log_out(self.pace.finish)
        with self._lock:
            self._hook()
            self.login = login = Login(transport, user, sender)
        sender.start()
        return login

    def log_out(self, timeout: float) -> int:
        """Send what waits and forget the token; give how many events still wait."""
        with self._lock:
            login, self.login = self.login, None
        if login is None:
            return 0
        try:
            return login.end(timeout)  # without the lock: the sender wants it too
        finally:
            for feed in self.feeds():
                feed.state.connected = False
                self._drop(feed)

    def _hook(self) -> None:
        if self._is_hooked:
            return
        self._is_hooked = True
        atexit.register(self._at_exit)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._in_child)

    def _at_exit(self) -> None:
        n_waiting = self.log_out(self.pace.finish)
        if n_waiting:
            logger.warning(
                "%d events could not be sent to the hub yet; they are in the logs "
                "beside the outputs, and are sent after the next login.",
                n_waiting,
            )

    def _in_child(self) -> None:
        """Leave the login to the parent: a child has no sender, and shares sockets."""
        self._lock = threading.RLock()
        if self.login is not None:
            self.login.transport.bearer.forget()
        self.login = None

    # Outputs ------------------------------------------------------------------------

    def feeds(self) -> list[Feed]:
        """Give the outputs of this process that belong to a project."""
        return list(self._feeds.values())

    def follow(
        self, output: Path, author: str, project: str
    ) -> tuple[Feed, Callable[[], None]]:
        """Let an annotator's submits go to a hub whenever somebody is logged in.

        Parameters
        ----------
        output
            Absolute path of its output.
        author
            Who submits.
        project
            Name of its project.

        Returns
        -------
        feed, leave
            How far it is, and a function that ends it.
        """
        from annotator.annotations.news import listen
        from annotator.annotations.tail import LogTail
        from annotator.hub.client.feed import Feed

        key = (output, author, project)
        with self._lock:
            feed = self._feeds.setdefault(key, Feed(output, author, project))
            feed.users += 1
        stop = listen(LogTail(output).path, self.wake)
        self.wake()
        is_open = [True]

        def leave() -> None:
            if is_open:
                is_open.clear()
                stop()
                with self._lock:
                    feed.users -= 1
                    if not feed.users and self.login is None:
                        self._drop(feed)

        return feed, leave

    def _drop(self, feed: Feed) -> None:
        with self._lock:
            key = (feed.output, feed.author, feed.project)
            if not feed.users and self._feeds.get(key) is feed:
                del self._feeds[key]

    def wake(self) -> None:
        """Have the sender look: something was recorded."""
        login = self.login
        if login is not None:
            login.sender.wake()

    def flush(self, timeout: float, project: str | None = None) -> int:
        """Send what waits now; give how many events still wait."""
        login = self.login
        return login.sender.flush(timeout, project) if login is not None else 0


CLIENT = Client()
"""Of this process."""
