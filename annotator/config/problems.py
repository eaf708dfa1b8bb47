"""Collect everything that is wrong, so that it is told at once."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Any

from annotator.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Problems", "did_you_mean", "missing_column", "redact", "show"]

_USER_INFO = re.compile(r"(?<=://)[^/@\s'\"]+@")
_QUERY = re.compile(
    r"(?<=[?&])([^=&#\s'\"]*(?:auth|credential|key|pass|pw|secret|sig|token)"
    r"[^=&#\s'\"]*)=[^&#\s'\"]*",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s'\"]+")
_SHOWN = 60  # characters of a wrong value that an error repeats


class Problems(list[str]):
    """Sentences about what is wrong, in the order found."""

    def add(self, sentence: str, where: str = "") -> None:
        """Note a problem; `where` is "file, line 3", or empty."""
        text = f"{sentence} ({where})" if where else sentence
        if text not in self:
            self.append(text)

    def unknown_key(
        self, key: object, known: Iterable[str], where: str = "", part: str = ""
    ) -> None:
        """Note a key that nothing knows, with the nearest one that exists."""
        sentence = f"Unknown key {show(key)}"
        if part:
            sentence += f" in '{part}'"
        if where:
            sentence += f" of {where}" if part else f" in {where}"
        self.add(f"{sentence}.{did_you_mean(str(key), known)}")

    def raise_if_any(self) -> None:
        """Raise one `ConfigError` with all of them, if there are any."""
        if self:
            raise ConfigError(*self)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return " Did you mean 'x'?" for the nearest known name, or ""."""
    by_lower = {str(item).lower(): str(item) for item in known}
    near = difflib.get_close_matches(name.lower(), list(by_lower), n=1, cutoff=0.6)
    return f" Did you mean '{by_lower[near[0]]}'?" if near else ""


def missing_column(column: str, purpose: str, columns: Iterable[str]) -> str:
    """Say that a column named in the configuration is not in the table."""
    near = did_you_mean(column, columns)
    return f"Column '{column}', named by {purpose}, is not in the data.{near}"


def redact(text: str) -> str:
    """Take user names, passwords and signatures out of the addresses in a text."""

    def clean(match: re.Match[str]) -> str:
        return _QUERY.sub(r"\1=***", _USER_INFO.sub("***@", match.group()))

    return _ADDRESS.sub(clean, text)


def show(value: Any) -> str:
    """Write a wrong value for an error: short, and without what is secret."""
    if isinstance(value, (str, int, float, bool)) or value is None:
        text = redact(repr(value))
        return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    # The inside of a list or mapping may be a secret; its kind says enough.
    names = {"dict": "a mapping", "list": "a list", "tuple": "a list"}
    kind = type(value).__name__
    return names.get(kind, f"a {kind}")
