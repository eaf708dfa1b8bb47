"""What goes over the line: nothing if nothing changed; progress; a stop at once."""

from __future__ import annotations

import itertools
import os
import threading

import pytest

from annotator.annotations.sync import sync
from annotator.audio.backends import s3_upload
from annotator.errors import Cancelled
from tests.doubles.gcs import GoogleStorage
from tests.doubles.scripted import ScriptedServer, forward
from tests.integration.syncing import opened_stores

MEGABYTE = 1_000_000


@pytest.fixture
def open_store(tmp_path):
    with opened_stores(tmp_path) as open_one:
        yield open_one


@pytest.fixture
def server(s3):
    """Return the way to S3, which counts."""
    with ScriptedServer(lambda request: forward(request, s3.endpoint_url)) as server:
        server.auth = {**s3.auth, "endpoint_url": server.url}
        yield server


@pytest.fixture
def google(monkeypatch):
    with GoogleStorage() as google:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", google.url)
        yield google


def submit(store, megabytes: float) -> None:
    """Submit much, in ten files if the output is a folder."""
    rows = [{"label": os.urandom(25_000).hex()} for _ in range(megabytes * 20)]
    for number, row in enumerate(rows):
        moment = f"{(20_000 + number % 10) * 86_400_000:012x}"
        row["annotation_id"] = f"{moment[:8]}-{moment[8:]}-7abc-8000-{number:012x}"
    store.submit("1", rows)


class Meter:
    """A `progress` that notes what it is told, and stops at so many bytes."""

    def __init__(self, stop_at: float = float("inf")) -> None:
        self.seen: list[tuple[int, int]] = []
        self.overlaps = 0
        self._stop_at = stop_at
        self._inside = threading.Lock()

    def __call__(self, done: int, total: int) -> None:
        if not self._inside.acquire(blocking=False):
            self.overlaps += 1
            return
        self.seen.append((done, total))
        self._inside.release()

    def is_over(self) -> bool:
        return bool(self.seen) and self.seen[-1][0] >= self._stop_at

    def check(self, *, step: int) -> None:
        """Hold it to what a bar needs: rising, in steps, up to all of it."""
        done = [0, *(now for now, _ in self.seen)]
        assert self.overlaps == 0
        assert done == sorted(done)
        assert max(b - a for a, b in itertools.pairwise(done)) <= step
        assert all(now <= total for now, total in self.seen)
        assert self.seen[-1][0] == self.seen[-1][1]


@pytest.mark.parametrize(("kind", "requests"), [("csv", ["HEAD"]), ("folder", ["GET"])])
def test_nothing_changed_is_one_question_to_s3(s3, server, open_store, kind, requests):
    store = open_store("maria", extension=kind)
    uri = f"s3://{s3.bucket}/{store.path.name}"
    store.submit("1", [{"label": "owl"}])
    sync(store, uri, auth=server.auth)
    server.requests.clear()

    sync(store, uri, auth=server.auth)

    assert server.methods == requests


@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
@pytest.mark.parametrize("kind", ["csv", "folder"])
def test_nothing_changed_is_one_question_to_google(google, open_store, kind):
    store = open_store("maria", extension=kind)
    uri = f"gs://bucket/{store.path.name}"
    store.submit("1", [{"label": "owl"}])
    sync(store, uri)
    google.requests.clear()

    sync(store, uri)

    assert google.methods == ["GET"]


def test_one_file_s_change_is_one_upload(s3, server, open_store):
    store = open_store("maria", extension="folder")
    store.submit("1", [{"label": "owl", "annotation_id": "from long ago"}])
    sync(store, s3.uri("reviews/"), auth=server.auth)
    server.requests.clear()

    store.submit("2", [{"label": "wren"}])
    sync(store, s3.uri("reviews/"), auth=server.auth)

    assert server.methods == ["GET", "PUT"]


