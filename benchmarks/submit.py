"""Cost of one submit: with 100,000 annotations there against with 10.

The kernel to compare with is in the same run: the append and fsync of a line
as long, which the promise to keep an annotation costs in any case.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from annotator.annotations.store import AnnotationStore

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["measure"]

FEW, MANY = 10, 100_000
ROUNDS = 60
ROW = {"label": "Strix aluco", "valid": "yes", "notes": "two birds, far away"}


def measure() -> list[tuple[str, float, float | None]]:
    """Give name, value and the value to stay under (None: for comparison)."""
    with tempfile.TemporaryDirectory() as folder:
        few, many = (_store(Path(folder), n) for n in (FEW, MANY))
        fast, slow = _submits(few, many)
        refresh = _median(many.refresh)
        line = _median(_appending(Path(folder) / "line"))
        for store in (few, many):
            store.close()
    return [
        (f"submit with {MANY:,} there / with {FEW}", slow / fast, 3.0),
        (f"submit with {MANY:,} there, ms", slow * 1e3, None),
        ("append + fsync of one line, ms", line * 1e3, None),
        (f"refresh without news, {MANY:,} there, ms", refresh * 1e3, None),
    ]


def _store(folder: Path, n: int) -> AnnotationStore:
    path = folder / f"{n}.csv"
    lines = (f"{i},{','.join(ROW.values()).replace(', ', ' ')}\n" for i in range(n))
    path.write_text("clip_id," + ",".join(ROW) + "\n" + "".join(lines))
    store = AnnotationStore(path, columns=list(ROW), annotator="maria")
    store.flush()
    assert store.n_rows == n
    return store


def _submits(*stores: AnnotationStore) -> list[float]:
    """Give the median time of a submit to each, in s, taking turns."""
    times: list[list[float]] = [[] for _ in stores]
    for number in range(ROUNDS):
        for store, taken in zip(stores, times, strict=True):
            start = time.perf_counter()
            store.submit(f"new-{number}", [ROW], only_if_new=True)
            taken.append(time.perf_counter() - start)
    return [statistics.median(taken) for taken in times]


def _appending(path: Path) -> Callable[[], object]:
    def append() -> None:
        with path.open("ab") as file:
            file.write(b"x" * 500 + b"\n")
            file.flush()
            os.fsync(file.fileno())

    return append


def _median(action: Callable[[], object]) -> float:
    taken = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        action()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


if __name__ == "__main__":
    for name, value, target in measure():
        print(f"{name:45} {value:8.3f}  {'' if target is None else f'<= {target}'}")
