"""Signing in and out: pages of our own, which need no script."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from tornado.web import HTTPError, RequestHandler

from annotator.errors import Throttled
from annotator.hub.server.login_page import login_page, logout_page

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from annotator.hub.server.gate import Gate

__all__ = ["HOME", "LoginHandler", "LogoutHandler", "local_target"]

_log = logging.getLogger(__name__)

HOME = "/hub"
"""Where one comes to after signing in."""

_MAX_FORM = 20_000  # bytes
_MAX_PASSWORD = 1_000  # characters

_CSP = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


class _Form(RequestHandler):
    """A page with one form; a POST must bring its hidden field (`xsrf_cookies`)."""

    @property
    def gate(self) -> Gate:
        return cast("Gate", cast("Any", self.application).auth_provider)

    def set_default_headers(self) -> None:
        self.set_header("Content-Security-Policy", _CSP)
        self.set_header("Cache-Control", "no-store")

    def prepare(self) -> Awaitable[None] | None:
        if len(self.request.body) > _MAX_FORM:
            raise HTTPError(413)
        if self.request.method == "POST":
            # Beside the hidden field: a browser says which site a form is from.
            origin = self.request.headers.get("Origin")
            host = self.request.host.lower()
            if origin and urlsplit(origin).netloc.lower() != host:
                raise HTTPError(403, reason="This form is from another site")
        return None


class LoginHandler(_Form):
    """The page that asks for name and password."""

    async def get(self) -> None:
        """Show it, unless one is signed in."""
        if await self.gate.user_of(self):
            self.redirect(self._target())
            return
        self._show()

    async def post(self) -> None:
        """Check the answer."""
        gate, address = self.gate, self.request.remote_ip
        name = self.get_body_argument("name", "")
        password = self.get_body_argument("password", "", strip=False)
        try:
            gate.throttle.begin(address)
        except Throttled as error:
            self.set_status(429)
            self.set_header("Retry-After", str(max(1, round(error.wait))))
            self._show(name, str(error))
            return
        user = None
        if len(password) <= _MAX_PASSWORD:
            user = await gate.passwords(gate.store.users.check, name, password)
        if user is None:
            _log.info("A log-in from %s failed", address)
            self.set_status(401)
            self._show(name, "No user has this name and password.")
            return
        gate.throttle.forgive(address)
        cookie = await gate.look_up(gate.begin, user, address)
        self._set_cookie(cookie)
        _log.info("User %d logged in from %s", user.id, address)
        self.redirect(self._target(), status=303)

    def _set_cookie(self, cookie: str) -> None:
        self.set_cookie(
            self.gate.cookie_name,
            cookie,
            path="/",
            max_age=round(self.gate.hours * 3600),
            httponly=True,
            samesite="Lax",
            secure=self.gate.is_secure,
        )

    def _show(self, name: str = "", problem: str = "") -> None:
        xsrf = self.xsrf_token.decode()
        self.finish(login_page(xsrf, self._target(), name, problem))

    def _target(self) -> str:
        return local_target(self.get_argument("next", ""))


class LogoutHandler(_Form):
    """Ends a sign-in; by POST only, so that no link or picture does it."""

    async def get(self) -> None:
        """Ask whether that is meant."""
        user = await self.gate.user_of(self)
        if user is None:
            self.redirect("/login")
            return
        self.finish(logout_page(self.xsrf_token.decode(), user.name))

    async def post(self) -> None:
        """Do it, and close the pages that are open."""
        gate = self.gate
        cookie = self.get_cookie(gate.cookie_name)
        if cookie:
            await gate.look_up(gate.end, cookie, self.request.remote_ip)
            gate.close_of(cookie)
        self.clear_cookie(gate.cookie_name, path="/", secure=gate.is_secure)
        self.redirect("/login", status=303)


def local_target(address: str) -> str:
    """Return where to go next: a path of this server, or `HOME`.

    Examples
    --------
    >>> local_target("/annotate?project=1")
    '/annotate?project=1'
    >>> local_target("//elsewhere.example/")
    '/hub'
    """
    is_plain = address.isprintable() and "\\" not in address
    if not is_plain or not address.startswith("/") or address.startswith("//"):
        return HOME
    parts = urlsplit(address)
    if parts.scheme or parts.netloc or parts.path in ("/login", "/logout"):
        return HOME
    return address
