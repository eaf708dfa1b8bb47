"""A bar that shows how far the sender is, where a person looks and it takes a while."""

from __future__ import annotations

import sys
from typing import Any

__all__ = ["Bar", "is_interactive"]


def is_interactive() -> bool:
    """Tell whether a person types here: a notebook, IPython, Python's own prompt."""
    return hasattr(sys, "ps1") or bool(sys.flags.interactive)


class Bar:
    """Appears when many events wait, and goes when none does.

    Parameters
    ----------
    least
        Waiting events from which it appears.
    """

    def __init__(self, least: int) -> None:
        self._least = least
        self._bar: Any = None

    def show(self, waiting: int) -> None:
        """Show that so many events wait now."""
        if self._bar is None:
            if waiting < self._least or not is_interactive():
                return
            from tqdm import tqdm

            self._bar = tqdm(
                desc="Sending to the hub", total=waiting, unit=" events", leave=False
            )
        if waiting > self._bar.total - self._bar.n:  # more came meanwhile
            self._bar.total = self._bar.n + waiting
        self._bar.update(self._bar.total - self._bar.n - waiting)
        if not waiting:
            self.close()

    def close(self) -> None:
        """Take it away."""
        if self._bar is not None:
            self._bar.close()
        self._bar = None
