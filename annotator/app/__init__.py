"""`BioacousticAnnotator`, the one object users meet, and the ways to show it.

Loaded at the first use of a name: `annotator validate` needs no dashboard.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from annotator.app.annotator import BioacousticAnnotator
    from annotator.app.serving import page, serve

__all__ = ["BioacousticAnnotator", "page", "serve"]

_HOMES = {
    "BioacousticAnnotator": "annotator.app.annotator",
    "page": "annotator.app.serving",
    "serve": "annotator.app.serving",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(importlib.import_module(_HOMES[name]), name)
