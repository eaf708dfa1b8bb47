"""Print one table of all benchmarks: python benchmarks/report.py [name ...] [--check].

A benchmark is a file beside this one with a function `measure()` that gives lines of
(what, value, limit or None, perhaps a detail). With --check the exit status is 1 if
a value is over its limit.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ratios import Row

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

NO_BENCHMARKS = {"player_scripts", "player_server", "ratios", "report"}


def main(arguments: Sequence[str]) -> int:
    names = [argument for argument in arguments if not argument.startswith("-")]
    rows = [Row(*row) for name in names or known() for row in measured(name)]
    print(table(rows))
    return int("--check" in arguments and any(is_over(row) for row in rows))


def known() -> list[str]:
    folder = Path(__file__).resolve().parent
    return sorted({path.stem for path in folder.glob("*.py")} - NO_BENCHMARKS)


def measured(name: str) -> Iterator[tuple[str, float, float | None]]:
    print(f"measuring {name} ...", file=sys.stderr)
    yield from importlib.import_module(name).measure()


def is_over(row: Row) -> bool:
    return row.limit is not None and row.value > row.limit


def table(rows: Sequence[Row]) -> str:
    """Return the report as a Markdown table."""
    lines = [("what", "value", "at most", "", "measured / compared with")]
    for row in rows:
        limit = "" if row.limit is None else f"{row.limit:g}"
        verdict = "" if row.limit is None else "OVER" if is_over(row) else "ok"
        lines.append((row.what, f"{row.value:.3g}", limit, verdict, row.detail))
    widths = [max(3, *map(len, column)) for column in zip(*lines, strict=True)]
    lines.insert(1, tuple("-" * width for width in widths))
    return "\n".join(
        f"| {' | '.join(map(str.ljust, line, widths))} |" for line in lines
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
