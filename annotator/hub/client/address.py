"""Addresses of hubs: which ones a token may be sent to."""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, urlsplit

from annotator.errors import ParameterError
from annotator.hub.protocol import API

__all__ = ["check_address", "is_loopback"]

_EXAMPLE = "https://hub.example.org"


def check_address(text: str) -> str:
    """Return a hub's address without a slash at its end.

    Parameters
    ----------
    text
        As a person wrote it; the path of the API behind it is taken away.

    Raises
    ------
    ParameterError
        It is no address, or a token would travel to it for all to read.

    Examples
    --------
    >>> check_address(" https://Hub.example.org/team/ ")
    'https://hub.example.org/team'
    >>> check_address("http://127.0.0.1:5006/api/v1")
    'http://127.0.0.1:5006'
    """
    parts = _split(text)
    if parts.username is not None or parts.password is not None:
        # Not shown: there is a password in it.
        msg = (
            "The hub's address must not hold a user name or password; "
            f"give it as {_EXAMPLE}, and the token for itself."
        )
        raise ParameterError(msg)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        msg = f"{text.strip()!r} is no address of a hub; write it as {_EXAMPLE}."
        raise ParameterError(msg)
    if parts.query or parts.fragment:
        msg = "The hub's address must end with its path, without ? and #."
        raise ParameterError(msg)
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        msg = (
            f"http://{parts.netloc} would send the token for all to read; "
            "use https:// (http:// is for this machine alone, as in "
            "http://127.0.0.1:5006)."
        )
        raise ParameterError(msg)
    path = parts.path.rstrip("/").removesuffix(API).rstrip("/")
    return f"{parts.scheme}://{parts.netloc.lower()}{path}"


def _split(text: str) -> SplitResult:
    text = text.strip()
    try:
        parts = urlsplit(text)
        _ = parts.port  # which is looked at only now
    except ValueError:
        parts = None
    # urlsplit takes line ends away without a word; what else is in there?
    if parts is None or not text.isprintable() or " " in text or "\\" in text:
        msg = f"This is no address of a hub; write it as {_EXAMPLE}."
        raise ParameterError(msg)
    return parts


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine.

    Examples
    --------
    >>> [is_loopback(host) for host in ("localhost", "127.0.0.9", "::1", "10.0.0.1")]
    [True, True, True, False]
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
