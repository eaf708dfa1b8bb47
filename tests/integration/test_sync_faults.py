"""Sync on bad days: the next one is right, and nothing is lost."""

from __future__ import annotations

import itertools
import json
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from annotator.annotations.sync import sync
from annotator.errors import AccessDenied, StorageError, Unreachable
from tests.doubles.scripted import Answer, Request, ScriptedServer, forward, s3_error
from tests.integration.syncing import Place, opened_stores, proxied

if TYPE_CHECKING:
    from collections.abc import Callable

    from annotator.annotations.store import AnnotationStore

BOTH = pytest.mark.parametrize("kind", ["csv", "folder"])
DAY = 86_400_000  # ms


class Day(Place):
    """A place on S3 behind a server that can have a bad day."""

    def __init__(self, s3, kind: str) -> None:
        super().__init__(f"s3://{s3.bucket}/team", s3.auth, kind)
        self.server = ScriptedServer(self.answer)
        self.endpoint = s3.endpoint_url
        self.trouble: Callable[[Request], Answer | None] = lambda request: None

    @property
    def auth_there(self) -> dict[str, str]:
        return {**self.auth, "endpoint_url": self.server.url}

    def answer(self, request: Request) -> Answer:
        return self.trouble(request) or forward(request, self.endpoint)

    def sync(self, store: AnnotationStore, **options):
        return sync(store, self.uri, auth=self.auth_there, **options)


@pytest.fixture
def open_store(tmp_path, kind):
    with opened_stores(tmp_path) as open_one:
        yield lambda name: open_one(name, extension=kind)


@pytest.fixture
def day(s3, kind):
    day = Day(s3, kind)
    with day.server:
        yield day


def submit(store: AnnotationStore, n: int, *, size: int = 10) -> None:
    """Submit annotations of as many days, so that a folder has as many files."""
    for number in range(n):
        moment = f"{(20_000 + number) * DAY:012x}"
        key = f"{moment[:8]}-{moment[8:]}-7abc-8000-{number:012x}"
        store.submit(str(number), [{"annotation_id": key, "label": "x" * size}])


def at(first: int, method: str, then: Callable[[Request], Answer], *, n: int = 999):
    """Have trouble from one request with a method on, n times."""
    count = itertools.count(1)

    def trouble(request: Request) -> Answer | None:
        if request.method == method and first <= next(count) < first + n:
            return then(request)
        return None

    return trouble


def is_right(day: Day, store: AnnotationStore) -> bool:
    """Tell whether a sync leaves the copy as the output, and the next does nothing."""
    day.trouble = lambda request: None
    first, second = day.sync(store), day.sync(store)
    assert first.kept_beside is None
    assert second.uploaded == 0
    return day.holds(store) and {r["clip_id"] for r in store.rows()} == set(day.rows())


@BOTH
def test_whoever_writes_between_look_and_write_is_merged_with(day, open_store):
    maria, chen = open_store("maria"), open_store("chen")
    submit(maria, 2)
    day.sync(maria)
    day.sync(chen)
    for store in (maria, chen):
        (row,) = store.rows_of("1")
        store.submit("1", [{**row, "label": store.path.parent.name, "created_at": ""}])

    def rival(request: Request) -> Answer:
        sync(maria, day.uri, auth=day.auth)
        return forward(request, day.endpoint)

    day.trouble = at(1, "PUT", rival, n=1)

    result = day.sync(chen)

    (conflict,) = result.conflicts
    assert (conflict.kept["label"], conflict.other["label"]) == ("chen", "maria")
    assert day.rows()["1"]["label"] == "chen"
    assert "maria" in chen.log_path.read_text("utf-8")
    assert is_right(day, maria)


@BOTH
def test_credentials_that_expire_midway_are_a_sentence(day, open_store):
    store = open_store("maria")
    submit(store, 12)
    day.trouble = at(1, "PUT", lambda request: s3_error(400, "ExpiredToken"))

    with pytest.raises(AccessDenied, match="have expired: log in again"):
        day.sync(store)

    assert is_right(day, store)


