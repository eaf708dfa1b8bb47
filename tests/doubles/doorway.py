"""A door before a server: it can be held, or shut in somebody's face."""

from __future__ import annotations

import contextlib
import socket
import threading

__all__ = ["Doorway"]


class Doorway:
    """What goes to a server on this machine goes through here; a context manager.

    Attributes
    ----------
    address
        Of the door.
    cut_uploads
        Whether connections end as soon as somebody sends a PUT.
    narrow
        Clear it, and what sends more than a megabyte waits until it is set.
    """

    STEP = 1_000_000  # bytes

    def __init__(self, port: int) -> None:
        self._port = port
        self._door = socket.create_server(("127.0.0.1", 0))
        # Little waits inside of the system, so that holding it is felt outside.
        self._door.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        self.address = f"http://127.0.0.1:{self._door.getsockname()[1]}"
        self.cut_uploads = False
        self.narrow = threading.Event()
        self.narrow.set()

    def __enter__(self) -> Doorway:
        threading.Thread(target=self._open, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._door.close()

    def _open(self) -> None:
        while True:
            try:
                caller, _ = self._door.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._port))
            for pair in ((caller, server), (server, caller)):
                threading.Thread(target=self._carry, args=pair, daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        try:
            passed = 0
            while data := source.recv(65536):
                passed += len(data)
                if passed > self.STEP:
                    self.narrow.wait(60)
                if self.cut_uploads and data.startswith(b"PUT "):
                    break
                target.sendall(data)
        except OSError:
            pass
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
