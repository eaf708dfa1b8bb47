"""One version of one file in a store: what is asked of the server, and when."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from annotator.audio.backends.http import HTTPBackend
from annotator.audio.remote import file as remote
from annotator.audio.remote.file import RemoteFile, open_remote, with_remote
from annotator.errors import AccessDenied, Conflict, NotFound, StorageError
from tests.doubles.web import WebServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.doubles.web import Request

CONTENT = bytes(i * 7 % 251 for i in range(400_000))
OTHER = CONTENT[::-1]


@pytest.fixture
def web() -> Iterator[WebServer]:
    with WebServer({"a.wav": CONTENT}) as web:
        yield web


def ranges(web: WebServer) -> list[tuple[int, int | None] | None]:
    return [request.range for request in web.requests]


class Gate:
    """Holds back the requests for one range until it is opened."""

    def __init__(self, first_byte: int) -> None:
        self.first_byte = first_byte
        self.reached = threading.Event()
        self.opened = threading.Event()

    def __call__(self, request: Request) -> None:
        if request.range and request.range[0] == self.first_byte:
            self.reached.set()
            assert self.opened.wait(10)


# ------------------------------------------------------------- what is fetched


def test_the_first_request_tells_size_and_version_and_brings_the_head(
    web: WebServer,
) -> None:
    file = open_remote(web.url("a.wav"))

    assert (file.size, file.head, file.name) == (len(CONTENT), remote.HEAD, "a.wav")
    assert file.read(0, 100) == CONTENT[:100]
    assert web.methods == ["GET"]


def test_exactly_the_range_is_fetched_and_once(web: WebServer) -> None:
    file = open_remote(web.url("a.wav"))
    web.forget()

    parts = [file.read(100_000, 150_000), file.read(100_000, 150_000)]

    assert parts == [CONTENT[100_000:150_000]] * 2
    assert ranges(web) == [(100_000, 149_999)]


def test_of_overlapping_ranges_only_what_is_missing_is_fetched(web: WebServer) -> None:
    file = open_remote(web.url("a.wav"))
    file.read(100_000, 150_000)
    file.read(200_000, 250_000)
    web.forget()

    part = file.read(120_000, 270_000)

    assert part == CONTENT[120_000:270_000]
    assert ranges(web) == [(150_000, 199_999), (250_000, 269_999)]


def test_a_range_is_cut_at_the_end_and_may_be_empty(web: WebServer) -> None:
    file = open_remote(web.url("a.wav"))

    assert file.read(399_990, 500_000) == CONTENT[-10:]
    assert file.read(400_000, 500_000) == file.read(7, 7) == b""


def test_what_is_too_long_ago_is_fetched_again(
    web: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote, "_memory", remote.Pieces(100_000))
    file = open_remote(web.url("a.wav"))
    for start in (100_000, 150_000, 200_000):
        file.read(start, start + 40_000)
    web.forget()

    assert file.read(100_000, 140_000) == CONTENT[100_000:140_000]
    assert ranges(web) == [(100_000, 139_999)]


def test_all_who_have_the_same_credentials_share_a_file(web: WebServer) -> None:
    one = open_remote(web.url("a.wav"), token="abc")

    assert open_remote(web.url("a.wav"), token="abc") is one
    assert open_remote(web.url("a.wav"), token="xyz") is not one


def test_what_others_fetched_is_not_told_without_the_token() -> None:
    with WebServer({"a.wav": CONTENT}, token="abc") as web:
        open_remote(web.url("a.wav"), token="abc").read(0, 100_000)

        with pytest.raises(AccessDenied):
            open_remote(web.url("a.wav"))


# -------------------------------------------------------------------- threads


@pytest.fixture
def waiting(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Return an event that is set when a thread waits for another one's bytes."""
    event, result = threading.Event(), remote._Flight.result

    def told(flight: remote._Flight, timeout: float | None = None) -> bytes:
        if not flight.done():
            event.set()
        return result(flight, timeout)

    monkeypatch.setattr(remote._Flight, "result", told)
    return event


def test_two_threads_that_want_the_same_bytes_fetch_them_once(
    web: WebServer, waiting: threading.Event
) -> None:
    web.before = gate = Gate(100_000)
    file = open_remote(web.url("a.wav"))

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(file.read, 100_000, 150_000)
        assert gate.reached.wait(10)
        second = pool.submit(file.read, 120_000, 160_000)
        assert waiting.wait(10)
        gate.opened.set()

        assert first.result(10) == CONTENT[100_000:150_000]
        assert second.result(10) == CONTENT[120_000:160_000]

    assert ranges(web)[1:] == [(100_000, 149_999), (150_000, 159_999)]


def test_threads_that_want_other_bytes_do_not_wait(web: WebServer) -> None:
    web.before = gate = Gate(100_000)
    file = open_remote(web.url("a.wav"))

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(file.read, 100_000, 150_000)
        assert gate.reached.wait(10)
        other = file.read(200_000, 250_000)
        gate.opened.set()

        assert (other, first.result(10)) == (
            CONTENT[200_000:250_000],
            CONTENT[100_000:150_000],
        )


