"""The contract of stores for gs://, against a double of Google's server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from annotator.audio.backends import gcs_client
from annotator.audio.backends.gcs import GCSBackend
from annotator.audio.backends.gcs_upload import CHUNK
from annotator.errors import AccessDenied, NotFound, ParameterError, Unreachable
from tests.contracts.backend_contract import Place, WritingContract
from tests.doubles.gcs import GoogleStorage

if TYPE_CHECKING:
    from collections.abc import Iterator


class GCSPlace(Place):
    def __init__(self, google: GoogleStorage) -> None:
        super().__init__(GCSBackend())
        self.google = google

    def uri(self, name: str) -> str:
        return f"gs://bucket/{name}"

    def put(self, name: str, content: bytes) -> None:
        self.google.put(name, content)

    def get(self, name: str) -> bytes | None:
        return self.google.get(name)


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[GCSPlace]:
    with GoogleStorage() as google:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", google.url)
        found = GCSPlace(google)
        yield found
        found.backend.close()


@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
class TestGCS(WritingContract):
    def test_a_large_file_goes_in_parts(self, place: GCSPlace) -> None:
        content, seen = bytes(range(256)) * ((CHUNK + 512) // 256), []

        place.backend.write(
            content, place.uri("a b.flac"), progress=lambda *now: seen.append(now)
        )

        assert place.get("a b.flac") == content
        assert seen[-1] == (len(content), len(content))
        assert (CHUNK, len(content)) in seen

    @pytest.mark.parametrize(
        ("status", "kind", "sentence"),
        [
            (401, AccessDenied, "gcloud auth"),
            (403, AccessDenied, "gcloud auth"),
            (404, NotFound, "There is nothing at"),
        ],
    )
    def test_each_refusal_is_a_sentence(
        self, place: GCSPlace, status: int, kind: type[Exception], sentence: str
    ) -> None:
        place.google.status = status

        with pytest.raises(kind, match=sentence):
            place.backend.read(place.uri("a.csv"))
        with pytest.raises(kind, match=sentence):
            place.backend.write(b"x", place.uri("a.csv"))

    def test_a_server_in_trouble_is_not_asked_for_ever(
        self, place: GCSPlace, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(gcs_client, "PATIENCE", 0.1)
        place.google.status = 503

        with pytest.raises(Unreachable, match="Cannot reach Google's storage"):
            place.backend.read(place.uri("a.csv"))
        with pytest.raises(Unreachable, match="Cannot reach Google's storage"):
            place.backend.write(b"x", place.uri("a.csv"))

    @pytest.mark.parametrize("uri", ["gs://", "gs://bucket", "gs://bucket/a/"])
    def test_an_address_without_a_name_is_refused(
        self, place: GCSPlace, uri: str
    ) -> None:
        with pytest.raises(ParameterError, match="write gs://bucket/name"):
            place.backend.stat(uri)
