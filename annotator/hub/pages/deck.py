"""A place where one view of several is in sight.

Those that are not stay in the document, out of sight: the browser need not build them
again, and what a person typed there is still there.
"""

from __future__ import annotations

from typing import Any

import panel as pn

from annotator.hub.pages.look import NARROW_CSS

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
        self._column = pn.Column(
            sizing_mode="stretch_width",
            stylesheets=[NARROW_CSS],
            **{"margin": 0, **params},
        )

    def __panel__(self) -> Any:
        return self._column

    @property
    def views(self) -> list[Any]:
        """Those that are in the document."""
        return list(self._views)

    def bring(self, view: Any, *, for_good: Any = None) -> None:
        """Bring a view into sight: one whose `__panel__` gives the same each time.

        Parameters
        ----------
        view
            Which.
        for_good
            One that leaves the document.
        """
        panel = view.__panel__()
        panel.visible = True
        views = [one for one in self._views if one is not for_good]
        for other in views:
            if other is not view:
                other.__panel__().visible = False
        if view not in views:
            views.append(view)
        if views != self._views:
            self._views = views
            # One change: of two at once, the browser makes some of the parts twice.
            self._column.objects = [one.__panel__() for one in views]
        self.shown = view
