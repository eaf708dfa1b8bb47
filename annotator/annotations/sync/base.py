"""The base of a sync: what a destination and this output last had in common."""

from __future__ import annotations

import json
import os
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["Base", "BaseFile"]


@dataclass(frozen=True)
class Base:
    """One file at a destination as it was last seen.

    Attributes
    ----------
    version
        The store's word for that state of it.
    rows
        Hash of each row, by id.
    schema
        The types of its columns; "" where they do not matter.
    """

    version: str | None = None
    rows: Mapping[str, str] = field(default_factory=dict)
    schema: str = ""


class BaseFile:
    """The bases of all destinations of one output, in one JSON file beside it."""

    def __init__(self, output: Path) -> None:
        self.path = output.with_name(output.name + ".sync.json")

    def read(self, destination: str) -> dict[str, Base]:
        """Give the bases of a destination's files, by name; "" for a single one.

        None are known if it was never synced to.
        """
        try:
            found = _by_name(self._read_all().get(destination))
            return {name: Base(**base) for name, base in found.items()}
        except (AttributeError, TypeError):
            return {}  # without a base, a merge keeps the rows of both sides

    def write(self, destination: str, bases: Mapping[str, Base]) -> None:
        """Keep the bases of some of a destination's files."""
        every = self._read_all()
        new = {name: dict(vars(base)) for name, base in bases.items()}
        every[destination] = {**_by_name(every.get(destination)), **new}
        mark = f"{os.getpid()}-{threading.get_ident()}"
        beside = self.path.with_name(f".{self.path.name}.{mark}.tmp")
        beside.write_text(json.dumps(every), encoding="utf-8")
        os.replace(beside, self.path)

    def _read_all(self) -> dict[str, Any]:
        try:
            found = json.loads(self.path.read_bytes())
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}


def _by_name(found: Any) -> dict[str, Any]:
    if not isinstance(found, dict):
        return {}
    # Before outputs could be folders, the base of the one file stood here.
    return {"": found} if set(found) == {"version", "rows"} else found
