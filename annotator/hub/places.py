"""Which places the hub opens for its members: recordings, and tables of clips.

What members write is read by the hub's machine, which reaches more than they do: its
own disk, and the network behind it. So an address must be one that everybody reaches,
and a path must be below the folder that the operator shares. A name is looked up before
it is used, and the address at the other end is looked at again once a connection
stands: a name may lead elsewhere a moment later.
"""

from __future__ import annotations

import ipaddress
import os
import re
import socket
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from annotator.audio.sizes import size_of
from annotator.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = [
    "BUCKETS_VARIABLE",
    "DOWNLOAD",
    "DOWNLOAD_VARIABLE",
    "HOSTS_VARIABLE",
    "ROOT_VARIABLE",
    "Places",
    "is_public",
]

ROOT_VARIABLE = "ANNOTATOR_HUB_AUDIO"
"""Environment variable with the folder whose recordings members may name."""

HOSTS_VARIABLE = "ANNOTATOR_HUB_HOSTS"
"""Environment variable with hosts that are trusted though they are not public."""

BUCKETS_VARIABLE = "ANNOTATOR_HUB_BUCKETS"
"""Environment variable with the only buckets that are read; not set: all."""

DOWNLOAD_VARIABLE = "ANNOTATOR_HUB_DOWNLOAD"
"""Environment variable with the size of a recording that is fetched whole at most."""

DOWNLOAD = 500_000_000
"""Bytes of it, if the variable says nothing."""

_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(.*)", re.DOTALL)
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,221}")
_UNWANTED = re.compile(r"[\x00-\x1f\x7f]")
_ALL = "an https://, s3:// or gs:// address"
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


@dataclass(frozen=True)
class Places:
    """What may be opened, and how much of it.

    Attributes
    ----------
    audio_root
        Folder below which paths may lead; None: no path may be named.
    hosts
        Names of hosts, in lower case, that are trusted wherever they are.
    buckets
        The only buckets that are read; None: all that the hub's credentials reach.
    max_download
        Bytes of a recording that must come whole, since its format or its server know no
        parts.
    """

    audio_root: Path | None = None
    hosts: frozenset[str] = frozenset()
    buckets: frozenset[str] | None = None
    max_download: int = DOWNLOAD

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Places:
        """Take what the operator allows from the environment; lists have commas."""
        root = environment.get(ROOT_VARIABLE, "").strip()
        buckets = environment.get(BUCKETS_VARIABLE)
        return cls(
            audio_root=Path(root).expanduser() if root else None,
            hosts=frozenset(_words(environment.get(HOSTS_VARIABLE, "").lower())),
            buckets=None if buckets is None else frozenset(_words(buckets)),
            max_download=size_of(DOWNLOAD_VARIABLE, environment, DOWNLOAD),
        )

    def check(self, text: str) -> str:
        """Return what a member's text may open, without a look at any network.

        Parameters
        ----------
        text
            Address or path, as a table or a person wrote it.

        Raises
        ------
        ParameterError
            It may not be opened. The message does not repeat the text.
        """
        if not text.strip() or _UNWANTED.search(text):
            msg = f"It names no place; give {_ALL}."
            raise ParameterError(msg)
        address = _ADDRESS.fullmatch(text)
        if address is None:
            return self._path(text)
        scheme, rest = address[1].lower(), address[2]
        if scheme in ("s3", "gs"):
            self._check_bucket(rest)
        elif scheme == "https":
            _host(text)
        else:
            msg = f"Addresses of this kind are not opened here; give {_ALL}."
            raise ParameterError(msg)
        return text

    def check_host(
        self, text: str, look_up: Callable[..., Any] = socket.getaddrinfo
    ) -> None:
        """Look up an https:// address's host; it must be public, or listed.

        Other addresses, and paths, pass.

        Raises
        ------
        ParameterError
            It leads into a network of the hub's own, or nowhere.
        """
        if not text.lower().startswith("https://"):
            return
        host = _host(text)
        if host in self.hosts:
            return
        try:
            found = look_up(host, 443, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            msg = f"The host {host} is not known; is the address spelled right?"
            raise ParameterError(msg) from None
        if not found or not all(is_public(str(entry[4][0])) for entry in found):
            msg = (
                f"The host {host} is not on the public internet, and the operator of "
                "this hub does not list it."
            )
            raise ParameterError(msg)

    def may_connect(self, host: str, address: str) -> bool:
        """Return whether a connection to a host may go on, which is at an address."""
        return host.lower().rstrip(".") in self.hosts or is_public(address)

    @property
    def auth(self) -> dict[str, Any]:
        """What `annotator.audio.io` is given: each connection is looked at, and counted."""
        return {"may_connect": self.may_connect, "max_download": self.max_download}

    def _check_bucket(self, rest: str) -> None:
        bucket, _, key = rest.partition("/")
        if not _BUCKET.fullmatch(bucket) or not key:
            msg = "An address in a store is s3://BUCKET/NAME or gs://BUCKET/NAME."
            raise ParameterError(msg)
        if self.buckets is not None and bucket not in self.buckets:
            msg = "The operator of this hub does not list this bucket."
            raise ParameterError(msg)

    def _path(self, text: str) -> str:
        if self.audio_root is None:
            msg = f"Paths of the hub's own disk are not opened here; give {_ALL}."
            raise ParameterError(msg)
        root = self.audio_root.resolve()
        path = (root / text).resolve()  # an absolute text replaces the root
        is_odd = text.startswith("~") or bool(PureWindowsPath(text).drive)
        if is_odd or path == root or not path.is_relative_to(root):
            msg = (
                "The path leads out of the folder that this hub shares; give it as it "
                f"is called within that folder, or give {_ALL}."
            )
            raise ParameterError(msg)
        return str(path)


def is_public(address: str) -> bool:
    """Return whether an IP address is on the public internet.

    Examples
    --------
    >>> [is_public(text) for text in ("8.8.8.8", "127.0.0.1", "::ffff:10.0.0.1", "x")]
    [True, False, False, False]
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        # Addresses of version 4 in another dress.
        if found.ipv4_mapped is not None:
            found = found.ipv4_mapped
        elif found in _NAT64:
            found = ipaddress.IPv4Address(int(found) & 0xFFFF_FFFF)
        elif found.sixtofour is not None or found.teredo is not None:
            return False
    return found.is_global and not (
        found.is_multicast or found.is_reserved or found.is_unspecified
    )


def _host(address: str) -> str:
    """Return the host of an https:// address, in lower case."""
    try:
        parts = urlsplit(address)
        host, _ = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        host = ""
    if not host or "\\" in address or " " in address.strip():
        msg = "It is no web address; give it as a browser shows it."
        raise ParameterError(msg)
    if "@" in parts.netloc:
        msg = "An address must not hold a name or password."
        raise ParameterError(msg)
    return host.lower()


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]
