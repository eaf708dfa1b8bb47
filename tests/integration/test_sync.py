"""Sync against a local folder and an S3 server: the four cases, and bad days."""

from __future__ import annotations

import contextlib
import csv
import io
import socket
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from annotator.annotations.store import AnnotationStore
from annotator.annotations.sync import sync
from annotator.audio.backends.base import register_backend
from annotator.audio.backends.local import LocalBackend
from annotator.audio.io import backend_for
from annotator.errors import (
    AccessDenied,
    AnnotatorError,
    Cancelled,
    Conflict,
    NotFound,
    ParameterError,
    StorageError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from annotator.audio.backends.base import FileInfo


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


@pytest.fixture
def open_store(tmp_path: Path):
    """Open stores, each in a folder of its own."""
    stores: list[AnnotationStore] = []

    def open_one(name: str, **options: Any) -> AnnotationStore:
        options = {"columns": ["label"], "annotator": name, **options}
        extension = options.pop("extension", "csv")
        path = tmp_path / name / f"reviews.{extension}"
        stores.append(AnnotationStore(path, **options))
        return stores[-1]

    yield open_one
    for store in stores:
        store.close()


class SyncContract:
    """What sync does, wherever to."""

    @pytest.fixture
    def place(self) -> Place:
        raise NotImplementedError

    def sync(self, store: AnnotationStore, place: Place, **options: Any):
        return sync(store, place.uri, auth=place.auth, **options)

    def test_where_nothing_is_the_output_is_written(self, place, open_store):
        store = open_store("maria")
        store.submit("1", [{"label": "owl"}])

        result = self.sync(store, place)

        assert place.get() == store.path.read_text("utf-8")
        assert result == place.uri
        assert (result.uploaded, result.merged) == (1, 0)
        assert result.summary == "Synced 1 annotation"

    def test_nothing_changed_on_either_side_is_no_upload(self, place, open_store):
        store = open_store("maria")
        store.submit("1", [{"label": "owl"}])
        self.sync(store, place)
        version = place.backend.stat(place.uri).version

        result = self.sync(store, place)

        assert result.uploaded == result.bytes == 0
        assert result.summary == "Everything is in sync: 1 annotation"
        assert place.backend.stat(place.uri).version == version

    def test_what_we_last_saw_is_overwritten(self, place, open_store):
        store = open_store("maria")
        store.submit("1", [{"label": "owl"}])
        store.submit("2", [{"label": "owl"}])
        self.sync(store, place)
        store.delete("1")
        store.submit("3", [{"label": "wren"}])

        result = self.sync(store, place)

        assert list(place.rows()) == ["2", "3"]
        assert place.get() == store.path.read_text("utf-8")
        assert result.deleted == 1

    def test_rows_of_others_are_merged_into_both(self, place, open_store):
        maria, chen = open_store("maria"), open_store("chen")
        maria.submit("1", [{"label": "owl"}])
        chen.submit("2", [{"label": "wren"}])
        self.sync(maria, place)

        result = self.sync(chen, place)

        assert set(place.rows()) == {"1", "2"}
        (taken,) = chen.rows_of("1")
        assert taken == maria.rows_of("1")[0]
        assert result.summary == "Synced 2 annotations, 1 from others"

    def test_others_deletions_and_edits_arrive(self, place, open_store):
        maria, chen = open_store("maria"), open_store("chen")
        maria.submit("1", [{"label": "owl"}])
        (key,) = maria.submit("2", [{"label": "owl"}]).ids
        self.sync(maria, place)
        chen.submit("3", [{"label": "wren"}])
        self.sync(chen, place)
        chen.delete("1")
        chen.submit("2", [{"annotation_id": key, "label": "tawny owl"}])
        self.sync(chen, place)

        result = self.sync(maria, place)

        assert {row["clip_id"]: row["label"] for row in maria.rows()} == {
            "2": "tawny owl",
            "3": "wren",
        }
        assert (result.merged, result.deleted) == (2, 1)

    def test_of_two_edits_the_later_is_kept_and_the_other_is_in_the_log(
        self, place, open_store
    ):
        maria, chen = open_store("maria"), open_store("chen")
        (key,) = maria.submit("1", [{"label": "owl"}]).ids
        self.sync(maria, place)
        chen.submit("9", [{"label": "wren"}])
        self.sync(chen, place)
        chen.submit("1", [{"annotation_id": key, "label": "earlier"}])
        maria.submit("1", [{"annotation_id": key, "label": "later"}])
        self.sync(chen, place)

        result = self.sync(maria, place)

        (conflict,) = result.conflicts
        assert (conflict.kept["label"], conflict.other["label"]) == (
            "later",
            "earlier",
        )
        assert "earlier" in maria.log_path.read_text("utf-8")
        assert maria.rows_of("1")[0]["label"] == "later"
        assert place.rows()["1"]["label"] == "later"

    def test_an_edit_survives_a_deletion_elsewhere(self, place, open_store):
        maria, chen = open_store("maria"), open_store("chen")
        (key,) = maria.submit("1", [{"label": "owl"}]).ids
        self.sync(maria, place)
        chen.submit("9", [{"label": "wren"}])
        self.sync(chen, place)
        maria.delete("1")
        self.sync(maria, place)
        chen.submit("1", [{"annotation_id": key, "label": "edited"}])

        self.sync(chen, place)
        self.sync(maria, place)

        assert maria.rows_of("1")[0]["label"] == "edited"

    def test_rows_without_ids_are_kept_beside(self, place, open_store):
        place.put("clip_id,label\n5,kestrel\n")
        store = open_store("maria")
        store.submit("1", [{"label": "owl"}])

        result = self.sync(store, place)

        assert place.get() == store.path.read_text("utf-8")
        (beside,) = [name for name in place.names() if ".replaced-" in name]
        assert place.get(f"{place.folder}/{beside}") == "clip_id,label\n5,kestrel\n"
        assert result.kept_beside.endswith(beside)
        assert beside in result.summary

    def test_what_is_no_table_is_kept_beside(self, place, open_store):
        place.put("\x00\x01 no table")
        store = open_store("maria")
        store.submit("1", [{"label": "owl"}])

        result = self.sync(store, place)

        assert place.get(result.kept_beside) == "\x00\x01 no table"
        assert place.get() == store.path.read_text("utf-8")

    def test_half_a_table_deletes_nothing(self, place, open_store):
        store = open_store("maria")
        for clip in "123":
            store.submit(clip, [{"label": "owl"}])
        self.sync(store, place)
        place.put(place.get()[:-60])

        self.sync(store, place)

        assert set(store.reviewed) == set(place.rows()) == set("123")

    def test_without_provenance_the_file_is_uploaded_as_it_is(self, place, open_store):
        store = open_store("maria", provenance=False)
        store.submit("1", [{"label": "owl"}])
        self.sync(store, place)
        place.put("clip_id,label\n5,kestrel\n")

        result = self.sync(store, place)

        assert place.get() == "clip_id,label\n1,owl\n"
        assert place.get(result.kept_beside) == "clip_id,label\n5,kestrel\n"
        assert result.deleted == 0

    def test_replace_overwrites(self, place, open_store):
        maria, chen = open_store("maria"), open_store("chen")
        maria.submit("1", [{"label": "owl"}])
        chen.submit("2", [{"label": "wren"}])
        self.sync(maria, place)

        result = self.sync(chen, place, on_conflict="replace")

        assert list(place.rows()) == ["2"]
        assert result.merged == 0

    def test_fail_refuses_and_changes_nothing(self, place, open_store):
        maria, chen = open_store("maria"), open_store("chen")
        maria.submit("1", [{"label": "owl"}])
        chen.submit("2", [{"label": "wren"}])
        self.sync(maria, place)
        before = place.get()

        with pytest.raises(Conflict, match="on_conflict='merge'"):
            self.sync(chen, place, on_conflict="fail")

        assert place.get() == before

    def test_without_annotations_there_is_nothing_to_sync(self, place, open_store):
        with pytest.raises(NotFound, match="Nothing to sync yet"):
            self.sync(open_store("maria"), place)

    def test_who_joins_gets_the_others_rows_at_once(self, place, open_store):
        maria, chen = open_store("maria"), open_store("chen")
        maria.submit("1", [{"label": "owl"}])
        self.sync(maria, place)

        result = self.sync(chen, place)

        assert [row["label"] for row in chen.rows_of("1")] == ["owl"]
        assert (result.merged, result.uploaded) == (1, 0)

    def test_an_empty_output_leaves_a_file_without_ids_alone(self, place, open_store):
        place.put("clip_id,label\n1,owl\n")

        with pytest.raises(NotFound, match="Nothing to sync yet"):
            self.sync(open_store("maria"), place)

        assert place.get() == "clip_id,label\n1,owl\n"

    def test_the_last_annotation_s_deletion_is_synced(self, place, open_store):
        store = open_store("maria")
        store.submit("1", [{"label": "owl"}])
        self.sync(store, place)
        store.delete("1")

        self.sync(store, place)

        assert place.rows() == {}

    def test_a_copy_that_was_removed_is_written_again(self, place, open_store, s3):
        store = open_store("maria")
        store.submit("1", [{"label": "owl"}])
        self.sync(store, place)
        self.remove(place, s3)

        self.sync(store, place)

        assert list(place.rows()) == ["1"]

    def remove(self, place: Place, s3: Any) -> None:
        raise NotImplementedError

    def test_a_folder_gets_the_output_s_name(self, place, open_store):
        store = open_store("maria")
        store.submit("1", [{"label": "owl"}])

        result = sync(store, place.folder + "/", auth=place.auth)

        assert result == place.uri
        assert place.names() == ["reviews.csv"]

    def test_progress_ends_with_all_bytes(self, place, open_store):
        store = open_store("maria")
        store.submit("1", [{"label": "owl"}])
        seen: list[tuple[int, int]] = []

        result = self.sync(store, place, progress=lambda *now: seen.append(now))

        assert seen[-1] == (result.bytes, result.bytes)

    @pytest.mark.parametrize("n_asked", range(5))
    def test_cancelled_stops_with_nothing_half_done(self, place, open_store, n_asked):
        store = open_store("maria")
        store.submit("1", [{"label": "owl"}])
        answers = iter([False] * n_asked + [True] * 100)

        try:
            self.sync(store, place, cancelled=lambda: next(answers))
        except Cancelled:
            assert place.names() == []
        else:
            assert place.get() == store.path.read_text("utf-8")

    def test_four_who_sync_at_once_lose_nothing(self, place, open_store):
        stores = [open_store(f"person{number}") for number in range(4)]
        for store in stores:
            store.submit(store.path.parent.name, [{"label": "owl"}])

        failures = in_threads(
            [lambda store=store: self.sync(store, place) for store in stores]
        )

        assert failures == []
        assert len(place.rows()) == 4


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


class TestLocalFolder(SyncContract):
    @pytest.fixture
    def place(self, tmp_path) -> Place:
        return Place(str(tmp_path / "shared"), {})

    def remove(self, place: Place, s3: Any) -> None:
        Path(place.uri).unlink()


class TestS3(SyncContract):
    @pytest.fixture
    def place(self, s3) -> Place:
        return Place(f"s3://{s3.bucket}/team", s3.auth)

    def remove(self, place: Place, s3: Any) -> None:
        s3.client.delete_object(Bucket=s3.bucket, Key="team/reviews.csv")

    def test_a_bucket_alone_gets_the_output_s_name(self, open_store, s3):
        store = open_store("maria")
        store.submit("1", [{"label": "owl"}])

        result = sync(store, f"s3://{s3.bucket}", auth=s3.auth)

        assert result == f"s3://{s3.bucket}/reviews.csv"

    def test_a_bucket_that_is_not_there_is_named(self, open_store, s3):
        store = open_store("maria")
        store.submit("1", [{"label": "owl"}])

        with pytest.raises(NotFound, match="no-such-bucket-here"):
            sync(store, "s3://no-such-bucket-here/r.csv", auth=s3.auth)

    def test_without_credentials_access_is_denied(self, open_store, s3):
        store = open_store("maria")
        store.submit("1", [{"label": "owl"}])
        auth = {"endpoint_url": s3.endpoint_url, "region_name": "us-east-1"}

        with pytest.raises(AccessDenied):
            sync(store, f"s3://{s3.bucket}/r.csv", auth=auth)


@pytest.mark.parametrize("extension", ["jsonl", "parquet"])
def test_other_formats_merge_too(tmp_path, open_store, extension):
    maria = open_store("maria", extension=extension, columns=["label", "n"])
    chen = open_store("chen", extension=extension, columns=["label", "n"])
    maria.submit("1", [{"label": "owl", "n": 2**60 + 1}])
    chen.submit("2", [{"label": "wren", "n": None}])

    for store in (maria, chen, maria):
        sync(store, f"{tmp_path}/shared.{extension}")
    again = [sync(store, f"{tmp_path}/shared.{extension}") for store in (chen, maria)]

    assert chen.rows_of("1")[0]["n"] == 2**60 + 1
    assert maria.rows_of("2")[0]["label"] == "wren"
    assert [result.uploaded for result in again] == [0, 0]


def test_an_existing_local_folder_gets_the_output_s_name(tmp_path, open_store):
    store = open_store("maria")
    store.submit("1", [{"label": "owl"}])
    (tmp_path / "copies").mkdir()

    result = sync(store, tmp_path / "copies")

    assert result == str(tmp_path / "copies" / "reviews.csv")


def test_the_output_itself_is_no_destination(open_store):
    store = open_store("maria")
    store.submit("1", [{"label": "owl"}])

    with pytest.raises(ParameterError, match="the output itself"):
        sync(store, store.path)


def test_a_destination_with_another_format_s_extension_is_refused(tmp_path, open_store):
    store = open_store("maria")
    store.submit("1", [{"label": "owl"}])

    with pytest.raises(ParameterError, match=r"ends in \.csv"):
        sync(store, tmp_path / "copy.parquet")


def test_each_destination_has_a_base_of_its_own(tmp_path, open_store):
    store = open_store("maria")
    store.submit("1", [{"label": "owl"}])
    sync(store, tmp_path / "one.csv")

    result = sync(store, tmp_path / "two.csv")

    assert result.uploaded == 1
    assert sync(store, tmp_path / "one.csv").uploaded == 0


class BlindBackend(LocalBackend):
    """A store that may not be listed: what is not there looks forbidden."""

    def stat(self, uri: str) -> FileInfo:
        msg = f"Not allowed to read {uri}."
        raise AccessDenied(msg)

    def write(self, source: bytes | Path, uri: str, **options: Any) -> FileInfo:
        return super().write(source, uri.partition("://")[2], **options)


@pytest.fixture
def blind(tmp_path) -> str:
    """Return the address of a file in such a store."""
    sys.modules["blind_store"] = sys.modules[__name__]
    register_backend("blind", "blind_store:BlindBackend", replace=True)
    yield f"blind://{tmp_path}/shared.csv"
    del sys.modules["blind_store"]


def test_where_looking_is_forbidden_a_new_copy_is_written(tmp_path, open_store, blind):
    store = open_store("maria")
    store.submit("1", [{"label": "owl"}])

    sync(store, blind)

    assert (tmp_path / "shared.csv").read_bytes() == store.path.read_bytes()


def test_where_looking_is_forbidden_nothing_is_overwritten(tmp_path, open_store, blind):
    store = open_store("maria")
    store.submit("1", [{"label": "owl"}])
    (tmp_path / "shared.csv").write_text("theirs")

    with pytest.raises(AccessDenied):
        sync(store, blind)

    assert (tmp_path / "shared.csv").read_text() == "theirs"


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


@pytest.fixture
def proxy(s3):
    proxy = Proxy(int(s3.endpoint_url.rpartition(":")[2]))
    yield proxy
    proxy.dropping_after = 0
    proxy.close()


@pytest.mark.slow
def test_after_the_network_went_in_the_middle_the_next_sync_is_right(
    s3, proxy, open_store
):
    auth = {**s3.auth, "endpoint_url": f"http://127.0.0.1:{proxy.port}"}
    maria, chen = open_store("maria"), open_store("chen")
    uri = f"s3://{s3.bucket}/reviews.csv"
    maria.submit("1", [{"label": "owl"}])
    sync(maria, uri, auth=s3.auth)
    for number in range(200):
        chen.submit(f"c{number}", [{"label": "wren" * 20}])

    # heads and reads pass, the upload of 30 kB does not
    proxy.dropping_after = 8000
    with pytest.raises(StorageError):
        sync(chen, uri, auth=auth)
    proxy.dropping_after = None
    result = sync(chen, uri, auth=auth)

    place = Place(f"s3://{s3.bucket}", s3.auth)
    assert len(place.rows()) == 201
    assert place.get() == chen.path.read_text("utf-8")
    assert result.uploaded == 201
