"""Pieces of files, kept in memory within a bound."""

from __future__ import annotations

import threading
from bisect import bisect_left, insort
from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

__all__ = ["Pieces", "gaps", "joined"]

NEAR = 1 << 13
"""Bytes between two gaps that rather come again than cost another request."""


class Pieces:
    """What was fetched of many files; the longest unused makes room.

    Parameters
    ----------
    limit
        Bytes. A piece of more than half of them is not kept.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._pieces: OrderedDict[tuple[Hashable, int, int], bytes] = OrderedDict()
        self._spans: dict[Hashable, list[tuple[int, int]]] = {}
        self.nbytes = 0

    def add(self, owner: Hashable, start: int, content: bytes) -> None:
        """Keep `content`, which stands at byte `start` of the file `owner`."""
        key = (owner, start, start + len(content))
        if not content or len(content) > self._limit // 2:
            return
        with self._lock:
            if key in self._pieces:
                return
            self._pieces[key] = content
            self.nbytes += len(content)
            insort(self._spans.setdefault(owner, []), key[1:])
            while self.nbytes > self._limit:
                self._remove(next(iter(self._pieces)))

    def within(self, owner: Hashable, start: int, stop: int) -> list[tuple[int, bytes]]:
        """Return (first byte, content) of the pieces that touch start..stop."""
        found = []
        with self._lock:
            spans = self._spans.get(owner, [])
            for at, end in spans[: bisect_left(spans, (stop, 0))]:
                if end > start:
                    key = (owner, at, end)
                    self._pieces.move_to_end(key)
                    found.append((at, self._pieces[key]))
        return found

    def drop(self, owner: Hashable) -> None:
        """Forget a file."""
        with self._lock:
            for span in list(self._spans.get(owner, [])):
                self._remove((owner, *span))

    def _remove(self, key: tuple[Hashable, int, int]) -> None:
        self.nbytes -= len(self._pieces.pop(key))
        spans = self._spans[key[0]]
        spans.remove(key[1:])
        if not spans:
            del self._spans[key[0]]


def gaps(
    start: int, stop: int, taken: Iterable[tuple[int, int]]
) -> list[tuple[int, int]]:
    """Return the spans of start..stop that lie in none of the `taken` ones.

    Spans with little between them are given as one.

    Examples
    --------
    >>> gaps(0, 100_000, [(20_000, 50_000), (0, 5), (60_000, 60_010)])
    [(5, 20000), (50000, 100000)]
    """
    found: list[tuple[int, int]] = []

    def add(first: int, last: int) -> None:
        if found and first - found[-1][1] < NEAR:
            found[-1] = (found[-1][0], last)
        else:
            found.append((first, last))

    for first, last in sorted(taken):
        if min(first, stop) > start:
            add(start, min(first, stop))
        start = max(start, last)
    if start < stop:
        add(start, stop)
    return found


def joined(start: int, stop: int, pieces: Sequence[tuple[int, bytes]]) -> bytes:
    """Return the bytes start..stop out of pieces that cover them.

    Examples
    --------
    >>> joined(1, 5, [(3, b"def"), (0, b"abcd")])
    b'bcde'
    """
    parts = []
    for at, content in sorted(pieces, key=lambda piece: piece[0]):
        if at <= start < at + len(content):
            parts.append(memoryview(content)[start - at : stop - at])
            start += len(parts[-1])
        if start >= stop:
            break
    return b"".join(parts)
