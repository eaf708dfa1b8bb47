"""Requests to a hub: one session, the token in it, and errors that tell nothing of it."""

from __future__ import annotations

import json
import os
import threading
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, urlsplit

from annotator.errors import HubError, HubUnreachable
from annotator.hub.client.address import is_loopback
from annotator.hub.client.answers import error_of
from annotator.hub.protocol import API, VERSION, VERSION_HEADER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from annotator.hub.client.bearer import Bearer
    from annotator.hub.client.pace import Pace

__all__ = ["Transport", "route"]

T = TypeVar("T")
Json = dict[str, Any]

_TRUSTED = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


def route(*parts: object) -> str:
    """Give the path of a route, each part made safe.

    Examples
    --------
    >>> route("projects", "4a/..", "snapshots")
    '/projects/4a%2F../snapshots'
    """
    return "".join(f"/{quote(str(part), safe='')}" for part in parts)


class Transport:
    """Speaks to one hub as one person; may be used by several threads.

    Parameters
    ----------
    url
        The hub's address, checked.
    bearer
        The token.
    pace
        Timeouts and attempts.
    """

    def __init__(self, url: str, bearer: Bearer, pace: Pace) -> None:
        self.url, self.bearer, self.pace = url, bearer, pace
        self._lock = threading.Lock()
        self._session: Any = None

    def __repr__(self) -> str:
        return f"<Transport to {self.url} with token {self.bearer.key_id}>"

    def close(self) -> None:
        """Forget the token and hang up."""
        self.bearer.forget()
        with self._lock:
            session, self._session = self._session, None
        if session is not None:
            session.close()

    def get(self, path: str, params: Mapping[str, object] | None = None) -> Any:
        """Ask for something, again if the hub is not reached; give the JSON of it."""
        return self._again(lambda: self.send("GET", path, params=params))

    def send(
        self,
        method: str,
        path: str,
        body: bytes | Json | None = None,
        params: Mapping[str, object] | None = None,
    ) -> Any:
        """Make one request and give the JSON of its answer; None if it is empty.

        Raises
        ------
        HubUnreachable
            No answer, or none of a hub. Whether the hub did it is unknown.
        HubError
            What the hub's answer means.
        """
        data = json.dumps(body).encode() if isinstance(body, dict) else body

        def run() -> Any:
            with self._request(method, path, data, params) as response:
                content = response.content
            return json.loads(content) if content.strip() else None

        return self._guard(run)

    def rows(
        self, path: str, params: Mapping[str, object] | None = None
    ) -> list[dict[str, Any]]:
        """Ask for a table as JSON lines, again if it breaks off; give its rows."""

        def run() -> list[dict[str, Any]]:
            with self._request("GET", path, None, params) as response:
                return list(_objects(response.iter_lines(chunk_size=1 << 16)))

        return self._again(lambda: self._guard(run))

    def _request(
        self,
        method: str,
        path: str,
        data: bytes | None,
        params: Mapping[str, object] | None,
    ) -> Any:
        response = self._open().request(
            method,
            f"{self.url}{API}{path}",
            data=data,
            params=params,
            headers={"Content-Type": "application/json"} if data is not None else {},
            timeout=(self.pace.connect, self.pace.read),
            allow_redirects=False,  # a token is for the address that was given
            stream=True,
        )
        failed = response.status_code >= 300
        error = error_of(
            response.status_code,
            response.headers,
            response.content if failed else b"",
            url=self.url,
            key_id=self.bearer.key_id,
        )
        if error is not None:
            response.close()
            raise self._masked(error)
        return response

    def _masked(self, error: HubError) -> HubError:
        error.args = tuple(
            self.bearer.mask(arg) if isinstance(arg, str) else arg for arg in error.args
        )
        problems = getattr(error, "problems", ())
        if problems:
            error.problems = [(i, self.bearer.mask(text)) for i, text in problems]  # type: ignore[attr-defined]
        return error

    def _open(self) -> Any:
        import requests

        with self._lock:
            if self._session is None:
                session = requests.Session()
                session.auth = self.bearer  # else a .netrc would be looked into
                session.headers[VERSION_HEADER] = str(VERSION)
                session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
                if is_loopback(urlsplit(self.url).hostname or ""):
                    # A proxy is no way to this machine itself. What requests takes from
                    # the environment beside proxies is the certificates to trust.
                    session.trust_env = False
                    named = (os.environ.get(name) for name in _TRUSTED)
                    session.verify = next(filter(None, named), True)
                self._session = session
            return self._session

    def _again(self, function: Callable[[], T]) -> T:
        """Run what only reads, some times if the hub is not reached."""
        for n_failures in range(1, self.pace.attempts):
            try:
                return function()
            except HubUnreachable:
                threading.Event().wait(self.pace.pause(n_failures))
        return function()

    def _guard(self, function: Callable[[], T]) -> T:
        """Run what has the token on its stack; errors leave without that stack.

        The exceptions of requests carry the request with its headers, and each
        traceback the variables of the calls that it went through. So they are not
        chained to ours, and not even an interruption takes them along.
        """
        import requests

        failure: BaseException
        try:
            return function()
        except HubError as err:
            failure = err
        except (requests.RequestException, OSError, ValueError) as err:
            failure = HubUnreachable(f"The hub {self.url} {_reason(err)}.")
        except BaseException as err:  # noqa: BLE001 - raised below, without its stack
            failure = err
        failure.__cause__ = failure.__context__ = None
        raise failure.with_traceback(None)


def _objects(lines: Iterator[bytes]) -> Iterator[dict[str, Any]]:
    for line in lines:
        if line.strip():
            found = json.loads(line)
            if not isinstance(found, dict):
                msg = "no row"
                raise ValueError(msg)
            yield found


def _reason(err: Exception) -> str:
    import requests

    if isinstance(err, requests.exceptions.SSLError):
        return "has no certificate that this machine trusts"
    if isinstance(err, requests.exceptions.Timeout):
        return "did not answer in time"
    if isinstance(err, requests.exceptions.JSONDecodeError | json.JSONDecodeError):
        return "gave an answer that cannot be read"
    if isinstance(err, requests.exceptions.ChunkedEncodingError):
        return "broke off in the middle of its answer"
    if isinstance(err, requests.exceptions.ConnectionError):
        return "cannot be reached; check the network and the address"
    return f"cannot be reached ({type(err).__name__})"
