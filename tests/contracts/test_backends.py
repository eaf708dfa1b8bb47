"""The stores that are built in, each against a real server or disk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from annotator.audio.backends.http import HTTPBackend
from annotator.audio.backends.local import LocalBackend
from annotator.audio.backends.s3 import S3Backend
from annotator.errors import ReadOnly
from tests.contracts.backend_contract import Place, ReadingContract, WritingContract
from tests.doubles.web import WebServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class LocalPlace(Place):
    def __init__(self, folder: Path) -> None:
        super().__init__(LocalBackend())
        self.folder = folder

    def uri(self, name: str) -> str:
        return str(self.folder / name)

    def put(self, name: str, content: bytes) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.write_bytes(content)

    def get(self, name: str) -> bytes | None:
        path = self.folder / name
        return path.read_bytes() if path.exists() else None


class TestLocal(WritingContract):
    @pytest.fixture
    def place(self, tmp_path: Path) -> Place:
        return LocalPlace(tmp_path / "a folder")


class S3Place(Place):
    def __init__(self, server: Any) -> None:
        super().__init__(S3Backend(**server.auth))
        self.server = server

    def uri(self, name: str) -> str:
        return f"s3://{self.server.bucket}/{name}"

    def put(self, name: str, content: bytes) -> None:
        self.server.client.put_object(Bucket=self.server.bucket, Key=name, Body=content)

    def get(self, name: str) -> bytes | None:
        client = self.server.client
        try:
            answer = client.get_object(Bucket=self.server.bucket, Key=name)
        except client.exceptions.NoSuchKey:
            return None
        return bytes(answer["Body"].read())


class TestS3(WritingContract):
    @pytest.fixture
    def place(self, s3: Any) -> Place:
        return S3Place(s3)


class HTTPPlace(Place):
    def __init__(self, web: WebServer) -> None:
        super().__init__(HTTPBackend())
        self.web = web

    def uri(self, name: str) -> str:
        return self.web.url(name)

    def put(self, name: str, content: bytes) -> None:
        self.web.content[name] = content

    def get(self, name: str) -> bytes | None:
        return self.web.content.get(name)


class TestHTTP(ReadingContract):
    KNOWS_RANGES = True

    @pytest.fixture
    def place(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> Iterator[HTTPPlace]:
        monkeypatch.setenv("ANNOTATOR_CACHE_DIR", str(tmp_path / "cache"))
        with WebServer({}, ranges=self.KNOWS_RANGES) as web:
            place = HTTPPlace(web)
            yield place
            place.backend.close()

    def test_nothing_can_be_written(self, place: Place) -> None:
        uri = place.uri("a.csv")

        with pytest.raises(ReadOnly, match="HTTPS is read-only"):
            place.backend.write(b"new", uri)
        with pytest.raises(ReadOnly, match="HTTPS is read-only"):
            place.backend.copy(uri, uri)
        with pytest.raises(NotImplementedError, match="Cannot list files over HTTPS"):
            place.backend.list(place.uri("folder"))


class TestHTTPWithoutRanges(TestHTTP):
    """A server that answers each request for a range with the whole file."""

    KNOWS_RANGES = False
