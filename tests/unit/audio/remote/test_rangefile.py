from __future__ import annotations

import io
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.audio.remote.rangefile import RangeFile
from annotator.errors import Unreachable

CONTENT = bytes(i * 11 % 253 for i in range(5000))


class Source:
    """A remote file that counts its reads, and fails when told to."""

    size = len(CONTENT)
    head = 100

    def __init__(self) -> None:
        self.reads: list[tuple[int, int]] = []
        self.failure: BaseException | None = None

    def read(self, start: int, stop: int) -> bytes:
        self.reads.append((start, stop))
        if self.failure is not None:
            raise self.failure
        return CONTENT[start:stop]


MOVES = st.one_of(
    st.tuples(st.just("read"), st.integers(0, 3000), st.just(0)),
    st.tuples(st.just("seek"), st.integers(0, 6000), st.just(os.SEEK_SET)),
    st.tuples(st.just("seek"), st.integers(0, 3000), st.just(os.SEEK_CUR)),
    st.tuples(st.just("seek"), st.integers(-5000, 10), st.just(os.SEEK_END)),
)


@given(moves=st.lists(MOVES, max_size=30), ahead=st.integers(0, 4000))
def test_it_reads_as_a_file_here_does(
    moves: list[tuple[str, int, int]], ahead: int
) -> None:
    there, here = RangeFile(Source()), io.BytesIO(CONTENT)
    there.jump, there.ahead = ahead, 2 * ahead

    for name, number, whence in moves:
        if name == "read":
            assert there.read(number) == here.read(number)
        else:
            assert there.seek(number, whence) == here.seek(number, whence)
        assert there.tell() == here.tell()


def test_what_is_read_in_small_steps_is_fetched_at_once() -> None:
    source = Source()
    file = RangeFile(source)
    file.jump = 1000
    file.seek(2000)

    for _ in range(10):
        file.read(100)

    assert source.reads == [(0, 100), (2000, 3000)]


def test_where_reading_goes_on_more_is_fetched() -> None:
    source = Source()
    file = RangeFile(source)
    file.jump, file.ahead = 500, 2000
    file.seek(1000)

    for _ in range(10):
        file.read(200)

    assert source.reads[1:] == [(1000, 1500), (1400, 3400)]


def test_what_was_filled_is_not_fetched_again() -> None:
    source = Source()
    file = RangeFile(source)

    file.fill(3000, 4000)
    file.seek(3000)

    assert file.read(1000) == CONTENT[3000:4000]
    assert source.reads[1:] == [(3000, 4000)]


def test_behind_the_horizon_nothing_is_read_but_the_size_is_true() -> None:
    source = Source()
    file = RangeFile(source, horizon=100)
    file.seek(90)

    assert file.read(50) == CONTENT[90:100]
    assert file.seek(0, os.SEEK_END) == len(CONTENT)
    assert source.reads == [(0, 100)]


@pytest.mark.parametrize("failure", [Unreachable("gone"), KeyboardInterrupt()])
def test_a_failure_is_told_by_check_and_ends_all_reading(
    failure: BaseException,
) -> None:
    source = Source()
    file = RangeFile(source)
    source.failure = failure
    file.seek(2000)

    results = [file.readinto(bytearray(10)), file.readinto(bytearray(10))]

    assert results == [0, 0]
    assert len(source.reads) == 2  # the head, and the one that failed
    with pytest.raises(type(failure)):
        file.check()


def test_nothing_is_raised_where_all_went_well() -> None:
    file = RangeFile(Source())
    file.read(500)

    file.check()