@pytest.mark.parametrize("kind", ["csv", "folder"])
def test_progress_of_a_large_upload_to_s3(s3, open_store, kind):
    store, meter = open_store("maria", extension=kind), Meter()
    submit(store, 6)
    uri = s3.uri("reviews/" if kind == "folder" else "reviews.csv")

    result = sync(store, uri, auth=s3.auth, progress=meter)

    meter.check(step=MEGABYTE)
    assert meter.seen[-1] == (result.bytes, result.bytes)


@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
def test_progress_of_a_large_upload_to_google(google, open_store):
    store, meter = open_store("maria"), Meter()
    submit(store, 10)

    sync(store, "gs://bucket/reviews.csv", progress=meter)

    meter.check(step=5 * MEGABYTE)  # it takes parts of 4 MB


def test_progress_of_a_large_copy_that_is_read(s3, tmp_path, open_store):
    maria, chen, meter = open_store("maria"), open_store("chen"), Meter()
    submit(maria, 6)
    sync(maria, s3.uri("reviews.csv"), auth=s3.auth)

    result = sync(chen, s3.uri("reviews.csv"), auth=s3.auth, progress=meter)

    meter.check(step=1 << 20)
    assert result.uploaded == 0
    assert meter.seen[-1][1] == maria.path.stat().st_size


@pytest.mark.parametrize("kind", ["csv", "folder"])
def test_progress_of_a_large_copy_on_a_disk(tmp_path, open_store, kind):
    store, meter = open_store("maria", extension=kind), Meter()
    submit(store, 6)
    slash = "/" if kind == "folder" else ".csv"

    sync(store, f"{tmp_path}/shared/reviews{slash}", progress=meter)

    meter.check(step=1 << 20)


def test_a_stop_takes_effect_within_a_request(s3, open_store):
    store, meter = open_store("maria"), Meter(stop_at=2 * MEGABYTE)
    submit(store, 12)

    with pytest.raises(Cancelled, match="nothing half-done is there"):
        sync(
            store,
            s3.uri("reviews.csv"),
            auth=s3.auth,
            progress=meter,
            cancelled=meter.is_over,
        )

    assert meter.seen[-1][0] < 3 * MEGABYTE
    assert s3.client.list_objects_v2(Bucket=s3.bucket)["KeyCount"] == 0


def test_a_stopped_upload_in_parts_leaves_no_part(s3, open_store, monkeypatch):
    monkeypatch.setattr(s3_upload, "PUT_LIMIT", 5 << 20)
    monkeypatch.setattr(s3_upload, "PART_SIZE", 5 << 20)
    store, meter = open_store("maria"), Meter(stop_at=7 * MEGABYTE)
    submit(store, 12)

    with pytest.raises(Cancelled):
        sync(
            store,
            s3.uri("reviews.csv"),
            auth=s3.auth,
            progress=meter,
            cancelled=meter.is_over,
        )

    assert 7 * MEGABYTE <= meter.seen[-1][0] < 8 * MEGABYTE
    assert "Uploads" not in s3.client.list_multipart_uploads(Bucket=s3.bucket)
    assert s3.client.list_objects_v2(Bucket=s3.bucket)["KeyCount"] == 0
    assert sync(store, s3.uri("reviews.csv"), auth=s3.auth).uploaded == store.n_rows


def test_a_stop_while_the_copy_is_read_changes_nothing_here(s3, open_store):
    maria, chen = open_store("maria"), open_store("chen")
    meter = Meter(stop_at=2 * MEGABYTE)
    submit(maria, 6)
    sync(maria, s3.uri("reviews.csv"), auth=s3.auth)
    chen.submit("mine", [{"label": "owl"}])

    with pytest.raises(Cancelled):
        sync(
            chen,
            s3.uri("reviews.csv"),
            auth=s3.auth,
            progress=meter,
            cancelled=meter.is_over,
        )

    assert chen.n_rows == 1
    assert meter.seen[-1][0] < 4 * MEGABYTE
