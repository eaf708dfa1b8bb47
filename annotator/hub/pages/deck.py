"""A place where one view of several is in sight.

Those that are not stay in the document, out of sight: a component that is taken out and
put in again answers in the browser with a part of itself that is gone (Panel 1.9).
"""

from __future__ import annotations

from typing import Any

import panel as pn

__all__ = ["Deck"]


class Deck(pn.viewable.Viewer):
    """Shows one view.

    Parameters
    ----------
    **params
        Of the column that holds them.
    """

    def __init__(self, **params: Any) -> None:
        super().__init__()
        self.shown: Any = None
        self._views: list[Any] = []
        self._column = pn.Column(sizing_mode="stretch_width", **{"margin": 0, **params})

    def __panel__(self) -> Any:
        return self._column

    @property
    def views(self) -> list[Any]:
        """Those that are in the document."""
        return list(self._views)

    def bring(self, view: Any) -> None:
        """Bring a view into sight: one whose `__panel__` gives the same each time."""
        panel = view.__panel__()
        panel.visible = True
        for other in self._views:
            if other is not view:
                other.__panel__().visible = False
        if view not in self._views:
            self._views.append(view)
            self._column.append(panel)
        self.shown = view

    def drop(self, view: Any) -> None:
        """Take a view out of the document, for good."""
        if view in self._views:
            self._views.remove(view)
            self._column.remove(view.__panel__())
        if self.shown is view:
            self.shown = None
