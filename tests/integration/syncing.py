"""What tests of sync share: places, stores, many at once, a line that breaks."""

from __future__ import annotations

import contextlib
import csv
import io
import socket
import threading
from typing import TYPE_CHECKING, Any

from annotator.annotations.store import AnnotationStore
from annotator.audio.io import backend_for
from annotator.errors import AnnotatorError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


class Place:
    """Somewhere to sync to, and a second way to look into it."""

    def __init__(self, folder: str, auth: dict[str, Any]) -> None:
        self.folder = folder
        self.auth = auth
        self.backend = backend_for(folder, **auth)

    @property
    def uri(self) -> str:
        return f"{self.folder}/reviews.csv"

    def put(self, text: str) -> None:
        self.backend.write(text.encode(), self.uri)

    def get(self, uri: str = "") -> str:
        return self.backend.read(uri or self.uri).decode()

    def names(self) -> list[str]:
        return [
            info.uri.replace("\\", "/").rpartition("/")[2]
            for info in self.backend.list(self.folder)
        ]

    def rows(self) -> dict[str, dict[str, str]]:
        """Give the copy's rows by clip, read by Python's own reader."""
        rows = csv.DictReader(io.StringIO(self.get(), newline=""))
        return {row["clip_id"]: row for row in rows}


@contextlib.contextmanager
def opened_stores(folder: Path) -> Iterator[Callable[..., AnnotationStore]]:
    """Open stores, each in a folder of its own, and close them at the end."""
    stores: list[AnnotationStore] = []

    def open_one(name: str, **options: Any) -> AnnotationStore:
        options = {"columns": ["label"], "annotator": name, **options}
        extension = options.pop("extension", "csv")
        path = folder / name / f"reviews.{extension}"
        stores.append(AnnotationStore(path, **options))
        return stores[-1]

    yield open_one
    for store in stores:
        store.close()


def in_threads(tasks: list[Callable[[], object]]) -> list[Exception]:
    """Do everything at once; give what was raised."""
    failures: list[Exception] = []

    def attempt(task: Callable[[], object]) -> None:
        try:
            task()
        except AnnotatorError as err:
            failures.append(err)

    threads = [threading.Thread(target=attempt, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failures


class Proxy:
    """Passes bytes to a server until told to drop the connections."""

    def __init__(self, port: int) -> None:
        self.dropping_after: int | None = None  # bytes of a request
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._target))
            for pair in ((client, server), (server, client)):
                threading.Thread(target=self._pass_on, args=pair, daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        passed = 0
        try:
            while data := source.recv(4096):
                passed += len(data)
                limit = self.dropping_after
                if limit is not None and passed > limit:
                    break
                sink.sendall(data)
        except OSError:
            pass
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def close(self) -> None:
        self._listener.close()


@contextlib.contextmanager
def proxied(endpoint_url: str) -> Iterator[Proxy]:
    """Stand between a client and a server."""
    proxy = Proxy(int(endpoint_url.rpartition(":")[2]))
    yield proxy
    proxy.dropping_after = 0
    proxy.close()