@pytest.mark.parametrize("kind", ["folder"])
def test_files_that_arrived_are_neither_sent_nor_read_again(day, open_store):
    store = open_store("maria")
    submit(store, 30)
    day.trouble = at(21, "PUT", lambda request: s3_error(400, "ExpiredToken"))

    with pytest.raises(AccessDenied):
        day.sync(store)
    day.trouble = lambda request: None
    day.server.requests.clear()
    result = day.sync(store)

    assert result.uploaded == 10
    assert sorted(day.server.methods) == ["GET"] + 10 * ["PUT"]
    assert is_right(day, store)


@BOTH
@pytest.mark.slow
@pytest.mark.parametrize("method", ["PUT", "GET"])
def test_a_network_that_goes_midway(day, open_store, method):
    maria, chen = open_store("maria"), open_store("chen")
    submit(maria, 3)
    day.sync(maria)
    for clip in ("mine", "too"):
        chen.submit(clip, [{"label": "owl"}])
    # the listing of a folder, which is a GET as well, gets through
    first = 1 + (day.kind == "folder" and method == "GET")
    day.trouble = at(first, method, lambda request: Answer(reset=True))

    with pytest.raises(Unreachable):
        day.sync(chen)

    assert is_right(day, chen)
    assert len(day.rows()) == 5


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["csv"])
def test_a_network_that_goes_in_the_middle_of_a_file(s3, day, open_store):
    maria, chen = open_store("maria"), open_store("chen")
    submit(maria, 1)
    day.sync(maria)
    for number in range(200):
        chen.submit(f"c{number}", [{"label": "wren" * 20}])

    with proxied(s3.endpoint_url) as proxy:
        # heads and reads pass, the upload of 30 kB does not
        proxy.dropping_after = 8000
        with pytest.raises(StorageError):
            sync(chen, day.uri, auth={**s3.auth, "endpoint_url": proxy.url})

    assert is_right(day, chen)
    assert len(day.rows()) == 201


@BOTH
def test_an_upload_whose_answer_gets_lost_is_no_conflict(day, open_store):
    store = open_store("maria")
    submit(store, 2)

    def lose(request: Request) -> Answer:
        forward(request, day.endpoint)
        return Answer(reset=True)

    day.trouble = at(1, "PUT", lose, n=1)

    result = day.sync(store)

    assert (result.conflicts, result.merged) == ([], 0)
    assert is_right(day, store)


SYNC = """
import json, sys
from annotator.annotations.store import AnnotationStore
from annotator.annotations.sync import sync

path, uri, auth = sys.argv[1:]
store = AnnotationStore(path, columns=["label"], annotator="maria")
sync(store, uri, auth=json.loads(auth))
"""


@BOTH
@pytest.mark.slow
@pytest.mark.parametrize("arrived", [False, True])
def test_kill_9_in_the_middle_of_an_upload(day, open_store, tmp_path, arrived):
    maria, chen = open_store("maria"), open_store("chen")
    submit(maria, 9)
    day.sync(maria)
    submit(chen, 10, size=20)  # the same annotations, edited, and one more
    maria.close()
    started = []

    def kill(request: Request) -> Answer:
        if arrived:
            forward(request, day.endpoint)
        started[0].kill()
        return Answer(reset=True)

    day.trouble = at(3 if day.kind == "folder" else 1, "PUT", kill)
    chen.close()
    path = f"{chen.path}/" if day.kind == "folder" else str(chen.path)
    command = [sys.executable, "-c", SYNC, path, day.uri, json.dumps(day.auth_there)]

    started.append(subprocess.Popen(command, stderr=subprocess.DEVNULL))
    started[0].wait(60)

    assert started[0].returncode == -signal.SIGKILL
    assert is_right(day, open_store("chen"))
    assert {row["label"] for row in day.rows().values()} == {"x" * 20}
    assert is_right(day, open_store("maria"))


@BOTH
def test_a_base_that_is_no_json_loses_nothing(day, open_store):
    store = open_store("maria")
    submit(store, 3)
    day.sync(store)
    store.path.with_name(f"{store.path.name}.sync.json").write_text("{")
    store.submit("mine", [{"label": "owl"}])

    assert is_right(day, store)
    assert len(day.rows()) == 4
