"""Options of visualizations as a configuration writes them, and what they may be."""

from __future__ import annotations

import difflib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from annotator.signal.rows import KINDS
from annotator.signal.stft import WINDOWS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["ALIASES", "BAND", "COMMON", "OPTIONS", "Choice", "Number", "near", "wrong"]


@dataclass(frozen=True)
class Number:
    """A number with bounds."""

    low: float
    high: float = math.inf
    whole: bool = False
    below: bool = False
    """Whether `high` itself is too much."""

    def takes(self, value: Any) -> bool:
        """Whether the value is possible."""
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return False
        if not math.isfinite(value) or (self.whole and value != int(value)):
            return False
        return self.low <= value < self.high or (value == self.high and not self.below)

    def __str__(self) -> str:
        text = f"{'a whole number' if self.whole else 'a number'} >= {self.low:g}"
        if self.high < math.inf:
            text += f" and {'<' if self.below else '<='} {self.high:g}"
        return text


@dataclass(frozen=True)
class Choice:
    """One of some words."""

    words: tuple[str, ...]

    def takes(self, value: Any) -> bool:
        """Whether the value is possible."""
        return isinstance(value, str) and value in self.words

    def __str__(self) -> str:
        return " or ".join(repr(word) for word in self.words)


BAND: dict[str, Number | Choice] = {
    "min_frequency": Number(0),
    "max_frequency": Number(0),
}
COMMON: dict[str, Number | Choice] = {
    **BAND,
    "n_fft": Number(16, 2**17, whole=True),
    "overlap": Number(0.5, 1, below=True),
    "window": Choice(tuple(WINDOWS)),
}
_SCALE = {"scale": Choice(KINDS)}
_N_MELS = {"n_mels": Number(2, 1024, whole=True)}
_N_BINS = {"n_bins": Number(2, 1024, whole=True)}
OPTIONS: dict[str, dict[str, Number | Choice]] = {
    "linear": COMMON,
    "mel": {**COMMON, **_N_MELS},
    "log_frequency": {**COMMON, **_N_BINS},
    "bandpass": COMMON,
    "waveform": {},
    "pcen": {
        **COMMON,
        **_SCALE,
        **_N_MELS,
        **_N_BINS,
        "gain": Number(0, 2),
        "bias": Number(0.001),
        "power": Number(0.001, 1),
        "time_constant": Number(0.001),
    },
    "denoised": {
        **COMMON,
        **_SCALE,
        **_N_MELS,
        **_N_BINS,
        "percentile": Number(0, 100),
    },
    "reassigned": {**COMMON, **_SCALE, **_N_MELS, **_N_BINS},
}
"""What each built-in visualization may be told."""

ALIASES = {
    "fft": "n_fft",
    "f_min": "min_frequency",
    "f_lo": "min_frequency",
    "f_max": "max_frequency",
    "f_hi": "max_frequency",
}
"""Other spellings of options: those of the functions."""


def near(word: str, known: Iterable[str]) -> str:
    """Return " Did you mean 'x'?" for the nearest known word, or ""."""
    found = difflib.get_close_matches(word.lower(), list(known), n=1, cutoff=0.6)
    return f" Did you mean '{found[0]}'?" if found else ""


def wrong(kind: str, options: Mapping[str, Any]) -> list[str]:
    """Say what is wrong with the options of a built-in visualization."""
    known = OPTIONS[kind]
    found = []
    for key, value in options.items():
        rule = known.get(key)
        if rule is None:
            text = f"'{kind}' has no option {key!r}.{near(str(key), known)}"
            found.append(text)
        elif not rule.takes(value):
            shown = repr(value) if isinstance(value, (str, int, float)) else "that"
            found.append(f"{key} of '{kind}' must be {rule}, not {shown[:60]}")
        elif key == "n_fft" and value % 2:
            found.append(f"{key} of '{kind}' must be even, not {value}")
    low, high = (options.get(f"{end}_frequency") for end in ("min", "max"))
    if not found and low is not None and high is not None and low >= high:
        found.append(
            f"min_frequency of '{kind}' must be less than max_frequency,"
            f" not {low:g} and {high:g}"
        )
    return found
