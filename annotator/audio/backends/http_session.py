"""A session of requests that keeps connections, and secrets to their host."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from annotator._optional import require
from annotator.audio.backends.http_guard import guarded_adapter
from annotator.audio.backends.quiet import keep_secrets_from_logs
from annotator.errors import ParameterError

if TYPE_CHECKING:
    from requests import PreparedRequest, Response, Session

__all__ = ["new_session"]

_REDIRECTS = 3  # for addresses that others wrote


def new_session(auth: dict[str, Any]) -> Session:
    """Return a session with the options of `HTTPBackend`: few connections, retries."""
    requests = require("requests", why="for https:// addresses")
    from requests.adapters import HTTPAdapter
    from urllib3.util import Retry

    token = str(auth.get("token", "")).strip()
    own = {str(name): str(value) for name, value in auth.get("headers", {}).items()}
    cookies = auth.get("cookies", {})
    _check([token, *own, *own.values(), *map(str, dict(cookies).values())])

    class CarefulSession(requests.Session):  # type: ignore[misc, name-defined]
        """Takes the user's headers and cookies to no other host."""

        def rebuild_auth(
            self, prepared_request: PreparedRequest, response: Response
        ) -> None:
            super().rebuild_auth(prepared_request, response)
            if self.should_strip_auth(response.request.url, prepared_request.url):
                for name in (*own, "Cookie"):
                    prepared_request.headers.pop(name, None)

    session: Session = CarefulSession()
    may_connect = auth.get("may_connect")
    retry = Retry(
        total=2,
        backoff_factor=0.5,
        status_forcelist=(429, 500, 502, 503, 504),
        allowed_methods=("GET", "HEAD"),
        raise_on_status=False,
        respect_retry_after_header=False,  # it may say hours
    )
    options: dict[str, Any] = {"pool_maxsize": 16, "pool_block": True}
    if may_connect is None:
        adapter = HTTPAdapter(max_retries=retry, **options)
    else:
        # Not after a status, whose answer would be read first, however long it is.
        retry = retry.new(status=0)
        adapter = guarded_adapter(may_connect, max_retries=retry, **options)
        # No proxy, which would look names up itself; none of the machine's passwords.
        session.trust_env = False
        session.max_redirects = _REDIRECTS
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    # Ranges count the bytes of the file, not those of a compressed transfer.
    session.headers["Accept-Encoding"] = "identity"
    session.headers.update(own)
    session.cookies.update(cookies)
    given = auth.get("auth")
    session.auth = tuple(given) if isinstance(given, list) else given
    if token:
        # Not as a header, which a line of ~/.netrc would replace.
        session.auth = lambda request: _signed(request, token)
    session.verify = auth.get("verify", True)
    keep_secrets_from_logs()
    return session


def _check(texts: list[str]) -> None:
    """Refuse what cannot be sent, here, since http.client would show the value."""
    for text in texts:
        if any(sign in text for sign in "\r\n\0") or not text.isascii():
            msg = "A token, header or cookie has characters that cannot be sent."
            raise ParameterError(msg)


def _signed(request: PreparedRequest, token: str) -> PreparedRequest:
    request.headers["Authorization"] = f"Bearer {token}"
    return request
