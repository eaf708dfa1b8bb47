"""Credentials named in a configuration: kept out of sight until they are used.

A secret is written as ``{key: profile_name, value: env:AWS_PROFILE}``. Its value
is ``env:NAME`` (an environment variable), ``dialog`` (ask the person), a
literal, or left out: then the environment variable of the key's name.
"""

from __future__ import annotations

import getpass
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import param

from annotator.errors import ConfigError

__all__ = ["MASK", "Secrets", "SecretsParameter"]

MASK = "***"
_ENV = re.compile(r"env:\s*([A-Za-z_][A-Za-z0-9_]*)\s*", re.IGNORECASE)
_ALIASES = {"profile": "profile_name"}
_SHAPES = (
    "must be a list of {key, value}, one such mapping, or a mapping like"
    " {profile_name: env:AWS_PROFILE}"
)


class _Withheld:
    """Stands for a literal that was left out when the secrets were saved."""

    def __repr__(self) -> str:
        return MASK


class Secrets:
    """Names of credentials and where to get them; never shows a value.

    Parameters
    ----------
    given
        A list of ``{key, value}``, one such mapping, a plain mapping
        ``{profile_name: "x"}``, other `Secrets`, None (none given), or False
        (none, and not the global ones either).

    Raises
    ------
    ConfigError
        It has another shape. The message never repeats what was given.
    """

    __slots__ = ("_entries", "opted_out")

    def __init__(self, given: Any = None) -> None:
        self.opted_out: bool = given is False
        self._entries: dict[str, Any] = dict(_entries(given))

    def __repr__(self) -> str:
        return f"Secrets({MASK})" if self._entries else "Secrets()"

    def __bool__(self) -> bool:
        return bool(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __copy__(self) -> Secrets:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Secrets:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        # Pickles and YAML dumps keep references, never a literal.
        return (_restore, (self.references(), self.opted_out))

    @property
    def names(self) -> list[str]:
        """Names of the credentials, as the storage backends know them."""
        return list(self._entries)

    @property
    def needs_dialog(self) -> list[str]:
        """Names of those that the person is to be asked for."""
        return [key for key, value in self._entries.items() if _is_dialog(value)]

    def references(self) -> dict[str, str | None]:
        """Return key -> ``env:NAME``, ``dialog``, None, or ``***`` for a literal."""
        return {key: _reference(value) for key, value in self._entries.items()}

    def merged_over(self, other: Secrets | None) -> Secrets:
        """Return these and those of `other` that these do not name."""
        if self.opted_out or not other:
            return self
        merged = Secrets()
        merged._entries = {**other._entries, **self._entries}
        return merged

    def without(self, names: Iterable[str]) -> Secrets:
        """Return these but for some names."""
        dropped = {_ALIASES.get(name, name) for name in names}
        kept = Secrets(False if self.opted_out else None)
        kept._entries = {k: v for k, v in self._entries.items() if k not in dropped}
        return kept

    def resolve(self, ask: Callable[[str], str] | None = None) -> dict[str, str]:
        """Get the values, now.

        Parameters
        ----------
        ask
            Asks the person for the credential of this name; None: `getpass`.

        Returns
        -------
        dict
            Name -> value, fit for ``annotator.audio.io.read(..., **auth)``.

        Raises
        ------
        ConfigError
            An environment variable is not set, or nothing was entered.
        """
        return {key: _value(key, value, ask) for key, value in self._entries.items()}


class SecretsParameter(param.Parameter[Any]):
    """A Parameter that holds `Secrets`, and says nothing about a wrong value."""

    def _validate(self, val: Any) -> None:
        if val is not None and not isinstance(val, Secrets):
            raise ValueError(_SHAPES)


def _restore(references: Mapping[str, str | None], opted_out: bool) -> Secrets:
    secrets = Secrets(False if opted_out else None)
    secrets._entries = {
        key: _Withheld() if value == MASK else value
        for key, value in references.items()
    }
    return secrets


def _entries(given: Any) -> Iterator[tuple[str, Any]]:
    if given is None or given is False:
        return
    if isinstance(given, Secrets):
        yield from given._entries.items()
        return
    for entry in given if isinstance(given, (list, tuple)) else [given]:
        if not isinstance(entry, Mapping):
            raise ConfigError(_SHAPES)
        yield from _pairs(entry)


def _pairs(entry: Mapping[Any, Any]) -> Iterator[tuple[str, Any]]:
    pairs: Any = entry.items()
    if "key" in entry:
        if set(entry) - {"key", "value"}:
            msg = "An entry of 'secrets' has the keys 'key' and 'value' and no others"
            raise ConfigError(msg)
        pairs = [(entry["key"], entry.get("value"))]
    for key, value in pairs:
        if not isinstance(key, str) or not key.strip():
            msg = "The 'key' of a secret must be a name such as profile_name"
            raise ConfigError(msg)
        name = _ALIASES.get(key.strip(), key.strip())
        if isinstance(value, str) and value.strip() == MASK:
            value = _Withheld()  # what describe() printed, read again
        if isinstance(value, (Mapping, list, tuple)):
            msg = f"The value of secret '{name}' must be a text"
            raise ConfigError(msg)
        yield name, value


def _is_dialog(value: Any) -> bool:
    return isinstance(value, str) and value.strip().lower() == "dialog"


def _reference(value: Any) -> str | None:
    if value is None or _is_dialog(value):
        return None if value is None else "dialog"
    if isinstance(value, str) and (match := _ENV.fullmatch(value)):
        return f"env:{match.group(1)}"
    return MASK


def _value(key: str, value: Any, ask: Callable[[str], str] | None) -> str:
    if isinstance(value, _Withheld):
        msg = f"The secret '{key}' was not saved with the configuration; give it again"
        raise ConfigError(msg)
    if _is_dialog(value):
        answer = ask(key) if ask else getpass.getpass(f"{key}: ")
        if not answer:
            msg = f"Nothing was entered for the secret '{key}'"
            raise ConfigError(msg)
        return answer
    if value is None:
        return _variable(key, key)
    text = str(value)
    if match := _ENV.fullmatch(text):
        return _variable(match.group(1), key)
    if text.lower().startswith("env:"):
        msg = f"The secret '{key}' names no valid variable after 'env:'"
        raise ConfigError(msg)
    return text


def _variable(name: str, key: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        msg = (
            f"The environment variable {name} is not set; the secret '{key}' is"
            " taken from it"
        )
        raise ConfigError(msg)
    return value
