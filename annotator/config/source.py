"""What `data` and `audio` share: exactly one place that they come from."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, ClassVar

from annotator.config.base import Config, Given
from annotator.config.load import is_address
from annotator.config.problems import Problems, show

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["SOURCE_KEYS", "SourceConfig", "looks_like_path"]

# Naming one of these replaces the others of an earlier file.
SOURCE_KEYS = ("api", "column", "path", "source_type", "sql", "uri", "value")
_PATH = re.compile(r"[/\\.]|^[A-Za-z]:")


class SourceConfig(Config):
    """A section whose content comes from one of several kinds of places."""

    ALIASES: ClassVar[Mapping[str, str]] = {"url": "uri"}
    KINDS: ClassVar[tuple[str, ...]] = ()
    IN_MEMORY: ClassVar[bool] = False  # may be a DataFrame
    SHORTHAND = "value"

    @property
    def source(self) -> tuple[str, Any]:
        """Which kind of place and which: ("path", "a.csv"), or ("", None)."""
        for kind in self.KINDS:
            value = getattr(self, kind)
            if value not in (None, ""):
                return kind, value
        value = getattr(self, "value", None)
        return ("", None) if value is None else ("frame", value)

    @property
    def kind(self) -> str:
        """Kind of place: one of `KINDS`, "frame" for a table in memory, or ""."""
        return self.source[0]

    @classmethod
    def detect(cls, text: str) -> str:
        """Tell which kind of place a plain text names."""
        raise NotImplementedError

    def _check(self, given: Mapping[str, Given], problems: Problems) -> None:
        named = [kind for kind in (*self.KINDS, "value") if _is_set(given.get(kind))]
        if len(named) > 1:
            first, second = given[named[0]], given[named[1]]
            problems.add(
                f"'{self.SECTION}' names more than one source: '{first.key}' and"
                f" '{second.key}'; keep one of them",
                second.where,
            )
            return
        if "value" in named:
            self._assign(given["value"], problems)
        elif "source_type" in given:
            item = given["source_type"]
            problems.add(f"'{item.key}' needs '{self.SECTION}.value'", item.where)

    def _assign(self, item: Given, problems: Problems) -> None:
        value, kind = item.value, getattr(self, "source_type", None)
        if isinstance(value, os.PathLike):
            value, kind = os.fspath(value), "path"
        if not isinstance(value, str):
            if not (self.IN_MEMORY and hasattr(value, "iloc")):
                wanted = "a text or a DataFrame" if self.IN_MEMORY else "a text"
                problems.add(
                    f"'{item.key}' must be {wanted}, not {show(value)}", item.where
                )
            return
        kind = {"url": "uri"}.get(kind or "", kind) or self.detect(value)
        self.param.update(**{"value": None, kind: value})


def _is_set(item: Given | None) -> bool:
    return item is not None and not (isinstance(item.value, str) and not item.value)


def looks_like_path(text: str) -> bool:
    """Tell a path (has a slash, a dot or a drive letter) from a column's name."""
    return is_address(text) or bool(_PATH.search(text))
