"""Listen to recordings, say what is in them, sync the answers.

Everything is loaded at its first use: importing the package costs next to
nothing, and a script that only reads audio never loads the dashboard.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from annotator.app import BioacousticAnnotator
    from annotator.config.project import AnnotatorConfig
    from annotator.hub.client.access import LoginResult, login, logout, session
    from annotator.hub.client.catalog import projects

    __version__: str

__all__ = [
    "AnnotatorConfig",
    "BioacousticAnnotator",
    "LoginResult",
    "__version__",
    "login",
    "logout",
    "projects",
    "session",
]

_HOMES = {
    "AnnotatorConfig": "annotator.config.project",
    "BioacousticAnnotator": "annotator.app",
    "LoginResult": "annotator.hub.client.access",
    "login": "annotator.hub.client.access",
    "logout": "annotator.hub.client.access",
    "projects": "annotator.hub.client.catalog",
    "session": "annotator.hub.client.access",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        value: Any = version("bioacoustic-annotator")
    elif name in _HOMES:
        value = getattr(importlib.import_module(_HOMES[name]), name)
    else:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    globals()[name] = value  # asked once
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
