"""Measure one thing against another in the same run, so that machines compare."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass(frozen=True)
class Row:
    """A line of the report: `value` is to be at most `limit` (None: for information).

    `value` is a ratio unless `unit` says otherwise; `detail` says what of.
    """

    what: str
    value: float
    limit: float | None
    detail: str
    unit: str = "x"

    @property
    def is_over(self) -> bool:
        return self.limit is not None and self.value > self.limit


def compare(
    ours: Callable[[], object], baseline: Callable[[], object], *, rounds: int = 15
) -> tuple[float, float]:
    """Return the median seconds of both, measured by turns after a warm-up."""
    ours()
    baseline()
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for seconds, function in zip(taken, (ours, baseline), strict=True):
            before = time.perf_counter()
            function()
            seconds.append(time.perf_counter() - before)
    return statistics.median(taken[0]), statistics.median(taken[1])


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


def table(rows: Sequence[Row]) -> str:
    """Return the report as a Markdown table."""
    lines = [
        ("what", "value", "at most", "", "measured / baseline"),
        *(
            (
                row.what,
                f"{row.value:.3g} {row.unit}",
                "" if row.limit is None else f"{row.limit:g} {row.unit}",
                "" if row.limit is None else "OVER" if row.is_over else "ok",
                row.detail,
            )
            for row in rows
        ),
    ]
    widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
    lines.insert(1, tuple("-" * width for width in widths))
    return "\n".join(
        "| "
        + " | ".join(
            f"{cell:{width}}" for cell, width in zip(line, widths, strict=True)
        )
        + " |"
        for line in lines
    )
