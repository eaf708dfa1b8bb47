"""How the hub is served, and what is refused because it would not be safe."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from annotator.errors import HubError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["ServeOptions", "is_loopback"]


@dataclass(frozen=True)
class ServeOptions:
    """Where and how to listen.

    Raises
    ------
    HubError
        Passwords would go over a network in the clear, or browsers could not be told
        from strangers.
    """

    key_file: Path
    """Signs session ids; made if it is not there."""
    port: int = 5006
    """0: a free one."""
    address: str = "localhost"
    behind_proxy: bool = False
    """A proxy before it speaks TLS, and says who asks."""
    cert_file: Path | None = None
    """Certificate chain, PEM."""
    cert_key: Path | None = None
    """Its private key, PEM."""
    origins: tuple[str, ...] = ()
    """Names, with port if it is not the usual one, under which browsers reach it."""
    n_threads: int | None = None
    """For the pages' callbacks; None: they run in the server's loop."""

    def __post_init__(self) -> None:
        if (self.cert_file is None) != (self.cert_key is None):
            msg = "TLS takes a certificate and its key; give --tls-cert and --tls-key."
            raise HubError(msg)
        for file in (self.cert_file, self.cert_key):
            if file is not None and not file.is_file():
                msg = f"The TLS file {file} is not there."
                raise HubError(msg)
        if not self.is_secure and not is_loopback(self.address):
            msg = (
                f"At {self.address} others would reach the hub, and passwords would go "
                "over the network in the clear. Give --tls-cert and --tls-key, or let a "
                "proxy speak TLS and say --behind-proxy, or listen at 127.0.0.1."
            )
            raise HubError(msg)
        if self.behind_proxy and not self.origins:
            msg = (
                "Say under which name browsers reach the proxy: "
                "--origin hub.example.org"
            )
            raise HubError(msg)
        for origin in self.origins:
            _check_origin(origin)

    @property
    def is_secure(self) -> bool:
        """Whether browsers reach it over TLS."""
        return self.behind_proxy or self.cert_file is not None

    def hosts(self, port: int) -> list[str]:
        """Return the hosts whose pages may open a websocket: the hub's own.

        Parameters
        ----------
        port
            On which it listens.
        """
        if self.behind_proxy:
            return list(self.origins)
        names = {self.address, *self.origins}
        if is_loopback(self.address):
            names |= {"localhost", "127.0.0.1"}
        # Bokeh compares names; it knows no IPv6, and a browser leaves the usual port out.
        names = {name for name in names if name.count(":") < 2}
        if port == (443 if self.is_secure else 80):
            return sorted(names)
        return sorted(name if ":" in name else f"{name}:{port}" for name in names)


def is_loopback(address: str) -> bool:
    """Return whether only programs of this machine reach an address or a name."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        pass
    try:
        found = socket.getaddrinfo(address or None, None)
    except OSError:
        return False
    if not address:
        return False  # all of the machine's
    return all(ipaddress.ip_address(entry[4][0]).is_loopback for entry in found)


def _check_origin(origin: str) -> None:
    try:
        parts = urlsplit(f"//{origin}")
        is_fine = bool(parts.hostname) and parts.netloc == origin and parts.port != 0
    except ValueError:
        is_fine = False
    if not is_fine or "*" in origin or "@" in origin:
        msg = (
            f"The origin {origin!r} is no name that a browser shows; give it without "
            "scheme, path or star: --origin hub.example.org, or hub.example.org:8443"
        )
        raise HubError(msg)
