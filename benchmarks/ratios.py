"""Measure one thing against another in the same run, so that machines compare."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Row", "compare", "ratio"]


class Row(NamedTuple):
    """A line of the report: a value to stay under `limit` (None: for comparison)."""

    what: str
    value: float
    limit: float | None
    detail: str = ""


def compare(
    ours: Callable[[], object], baseline: Callable[[], object], *, rounds: int = 15
) -> tuple[float, float]:
    """Return the least seconds of both, measured by turns after a warm-up.

    The least, as other work on the machine can only add to it.
    """
    ours()
    baseline()
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for seconds, function in zip(taken, (ours, baseline), strict=True):
            before = time.perf_counter()
            function()
            seconds.append(time.perf_counter() - before)
    return min(taken[0]), min(taken[1])


def ratio(
    what: str,
    ours: Callable[[], object],
    baseline: Callable[[], object],
    *,
    against: str,
    limit: float | None = None,
    rounds: int = 15,
) -> Row:
    """Return a line that compares the times of two functions."""
    mine, base = compare(ours, baseline, rounds=rounds)
    detail = f"{1000 * mine:.1f} ms / {1000 * base:.1f} ms ({against})"
    return Row(what, mine / base, limit, detail)
