"""The gate before the pages: who may come in, to which document, and for how long.

Bokeh keeps each open page as a *session* with a signed id; whoever has its token gets
the document. The gate adds what a signature cannot say: it is the same person's.
"""

from __future__ import annotations

import logging
import weakref
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from bokeh.protocol.exceptions import ProtocolError
from bokeh.server.auth_provider import AuthProvider
from bokeh.server.views.autoload_js_handler import AutoloadJsHandler
from bokeh.server.views.session_handler import SessionHandler
from bokeh.server.views.ws import WSHandler
from bokeh.util.token import get_session_id
from tornado.ioloop import IOLoop, PeriodicCallback
from tornado.web import HTTPError

from annotator.hub.permissions import Caller
from annotator.hub.server.login import LoginHandler, LogoutHandler
from annotator.hub.server.visit import Visit
from annotator.hub.store.audit import note
from annotator.hub.throttle import Throttle

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tornado.web import RequestHandler

    from annotator.hub.permissions import User
    from annotator.hub.store.hub_store import HubStore

__all__ = ["COOKIE", "MAX_PAGES", "Gate"]

_log = logging.getLogger(__name__)

COOKIE = "annotator_hub"
"""Name of the cookie that says who one is; over TLS with ``__Host-`` before it."""

MAX_PAGES = 100
"""Pages that one person may have open in one process."""

_CHECK_EVERY = 5.0
"""Seconds between two looks whether those with open pages are still signed in."""

_SIGNED_OUT = 4401  # of a websocket's own range of codes


