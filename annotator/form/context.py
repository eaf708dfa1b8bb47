"""What the parsing of a form shares: its origin, its problems, and its helpers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from annotator.config.load import Origin
from annotator.config.problems import Problems, missing_column, show
from annotator.form.items import Loader, label_of

__all__ = ["Context", "Path"]

Path = tuple[str | int, ...]


@dataclass
class Context:
    """Notes problems with the line they stand in, and reads common keys."""

    origin: Origin = field(default_factory=Origin)
    problems: Problems = field(default_factory=Problems)
    loader: Loader | None = None
    columns: Sequence[str] | None = None  # of the data; None: not known
    paths: dict[str, Path] = field(default_factory=dict)

    def key(self, path: Path) -> str:
        """Return the name of a place in the form, and remember where it is."""
        name = ".".join(map(str, path))
        self.paths[name] = path
        return name

    def problem(self, sentence: str, path: Path) -> None:
        """Note what is wrong at a place."""
        self.problems.add(sentence, self.origin.where(*path))

    def problem_at(self, sentence: str, key: str) -> None:
        """Note what is wrong with the element of this key."""
        self.problem(sentence, self.paths.get(key, ()))

    def mapping(
        self, value: Any, path: Path, allowed: Iterable[str], short: str = "label"
    ) -> dict[str, Any]:
        """Return the keys of an element; a plain text stands for its `short` key."""
        kind = _kind(path)
        if value is None or value is True:
            return {}
        if isinstance(value, Mapping):
            known = list(allowed)
            for key in value:
                if key not in known:
                    where = self.origin.where(*path, str(key))
                    self.problems.unknown_key(key, known, where, part=kind)
            return {key: item for key, item in value.items() if item is not None}
        if short and not isinstance(value, (list, tuple)):
            return {short: value}
        self.problem(f"'{kind}' must be a mapping, not {show(value)}", path)
        return {}

    def flag(self, options: Mapping[str, Any], key: str, path: Path) -> bool:
        """Return a key that is true or false; false if it is not there."""
        value = options.get(key, False)
        if not isinstance(value, bool):
            self.problem(
                f"'{key}' of '{_kind(path)}' must be true or false, not {show(value)}",
                (*path, key),
            )
            return False
        return value

    def text(
        self, options: Mapping[str, Any], key: str, path: Path, default: str = ""
    ) -> str:
        """Return a key that is a text."""
        value = options.get(key, default)
        if isinstance(value, (Mapping, list, tuple)):
            self.problem(
                f"'{key}' of '{_kind(path)}' must be a text, not {show(value)}",
                (*path, key),
            )
            return default
        return label_of(value)

    def name(self, options: Mapping[str, Any], key: str, path: Path) -> str | None:
        """Return a key that names a section or column, or None."""
        return self.text(options, key, path) or None

    def source(self, options: Mapping[str, Any], key: str, path: Path) -> str | None:
        """Return a key that names a column of the data, which must be there."""
        column = self.name(options, key, path)
        if column:
            self.require_column(column, f"'{key}'", (*path, key))
        return column

    def require_column(self, column: str, purpose: str, path: Path) -> None:
        """Note it if the data is known and does not have the column."""
        if self.columns is not None and column not in self.columns:
            self.problem(missing_column(column, purpose, self.columns), path)

    def number(self, options: Mapping[str, Any], key: str, path: Path) -> float | None:
        """Return a key that is a number, or None."""
        value = options.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            self.problem(
                f"'{key}' of '{_kind(path)}' must be a number, not {show(value)}",
                (*path, key),
            )
            return None
        return value

    def common(
        self, options: Mapping[str, Any], path: Path, default_label: str
    ) -> dict[str, Any]:
        """Return what all inputs have."""
        label = self.text(options, "label", path, default_label)
        return {
            "key": self.key(path),
            "label": label,
            "column": self.text(options, "column", path, label) or label,
            "required": self.flag(options, "required", path),
            "width": options.get("width"),
            "source_value": self.source(options, "source_value", path),
        }


def _kind(path: Path) -> str:
    """Return the kind of the element at a place: the last word of it."""
    return next((str(part) for part in reversed(path) if isinstance(part, str)), "form")
