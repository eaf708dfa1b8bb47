"""The base of a sync: what a destination and this output last had in common."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["Base", "BaseFile"]


@dataclass(frozen=True)
class Base:
    """Version last seen at a destination, and hash of each row there, by id."""

    version: str | None = None
    rows: Mapping[str, str] = field(default_factory=dict)


class BaseFile:
    """The bases of all destinations of one output, in one JSON file beside it."""

    def __init__(self, output: Path) -> None:
        self.path = output.with_name(output.name + ".sync.json")

    def read(self, destination: str) -> Base | None:
        """Give the base of a destination; None if it was never synced to."""
        found = self._read_all().get(destination)
        try:
            return Base(found["version"], dict(found["rows"])) if found else None
        except (KeyError, TypeError, ValueError):
            return None  # without a base, a merge keeps the rows of both sides

    def write(self, destination: str, base: Base) -> None:
        """Keep the base of a destination."""
        bases = {**self._read_all(), destination: asdict(base)}
        beside = self.path.with_name(f".{self.path.name}.{os.getpid()}.tmp")
        beside.write_text(json.dumps(bases), encoding="utf-8")
        os.replace(beside, self.path)

    def _read_all(self) -> dict[str, Any]:
        try:
            found = json.loads(self.path.read_bytes())
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}
