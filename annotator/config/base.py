"""The base of all configuration classes: typed keys with errors people understand.

A `Config` is data: it reads no file and calls nobody back.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple, Self

import param

from annotator.config.load import Origin
from annotator.config.problems import Problems, redact, show
from annotator.config.secrets import Secrets, SecretsParameter
from annotator.errors import ConfigError

__all__ = ["Config", "Given", "expected", "split_selected"]

_SELECTED = "selected::"
_UNIT = re.compile(r"\b(seconds|pixels|rows)\b")
_KINDS = {
    bool: "true or false",
    str: "a text",
    int: "a whole number",
    float: "a number",
}


class Given(NamedTuple):
    """A value as somebody wrote it: under which key, in which file and line."""

    value: Any
    key: str
    where: str = ""


class Config(param.Parameterized):
    """A part of the configuration; the keys of its YAML are its Parameters."""

    SECTION: ClassVar[str] = ""  # its key in the YAML
    SHORTHAND: ClassVar[str] = ""  # the Parameter that a plain value is for
    ALIASES: ClassVar[Mapping[str, str]] = {}  # other spelling -> Parameter

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)  # type: ignore[no-untyped-call]

    def __repr__(self) -> str:
        items = ", ".join(f"{key}={value!r}" for key, value in self.to_dict().items())
        return f"{type(self).__name__}({items})"

    __str__ = __repr__

    @classmethod
    def keys(cls) -> list[str]:
        """Return the keys that the YAML may use here."""
        return [name for name in cls.param if name != "name"]

    @classmethod
    def from_dict(
        cls, mapping: Mapping[str, Any], *, origin: Origin | None = None
    ) -> Self:
        """Make it from keys and values.

        Parameters
        ----------
        mapping
            As read from YAML. None means "not set". It is not changed.
        origin
            Where it was read, for the errors.

        Raises
        ------
        ConfigError
            Keys are unknown or values impossible; all of them are listed.
        """
        problems = Problems()
        given = cls.read_keys(mapping, origin or Origin(), problems)
        config = cls.build(given, problems)
        problems.raise_if_any()
        return config

    @classmethod
    def read_keys(
        cls, mapping: Mapping[Any, Any], origin: Origin, problems: Problems
    ) -> dict[str, Given]:
        """Map keys as written to Parameters, noting those that nothing knows."""
        known = cls.keys()
        found: dict[str, Given] = {}
        for key, value in mapping.items():
            name = cls.ALIASES.get(key, key) if isinstance(key, str) else key
            if name not in known:
                where = origin.where(str(key))
                candidates = [*known, *cls.ALIASES]
                problems.unknown_key(key, candidates, where, part=cls.SECTION)
            elif value is not None:
                spelled = f"{cls.SECTION}.{key}" if cls.SECTION else key
                found[name] = Given(value, spelled, origin.where(key))
        return found

    @classmethod
    def build(cls, given: Mapping[str, Given], problems: Problems) -> Self:
        """Make it from values as written, noting those that are impossible."""
        config = cls()
        for name, item in given.items():
            parameter = cls.param[name]
            try:
                value = config._coerce(name, item.value)
                _refuse_lookalikes(parameter, value)
                setattr(config, name, value)
            except ConfigError as err:
                colon = "" if str(err).startswith("must ") else ":"
                problems.add(f"'{item.key}'{colon} {err}", item.where)
            except (TypeError, ValueError):
                wanted = expected(parameter)
                problems.add(
                    f"'{item.key}' must be {wanted}, not {show(item.value)}", item.where
                )
        config._check(given, problems)
        return config

    def to_dict(self) -> dict[str, Any]:
        """Return the keys that differ from their defaults, fit for YAML.

        Literal secrets are ``***``, credentials are taken out of addresses, and
        a table given from Python is only described.
        """
        found: dict[str, Any] = {}
        keys = self.keys()
        for name in keys:
            value = getattr(self, name)
            if isinstance(value, Config):
                inner = value.to_dict()
                if inner:
                    found[name] = inner
            elif not _same(value, self.param[name].default):
                found[name] = _plain(value)
        return found

    def _coerce(self, name: str, value: Any) -> Any:
        """Turn the allowed spellings of a value into one; sections extend this."""
        if isinstance(self.param[name], SecretsParameter):
            return Secrets(value)
        if isinstance(value, os.PathLike):
            return os.fspath(value)
        if isinstance(self.param[name], param.List) and isinstance(value, tuple):
            return list(value)
        return value

    def _check(self, given: Mapping[str, Given], problems: Problems) -> None:
        """Note what single values cannot tell; sections extend this."""


def expected(parameter: param.Parameter[Any]) -> str:
    """Say which values a Parameter takes, as it stands after "must be"."""
    if isinstance(parameter, param.Boolean):
        return "true or false"
    if isinstance(parameter, param.Number):
        whole = isinstance(parameter, param.Integer)
        return ("a whole number" if whole else "a number") + _range(parameter)
    if isinstance(parameter, param.Selector) and not isinstance(
        parameter, param.ClassSelector
    ):
        *others, last = [repr(item) for item in parameter.objects]
        return f"{', '.join(others)} or {last}" if others else last
    if isinstance(parameter, (param.Dict,)):
        return "a mapping ('key: value')"
    if isinstance(parameter, param.List):
        return "a list"
    if isinstance(parameter, param.String):
        return "a text"
    kinds = getattr(parameter, "class_", None) or (str,)
    kinds = kinds if isinstance(kinds, tuple) else (kinds,)
    return " or ".join(_KINDS.get(kind, kind.__name__) for kind in kinds)


def split_selected(items: list[Any]) -> tuple[list[Any], int | None]:
    """Take the mark ``selected::`` off the items of a list.

    Returns
    -------
    tuple
        The items without marks, and the index of the marked one or None.

    Examples
    --------
    >>> split_selected(["linear", "selected::mel"])
    (['linear', 'mel'], 1)
    """
    plain: list[Any] = []
    chosen = None
    for index, item in enumerate(items):
        if isinstance(item, str) and item.startswith(_SELECTED):
            chosen = index if chosen is None else chosen
            item = item.removeprefix(_SELECTED).strip()
        plain.append(item)
    return plain, chosen


def _range(parameter: param.Number[Any]) -> str:
    unit = _UNIT.search(parameter.doc or "")
    low, high = parameter.bounds or (None, None)
    text = f" of {unit.group()}" if unit else ""
    if low is not None:
        text += f" {'>=' if parameter.inclusive_bounds[0] else '>'} {low}"
    if high is not None:
        text += f"{' and' if low is not None else ''} <= {high}"
    return text


def _refuse_lookalikes(parameter: param.Parameter[Any], value: Any) -> None:
    """Refuse what Python takes for a number: true, NaN and infinity."""
    kinds = getattr(parameter, "class_", None)
    kinds = kinds if isinstance(kinds, tuple) else (kinds,)
    numeric = isinstance(parameter, param.Number) and not isinstance(
        parameter, param.Boolean
    )
    if isinstance(value, bool) and (numeric or (int in kinds and bool not in kinds)):
        raise TypeError
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError


def _same(value: Any, default: Any) -> bool:
    if type(value) is not type(default):
        return False
    return value is default or bool(value == default)


def _plain(value: Any) -> Any:
    """Write a value with YAML's own kinds, and nothing secret in it."""
    if isinstance(value, Secrets):
        return False if value.opted_out else value.references()
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, (bool, int, float)) or value is None:
        return value
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if hasattr(value, "columns") and hasattr(value, "iloc"):
        return f"<table of {len(value)} rows given from Python>"
    if hasattr(value, "item") and getattr(value, "shape", None) == ():
        return value.item()  # a NumPy number
    return getattr(value, "__name__", None) or str(value)
