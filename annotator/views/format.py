"""How values read on the screen."""

from __future__ import annotations

import math
from numbers import Integral, Real

__all__ = ["cell_text", "clock", "column_label"]


def column_label(name: object) -> str:
    """Column name as a heading: `start_time` reads "Start Time"."""
    text = str(name).replace("_", " ").strip()
    return text.title() if text.islower() else text


def cell_text(value: object, column: object = "") -> str:
    """Cell of a table: an em dash for nothing, few decimals, whole ids.

    Integers stay text of all their digits: a 64-bit id would lose its last ones as a
    number in a browser.
    """
    if value is None or value != value or str(value) == "<NA>":
        return "—"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Integral):
        return str(int(value))
    if isinstance(value, Real):
        number = float(value)
        if not math.isfinite(number):
            return "—"
        if number.is_integer():
            return str(int(number))
        return (
            f"{number:.3f}" if str(column).lower() == "confidence" else f"{number:.2f}"
        )
    return str(value)


def clock(seconds: float) -> str:
    """Seconds from the recording's start as m:ss.ss; an em dash for no number."""
    if not math.isfinite(seconds):
        return "—"
    minutes, rest = divmod(max(seconds, 0.0), 60)
    return f"{int(minutes)}:{rest:05.2f}"