@pytest.mark.parametrize(
    ("failure", "told"), [(NotFound("gone"), NotFound), (SystemExit(), StorageError)]
)
def test_who_waits_for_bytes_that_do_not_come_gets_an_error_and_no_rest_stays(
    failure: BaseException,
    told: type[Exception],
    web: WebServer,
    waiting: threading.Event,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = open_remote(web.url("a.wav"))
    entered, go_on = threading.Event(), threading.Event()

    def fails(*arguments: object, **options: object) -> bytes:
        entered.set()
        assert go_on.wait(10)
        raise failure

    with monkeypatch.context() as patch, ThreadPoolExecutor(2) as pool:
        patch.setattr(HTTPBackend, "read", fails)
        first = pool.submit(file.read, 100_000, 150_000)
        assert entered.wait(10)
        second = pool.submit(file.read, 110_000, 120_000)
        assert waiting.wait(10)
        go_on.set()

        assert first.exception(10) is failure
        assert isinstance(second.exception(10), told)

    assert file.read(100_000, 150_000) == CONTENT[100_000:150_000]


def test_many_threads_open_a_file_with_one_request(web: WebServer) -> None:
    with ThreadPoolExecutor(8) as pool:
        files = list(pool.map(lambda _: open_remote(web.url("a.wav")), range(8)))

    assert len(set(map(id, files))) == 1
    assert len(web.requests) == 1


# ------------------------------------------------------------------- replaced


def test_a_replaced_file_is_a_conflict_and_never_a_mixture(web: WebServer) -> None:
    file = open_remote(web.url("a.wav"))
    file.read(100_000, 150_000)
    web.content["a.wav"] = OTHER

    with pytest.raises(Conflict):
        file.read(120_000, 200_000)


def test_a_file_replaced_once_is_read_anew(web: WebServer) -> None:
    def halves(file: RemoteFile) -> bytes:
        first = file.read(100_000, 150_000)
        if web.content["a.wav"] is CONTENT:
            web.content["a.wav"] = OTHER
        return first + file.read(150_000, 200_000)

    assert with_remote(web.url("a.wav"), {}, halves) == OTHER[100_000:200_000]


def test_a_file_replaced_again_and_again_is_a_conflict(web: WebServer) -> None:
    def halves(file: RemoteFile) -> bytes:
        first = file.read(100_000, 150_000)
        web.content["a.wav"] = web.content["a.wav"][::-1] + b"x"
        return first + file.read(150_000, 200_000)

    with pytest.raises(Conflict):
        with_remote(web.url("a.wav"), {}, halves)

    web.content["a.wav"] = OTHER
    assert open_remote(web.url("a.wav")).read(0, 9) == OTHER[:9]


def test_after_a_while_the_store_is_asked_whether_it_is_still_there(
    web: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = open_remote(web.url("a.wav"))
    monkeypatch.setattr(remote, "FRESH", -1.0)
    web.forget()

    unchanged = file.read(0, 100)
    web.content["a.wav"] = OTHER

    assert (unchanged, web.sent) == (CONTENT[:100], 1)
    with pytest.raises(Conflict):
        file.read(0, 100)


def test_fewer_bytes_than_asked_for_are_an_error(
    web: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = open_remote(web.url("a.wav"))
    monkeypatch.setattr(HTTPBackend, "read", lambda *_, **__: b"short")

    with pytest.raises(StorageError, match="incomplete: 5 of 50000 bytes"):
        file.read(100_000, 150_000)


# --------------------------------------------------------------- whole copies


def test_a_whole_copy_is_read_instead_of_the_network(web: WebServer) -> None:
    file = open_remote(web.url("a.wav"))
    file.copy()
    web.forget()

    assert file.read(100_000, 150_000) == CONTENT[100_000:150_000]
    assert web.requests == []


def test_a_copy_that_made_room_is_done_without(web: WebServer) -> None:
    file = open_remote(web.url("a.wav"))
    file.copy().unlink()

    assert file.read(100_000, 150_000) == CONTENT[100_000:150_000]
    assert file.existing_copy() is None


def test_a_copy_is_made_once(web: WebServer) -> None:
    file = open_remote(web.url("a.wav"))
    web.forget()

    copies = {file.copy(), file.copy()}

    assert [path.read_bytes() for path in copies] == [CONTENT]
    assert web.sent == len(CONTENT)


def test_a_copy_of_what_came_already_costs_no_request(web: WebServer) -> None:
    file = open_remote(web.url("a.wav"))
    file.read(0, file.size)
    before = len(web.requests)

    content = file.copy().read_bytes()

    assert content == CONTENT
    assert len(web.requests) == before


@pytest.mark.parametrize("etags", [True, False])
def test_a_server_without_ranges_sends_the_file_once(etags: bool) -> None:
    with WebServer({"a.wav": CONTENT}, ranges=False, etags=etags) as web:

        def part(start: int) -> bytes:
            return open_remote(web.url("a.wav")).read(start, start + 9)

        with ThreadPoolExecutor(8) as pool:
            parts = list(pool.map(part, range(0, 300_000, 10_000)))

        assert parts == [CONTENT[i : i + 9] for i in range(0, 300_000, 10_000)]
        assert (web.methods, web.sent) == (["GET"], len(CONTENT))


def test_a_copy_of_a_server_without_ranges_that_made_room_comes_again() -> None:
    with WebServer({"a.wav": CONTENT}, ranges=False) as web:
        file = open_remote(web.url("a.wav"))
        file.copy().unlink()

        assert file.read(5, 9) == CONTENT[5:9]
