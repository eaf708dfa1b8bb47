from __future__ import annotations

import doctest

from hypothesis import given
from hypothesis import strategies as st

from annotator.audio.remote import pieces
from annotator.audio.remote.pieces import NEAR, Pieces, gaps, joined

CONTENT = bytes(i * 7 % 251 for i in range(100_000))
SPANS = st.tuples(st.integers(0, len(CONTENT)), st.integers(0, 40_000)).map(
    lambda span: (span[0], min(len(CONTENT), span[0] + span[1]))
)


@given(reads=st.lists(SPANS, max_size=12))
def test_reads_over_what_is_kept_give_the_file_and_fetch_little_twice(
    reads: list[tuple[int, int]],
) -> None:
    kept, fetched = Pieces(10**9), []

    for start, stop in reads:
        known = kept.within("a", start, stop)
        taken = [(at, at + len(content)) for at, content in known]
        missing = gaps(start, stop, taken)
        for first, last in missing:
            kept.add("a", first, CONTENT[first:last])
            known.append((first, CONTENT[first:last]))
            fetched.append((first, last))

        assert joined(start, stop, known) == CONTENT[start:stop]
        # Bytes are fetched again only if that saves a request.
        inside = [
            last - first
            for at, end in taken
            for low, high in missing
            if (first := max(at, low)) < (last := min(end, high))
        ]
        assert sum(inside) < NEAR * max(1, len(taken))


@given(
    sizes=st.lists(st.integers(1, 60), max_size=30),
    owners=st.lists(st.sampled_from("ab"), min_size=30, max_size=30),
)
def test_memory_stays_within_its_bound(sizes: list[int], owners: list[str]) -> None:
    kept = Pieces(100)

    for index, (size, owner) in enumerate(zip(sizes, owners, strict=False)):
        kept.add(owner, 100 * index, bytes(size))

    held = kept.within("a", 0, 10**6) + kept.within("b", 0, 10**6)
    assert kept.nbytes == sum(len(content) for _, content in held) <= 100


def test_what_was_used_last_is_kept() -> None:
    kept = Pieces(100)
    kept.add("a", 0, bytes(40))
    kept.add("a", 50, bytes(40))
    kept.within("a", 0, 10)

    kept.add("b", 0, bytes(40))

    assert [at for at, _ in kept.within("a", 0, 100)] == [0]


def test_a_large_piece_does_not_push_out_all_others() -> None:
    kept = Pieces(100)
    kept.add("a", 0, bytes(40))

    kept.add("b", 0, bytes(90))

    assert (len(kept.within("a", 0, 40)), len(kept.within("b", 0, 90))) == (1, 0)


def test_spans_inside_of_others_leave_no_gap() -> None:
    assert gaps(0, 90_000, [(0, 90_000), (20_000, 30_000)]) == []


def test_a_file_is_forgotten_alone() -> None:
    kept = Pieces(100)
    kept.add("a", 0, b"abc")
    kept.add("b", 0, b"def")

    kept.drop("a")

    assert kept.within("a", 0, 10) == []
    assert kept.within("b", 0, 10) == [(0, b"def")]
    assert kept.nbytes == 3


def test_examples_hold() -> None:
    assert doctest.testmod(pieces).failed == 0
