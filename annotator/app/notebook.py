"""Inline in a notebook: what Panel needs there, loaded once."""

from __future__ import annotations

import sys
from typing import Any

import panel as pn

__all__ = ["display", "is_active", "prepare"]


def is_active() -> bool:
    """Whether this process is the kernel of a notebook."""
    if "ipykernel" not in sys.modules:
        return False
    from IPython import get_ipython

    shell = get_ipython()
    return shell is not None and getattr(shell, "kernel", None) is not None


def prepare() -> None:
    """Load Panel's scripts into the notebook, from this machine and once.

    `inline=True`: without it BokehJS comes from a server far away, and a notebook in
    the field stays blank.
    """
    if is_active() and not pn.extension._loaded:
        pn.extension(inline=True)


def display(view: Any) -> None:
    """Show something with a `__panel__` below the current cell."""
    from IPython.display import display as show

    prepare()
    show(view)
