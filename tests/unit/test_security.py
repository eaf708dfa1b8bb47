"""The table of threats in docs/security.md names tests that are there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "security.md").read_text("utf-8")
TABLE = TEXT.partition("## How each threat is tested")[2].partition("\n## ")[0]
ROWS = [line.split(" | ", 1) for line in TABLE.splitlines() if "`tests/" in line]
NAMED = sorted(set(re.findall(r"`(tests/[^`]+)`", TABLE)))


def names_in(file):
    """Return the names of a file's tests, those in classes too."""
    tree = ast.parse(file.read_text("utf-8"))
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    names = [node.name for node in ast.walk(tree) if isinstance(node, functions)]
    return [name for name in names if name.startswith("test_")]


def test_each_threat_has_its_tests():
    threats = [row[0].removeprefix("| ") for row in ROWS]

    assert len(ROWS) == len(TABLE.strip().splitlines()) - 4  # the sentence and the head
    assert len(set(threats)) == len(threats) >= 15
    assert all("`tests/" in row[1] for row in ROWS)


@pytest.mark.parametrize("named", NAMED)
def test_each_test_that_is_named_is_there(named):
    place, _, name = named.partition("::")
    found = names_in(ROOT / place)

    assert name in found if name else found
