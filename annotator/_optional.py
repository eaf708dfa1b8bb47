"""Import a heavy or optional package at the moment it is needed."""

from __future__ import annotations

import importlib
from typing import Any

from annotator.errors import MissingDependency

__all__ = ["require"]


def require(module: str, *, why: str, package: str | None = None) -> Any:
    """Import and return a module, or say how to get it.

    Parameters
    ----------
    module
        Dotted name of the module.
    why
        What it is needed for, as it stands after "is needed".
    package
        Name to install where it differs from the module's.

    Raises
    ------
    MissingDependency
        The module is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError as err:
        name = package or module.partition(".")[0]
        msg = f"{name} is needed {why}. Install it with: pip install {name}"
        raise MissingDependency(msg) from err
