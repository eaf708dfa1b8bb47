"""Print one table of all benchmarks: python benchmarks/report.py [name ...] [--check].

A benchmark is a file bench_<name>.py beside this one with a function `run()` that
yields rows (see measure.py). With --check the exit status is 1 if any is over.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from measure import table  # noqa: E402 - after its folder is on the path


def main(arguments: list[str]) -> int:
    names = [argument for argument in arguments if not argument.startswith("-")]
    names = names or sorted(
        path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py")
    )
    rows = [
        row for name in names for row in importlib.import_module(f"bench_{name}").run()
    ]
    print(table(rows))
    return int("--check" in arguments and any(row.is_over for row in rows))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
