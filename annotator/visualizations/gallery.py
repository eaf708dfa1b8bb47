"""The visualizations a person may choose from, made of what the configuration says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from annotator.errors import ConfigError
from annotator.visualizations.custom import Custom
from annotator.visualizations.functions import REGISTRY
from annotator.visualizations.kinds import BuiltIn
from annotator.visualizations.options import ALIASES, OPTIONS, near, wrong
from annotator.visualizations.visualization import Visualization

__all__ = ["NAMES", "Gallery", "gallery", "problems_of"]

_SELECTED = "selected::"
_LABELS = {
    "linear": "Linear",
    "mel": "Mel",
    "log_frequency": "Log frequency",
    "bandpass": "Band-pass",
    "waveform": "Waveform",
    "pcen": "PCEN",
    "denoised": "Denoised",
    "reassigned": "Reassigned",
}
NAMES = {
    "spectrogram": "linear",
    "plain": "linear",
    "log": "log_frequency",
    **{kind: kind for kind in OPTIONS},
}
"""The built-in visualization of each name that a configuration may use."""


class Gallery(dict[str, Visualization]):
    """Visualizations by their keys, in the order in which they were listed.

    A key is what the configuration calls it: its label where it has one, else its
    name ("mel"). What a person is shown is `Visualization.label`.
    """

    default: str = ""
    """Key of the one shown first."""


def gallery(items: Iterable[Any]) -> Gallery:
    """Make the visualizations that a configuration lists.

    Parameters
    ----------
    items
        Names, functions ``(mono, sr, width) -> dict``, or mappings: ``{fn, label}``,
        or ``{name, label}`` with options. The first is shown first, or the one whose
        name, label or text is marked ``selected::``.

    Raises
    ------
    ConfigError
        Names or options are unknown or impossible; all of them are listed.

    Examples
    --------
    >>> made = gallery(["linear", {"name": "selected::mel", "n_mels": 64}])
    >>> made.default, made["mel"].label
    ('mel', 'Mel')
    """
    listed = list(items)
    problems = problems_of(listed)
    if problems:
        raise ConfigError(*(f"'visualizations' {problem}" for problem in problems))
    made = Gallery()
    for item in listed:
        is_selected, key, visualization = _made(item)
        number = _free(key, visualization.label, made)
        key += number
        made[key] = replace(visualization, label=visualization.label + number)
        if is_selected and not made.default:
            made.default = key
    made.default = made.default or next(iter(made), "")
    return made


def _free(key: str, label: str, made: Gallery) -> str:
    """Return what to put behind a key and a label so that they are new."""
    labels = {way.label for way in made.values()}
    numbers = ("", *(f" {number}" for number in range(2, 2 * len(made) + 3)))
    return next(n for n in numbers if key + n not in made and label + n not in labels)


def problems_of(items: Iterable[Any]) -> list[str]:
    """Say what is wrong with a list of visualizations, one sentence each.

    A sentence goes on from the name of the list: "must not be empty".
    """
    listed = list(items)
    found = [] if listed else ["must not be empty"]
    for item in listed:
        found += _problems_of_one(item)
    return found


def _problems_of_one(item: Any) -> list[str]:
    if callable(item):
        return []
    if isinstance(item, str):
        return _unknown(_unmarked(item)[0])
    if not isinstance(item, Mapping):
        shown = repr(item) if isinstance(item, (int, float)) else type(item).__name__
        return [f"must hold names, functions or mappings {{fn, label}}, not {shown}"]
    return _problems_of_mapping(item)


def _problems_of_mapping(item: Mapping[Any, Any]) -> list[str]:
    found = []
    label = item.get("label")
    if label is not None and (not isinstance(label, str) or not label.strip()):
        found.append(f"must hold labels that are texts, not {label!r:.60}")
    if "fn" in item:
        if not callable(item["fn"]):
            kind = type(item["fn"]).__name__
            found.append(f"must hold a function as 'fn', not a {kind}")
        others = [key for key in item if key not in ("fn", "label")]
        found += [
            f"must not hold the key {key!r:.60} beside 'fn'."
            + near(str(key), ("fn", "label"))
            for key in others
        ]
        return found
    name = item.get("name")
    if not isinstance(name, str):
        found.append("must hold mappings with a 'name' or an 'fn'")
        return found
    name = _unmarked(name)[0]
    unknown = _unknown(name)
    if unknown or name not in NAMES:
        return found + unknown
    return found + [
        f"must hold possible options: {text}" for text in _wrong(name, item)
    ]


def _wrong(name: str, item: Mapping[str, Any]) -> list[str]:
    return wrong(NAMES[name], _options(item))


def _options(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of a mapping, by the names that we give them."""
    return {
        ALIASES.get(key, key): value
        for key, value in item.items()
        if key not in ("name", "label") and value is not None
    }


def _unknown(name: str) -> list[str]:
    known = {**NAMES, **REGISTRY}
    if name in known:
        return []
    hint = near(name, known) or f" Choose of: {', '.join(known)}."
    return [f"must not hold the unknown name {name!r:.60}.{hint}"]


def _unmarked(text: str) -> tuple[str, bool]:
    name = text.removeprefix(_SELECTED).strip()
    return name, text.startswith(_SELECTED)


def _made(item: Any) -> tuple[bool, str, Visualization]:
    """Return whether it is marked, its key, and the visualization."""
    given = dict(item) if isinstance(item, Mapping) else {}
    label, is_marked = _unmarked(given.get("label") or "")
    function = item if callable(item) else given.get("fn")
    if function is not None:
        label = label or _name_of(function)
        return is_marked, label, Visualization(label, Custom(function, label), True)
    name, is_marked_too = _unmarked(given.get("name", item))
    is_marked, key = is_marked or is_marked_too, label or name
    if name in NAMES:
        kind = NAMES[name]
        compute = BuiltIn(kind, _options(given))
        return is_marked, key, Visualization(label or _LABELS[kind], compute)
    label = label or name.replace("_", " ").capitalize()
    custom = Custom(REGISTRY[name], label)
    return is_marked, key, Visualization(label, custom, True)


def _name_of(function: Callable[..., Any]) -> str:
    while isinstance(function, partial):
        function = function.func
    name = getattr(function, "__name__", type(function).__name__)
    return "Custom" if name == "<lambda>" else str(name)
