"""Look where a connection really leads, before anything is said on it.

What a name stands for may change between two look-ups, and a server may send one
elsewhere: so the address is looked at that the connection stands with, each time.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from annotator._optional import require

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from requests import Response
    from requests.adapters import HTTPAdapter

__all__ = ["guarded_adapter"]


def guarded_adapter(
    may_connect: Callable[[str, str], bool], **options: Any
) -> HTTPAdapter:
    """Return an adapter of requests that leaves connections which may not be.

    Parameters
    ----------
    may_connect
        Is told the host's name and the IP address that it was found at.
    **options
        As for `requests.adapters.HTTPAdapter`.
    """
    require("requests", why="for https:// addresses")
    from requests.adapters import HTTPAdapter
    from urllib3.connection import HTTPConnection, HTTPSConnection
    from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
    from urllib3.exceptions import NewConnectionError

    def look(connection: HTTPConnection, made: socket.socket) -> socket.socket:
        address = made.getpeername()[0]
        if not may_connect(connection.host, address):
            made.close()
            msg = "The server is in a network that is not opened here."
            raise NewConnectionError(connection, msg)
        return made

    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return look(self, super()._new_conn())

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return look(self, super()._new_conn())

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    class GuardedAdapter(HTTPAdapter):
        def send(self, *args: Any, **kwargs: Any) -> Response:
            response = super().send(*args, **kwargs)
            if response.is_redirect:
                # Else requests reads what comes with it, however much that is.
                response.raw.close()
                response.raw = io.BytesIO()
            return response

        def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
            super().init_poolmanager(*args, **kwargs)
            pools = {"http": PlainPool, "https": SecurePool}
            self.poolmanager.pool_classes_by_scheme = pools

    return GuardedAdapter(**options)
