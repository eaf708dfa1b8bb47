"""Log in to a hub, and out of it."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from annotator.errors import ParameterError
from annotator.hub.client.address import check_address
from annotator.hub.client.bar import is_interactive
from annotator.hub.client.bearer import Bearer, hide
from annotator.hub.client.client import CLIENT

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["LoginResult", "login", "logout", "session"]

_URL, _TOKEN = "ANNOTATOR_HUB_URL", "ANNOTATOR_HUB_TOKEN"


@dataclass(frozen=True)
class LoginResult:
    """How a login went.

    Attributes
    ----------
    connected
        Whether the hub accepted the token.
    message
        One sentence about it.
    user
        Name of the person at the hub.
    url
        The hub's address.
    """

    connected: bool
    message: str
    user: str
    url: str


def login(url: str | None = None, token: str | None = None) -> LoginResult:
    """Log in to a hub: what is recorded from here on appears there.

    Every submit of every annotator with a project is sent, by a thread, until the
    program ends or `logout` is called. So is what was recorded before in the same
    outputs and not sent yet.

    Parameters
    ----------
    url
        The hub's address, `https://...`; None: from ANNOTATOR_HUB_URL.
    token
        Made on the hub's page Tokens; None: from ANNOTATOR_HUB_TOKEN. It is kept in
        the memory of this process alone.

    Raises
    ------
    InvalidToken
        There is no such token, or it was deleted, or its time is over.
    HubUnreachable
        No hub answers there.
    ParameterError
        Address or token are not given, or the address is not safe.
    """
    token = hide(token)  # from any traceback that shows variables
    return _log_in(url, _bearer_of(url, token))


def _log_in(url: str | None, bearer: Bearer) -> LoginResult:
    address = check_address(_address_of(url))
    user = CLIENT.log_in(address, bearer).user
    message = (
        f"Connected to {address} as {user}. Projects and annotations appear in the hub."
    )
    if is_interactive():
        print(message)  # noqa: T201 - for a person in a notebook
    return LoginResult(True, message, user, address)


def _address_of(url: str | None) -> str:
    address = url or os.environ.get(_URL, "")
    if not address:
        msg = f"No hub is given. Pass url=, or set {_URL}."
        raise ParameterError(msg)
    return address


def _bearer_of(url: str | None, token: str | None) -> Bearer:
    if token is None:
        usual = os.environ.get(_URL, "")
        if url and usual and check_address(url) != check_address(usual):
            # A token must not travel to a hub that it is not for.
            msg = (
                f"{_TOKEN} belongs to the hub that {_URL} names, and {url!r} is "
                "another one; pass token= too."
            )
            raise ParameterError(msg)
        token = hide(os.environ.get(_TOKEN))
    if not token:
        msg = f"No token is given. Pass token=, or set {_TOKEN}."
        raise ParameterError(msg)
    return Bearer(token)


def logout(timeout: float = 10) -> int:
    """Send what waits, then forget the token; work is local from here on.

    Parameters
    ----------
    timeout
        Seconds to wait for what is still to be sent.

    Returns
    -------
    int
        Number of events that still wait: they stay in the logs beside the outputs, and
        are sent after a later login.
    """
    return CLIENT.log_out(timeout)


@contextmanager
def session(url: str | None = None, token: str | None = None) -> Iterator[LoginResult]:
    """Log in for a `with` block, and out at its end.

    Parameters
    ----------
    url, token
        As for `login`.
    """
    token = hide(token)
    result = _log_in(url, _bearer_of(url, token))
    try:
        yield result
    finally:
        logout()
