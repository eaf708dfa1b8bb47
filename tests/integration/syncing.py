"""What tests of sync share: places, stores, many at once, a line that breaks."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import socket
import threading
from typing import TYPE_CHECKING, Any

import pandas as pd

from annotator.annotations.store import AnnotationStore
from annotator.audio.io import backend_for
from annotator.errors import AnnotatorError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


KINDS = ("csv", "jsonl", "parquet", "folder")


class Place:
    """Somewhere to sync to, and a second way to look into it.

    `kind` is what is synced: a file with that extension, or a folder.
    """

    def __init__(self, folder: str, auth: dict[str, Any], kind: str = "csv") -> None:
        self.folder = folder
        self.auth = auth
        self.kind = kind
        self.backend = backend_for(folder, **auth)

    @property
    def uri(self) -> str:
        name = "reviews/" if self.kind == "folder" else f"reviews.{self.kind}"
        return f"{self.folder}/{name}"

    def put(self, content: bytes, store: AnnotationStore) -> str:
        """Write what others might have, where the store's own would be."""
        uri = self.uri + next(iter(local_files(store)))
        self.backend.write(content, uri)
        return uri

    def get(self, uri: str = "") -> bytes:
        return self.backend.read(uri or self.uri)

    def names(self) -> list[str]:
        """List all files, by their names after the folder's."""
        found = self.backend.list(self.folder, recursive=True)
        names = [info.uri.replace("\\", "/") for info in found]
        return [name[len(self.folder) :].lstrip("/") for name in names]

    def versions(self) -> dict[str, str | None]:
        found = self.backend.list(self.folder, recursive=True)
        return {info.uri: info.version for info in found}

    def files(self) -> dict[str, bytes]:
        """Give the copy: the bytes of its files, named as `local_files` does."""
        if self.kind != "folder":
            return {"": self.get()}
        names = [name for name in self.names() if name.startswith("reviews/")]
        return {
            name.removeprefix("reviews/"): self.get(f"{self.folder}/{name}")
            for name in names
        }

    def holds(self, store: AnnotationStore) -> bool:
        """Tell whether the copy is, to the byte, the store's output."""
        store.flush()
        return self.files() == local_files(store)

    def rows(self) -> dict[str, dict[str, str]]:
        """Give the copy's rows by clip, read by others' programs."""
        rows = [row for data in self.files().values() for row in read(data, self.kind)]
        return {row["clip_id"]: row for row in rows}

    def wipe(self) -> None:
        """Delete the copy, as somebody else might."""
        raise NotImplementedError


def local_files(store: AnnotationStore) -> dict[str, bytes]:
    """Give the bytes of an output's files, by their names in it; "" for one file."""
    store.flush()
    if store.path.is_file():
        return {"": store.path.read_bytes()}
    return {
        path.relative_to(store.path).as_posix(): path.read_bytes()
        for path in sorted(store.path.rglob("*.parquet"))
    }


def read(data: bytes, kind: str) -> list[dict[str, str]]:
    """Read a table with Python's own reader, or pandas."""
    if kind == "csv":
        return list(csv.DictReader(io.StringIO(data.decode(), newline="")))
    if kind == "jsonl":
        rows = [json.loads(line) for line in data.decode().splitlines()]
    else:
        rows = pd.read_parquet(io.BytesIO(data)).to_dict("records")
    return [{name: str(cell) for name, cell in row.items()} for row in rows]


def without_ids(kind: str) -> bytes:
    """Give a table that somebody else might have written, without ids."""
    frame = pd.DataFrame({"clip_id": ["5"], "label": ["kestrel"]})
    if kind == "csv":
        return frame.to_csv(index=False).encode()
    if kind == "jsonl":
        return frame.to_json(orient="records", lines=True).encode()
    return frame.to_parquet(index=False)


@contextlib.contextmanager
def opened_stores(folder: Path) -> Iterator[Callable[..., AnnotationStore]]:
    """Open stores, each in a folder of its own, and close them at the end."""
    stores: list[AnnotationStore] = []

    def open_one(name: str, **options: Any) -> AnnotationStore:
        options = {"columns": ["label"], "annotator": name, **options}
        extension = options.pop("extension", "csv")
        path = folder / name / f"reviews.{extension}"
        if extension == "folder":
            path = f"{folder / name / 'reviews'}/"
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
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
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