class Gate(AuthProvider):
    """Lets signed-in people in; what Bokeh calls an auth provider.

    Parameters
    ----------
    store
        Where users and web sessions are kept.
    is_secure
        Browsers reach the server over TLS.
    hours
        How long one stays signed in.
    """

    def __init__(
        self, store: HubStore, *, is_secure: bool = False, hours: float = 12
    ) -> None:
        self.store = store
        self.hours = hours
        self.throttle = Throttle()
        self.is_secure = is_secure
        self.cookie_name = f"__Host-{COOKIE}" if is_secure else COOKIE
        # Two at a time: a password's check takes 64 MB and all of a core.
        self._passwords = ThreadPoolExecutor(2, thread_name_prefix="hub-password")
        self._lookups = ThreadPoolExecutor(4, thread_name_prefix="hub-gate")
        self._sockets: weakref.WeakSet[Any] = weakref.WeakSet()
        self._watch = PeriodicCallback(self.close_ended, _CHECK_EVERY * 1000)
        super().__init__()

    # -------------------------------------------------- what Bokeh asks for

    @property
    def get_user(self) -> None:
        """None: it is looked up without holding the server up."""

    @property
    def get_user_async(self) -> Callable[[Any], Awaitable[Any]]:
        """Gives who asks, by a request's handler; None: nobody that we know."""
        return self._user

    @property
    def login_url(self) -> str:
        """Where one signs in."""
        return "/login"

    @property
    def get_login_url(self) -> None:
        """None: it is `login_url` for all."""

    @property
    def login_handler(self) -> type[RequestHandler]:
        """What answers there."""
        return LoginHandler

    @property
    def logout_url(self) -> str:
        """Where one signs out."""
        return "/logout"

    @property
    def logout_handler(self) -> type[RequestHandler]:
        """What answers there."""
        return LogoutHandler

    # --------------------------------------------------------------- people

    async def passwords(self, function: Callable[..., Any], *values: Any) -> Any:
        """Call what checks a password, a few at a time."""
        return await IOLoop.current().run_in_executor(
            self._passwords, function, *values
        )

    async def look_up(self, function: Callable[..., Any], *values: Any) -> Any:
        """Call what asks the database, beside the server's loop."""
        return await IOLoop.current().run_in_executor(self._lookups, function, *values)

    async def user_of(self, handler: RequestHandler) -> User | None:
        """Return whose cookie a request brings."""
        cookie = handler.get_cookie(self.cookie_name)
        if not cookie:
            return None
        user: User | None = await self.look_up(self.store.web_sessions.check, cookie)
        return user

    def begin(self, user: User, address: str | None) -> str:
        """Sign somebody in; return the cookie. Asks the database."""
        cookie = self.store.web_sessions.create(user, self.hours)
        self._note(user, "session.begin", address)
        return cookie

    def end(self, cookie: str, address: str | None) -> None:
        """Sign somebody out. Asks the database."""
        user = self.store.web_sessions.check(cookie)
        self.store.web_sessions.delete(cookie)
        if user is not None:
            self._note(user, "session.end", address)

    def _note(self, user: User, action: str, address: str | None) -> None:
        with self.store.database.writing() as connection:
            note(connection, Caller(user), action, address=address)

    async def _user(self, handler: RequestHandler) -> User | None:
        if isinstance(handler, AutoloadJsHandler):
            # It would give a page's token to a script of any address that asks.
            raise HTTPError(404)
        user = await self.user_of(handler)
        if user is None:
            return None
        cookie = handler.get_cookie(self.cookie_name) or ""
        if isinstance(handler, WSHandler):
            self._check_session(handler, user)
            self._sockets.add(handler)
            xsrf = ""
        else:
            xsrf = handler.xsrf_token.decode()
        visit = Visit(user, self.store, xsrf, cookie)
        handler.request.hub_visit = visit  # type: ignore[attr-defined]
        if isinstance(handler, SessionHandler):
            _refuse_sessions_from_outside(handler)
            self._check_number(handler, user)
        return user

    # ---------------------------------------------------------------- pages

    def _check_session(self, handler: Any, user: User) -> None:
        """Refuse a websocket to a document that somebody else opened."""
        _, _, token = handler.request.headers.get(
            "Sec-WebSocket-Protocol", ""
        ).partition(",")
        try:
            session_id = get_session_id(token.strip())
            session = handler.application_context.get_session(session_id)
        except ProtocolError:
            return  # there is none: it becomes this person's own
        except Exception as error:
            raise HTTPError(403) from error  # no token, or none of ours
        if _owner(session) != user.id:
            _log.warning("A page of somebody else was asked for by user %d", user.id)
            raise HTTPError(403)

    def _check_number(self, handler: Any, user: User) -> None:
        n_pages = sum(
            _owner(session) == user.id
            for context in handler.application.applications.values()
            for session in context.sessions
        )
        if n_pages >= MAX_PAGES:
            raise HTTPError(429, reason="Too many pages are open")

    # ------------------------------------------------------------ the watch

    def start(self) -> None:
        """Begin to watch over open pages; in the server's loop."""
        self._watch.start()

    def stop(self) -> None:
        """End the watch and the threads."""
        self._watch.stop()
        self._passwords.shutdown(wait=False, cancel_futures=True)
        self._lookups.shutdown(wait=False, cancel_futures=True)

    async def close_ended(self) -> None:
        """Close the pages of all who signed out or were shut out."""
        sockets = self._open()
        cookies = {_cookie(socket) for socket in sockets}
        ended = await self.look_up(self._ended, cookies)
        for socket in sockets:
            if _cookie(socket) in ended:
                self._close(socket)

    def close_of(self, cookie: str) -> None:
        """Close the pages that were opened with a cookie."""
        for socket in self._open():
            if _cookie(socket) == cookie:
                self._close(socket)

    def _open(self) -> list[Any]:
        """Return the websockets that nobody has closed."""
        return [socket for socket in self._sockets if socket.ws_connection is not None]

    def _ended(self, cookies: set[str]) -> set[str]:
        check = self.store.web_sessions.check
        return {cookie for cookie in cookies if check(cookie) is None}

    def _close(self, socket: Any) -> None:
        self._sockets.discard(socket)
        if socket.connection is not None:
            socket.connection.session.request_expiration()  # not kept for a return
        socket.close(_SIGNED_OUT, "signed out")


def _refuse_sessions_from_outside(handler: Any) -> None:
    """Refuse to show a document that was named by the one who asks."""
    named = ("bokeh-session-id", "bokeh-token")
    if "Bokeh-Session-Id" in handler.request.headers or any(
        handler.get_argument(name, None) is not None for name in named
    ):
        raise HTTPError(403, reason="Session ids are made here, not taken")


def _owner(session: Any) -> int | None:
    context = session.document.session_context
    visit = getattr(context.request, "hub_visit", None) if context else None
    return visit.user.id if isinstance(visit, Visit) else None


def _cookie(socket: Any) -> str:
    visit: Visit = socket.request.hub_visit
    return visit._cookie
