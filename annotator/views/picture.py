"""Pictures over a slow line: WebP on the wire, levels in the browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import param
from panel.custom import JSComponent

__all__ = ["PackedPicture"]

_HERE = Path(__file__).parent


class PackedPicture(JSComponent):
    """Fills a Bokeh data source, in the browser, from a packed picture."""

    count = param.Integer(default=0, doc="Counts the pictures, so that each is news.")
    fields = param.Dict(default={}, doc="The other columns, one value each.")
    source = param.String(default="", doc="Name of the data source in the document.")
    webp = param.Bytes(default=b"", doc="The picture; empty: nothing to put in.")

    _esm = "\n".join(
        (_HERE / f"{part}.js").read_text(encoding="utf-8")
        for part in ("models", "picture")
    )

    def put(self, webp: bytes, fields: dict[str, Any]) -> None:
        """Send a picture; call it on the stage.

        Parameters
        ----------
        webp
            As `annotator.visualizations.packing.to_webp` makes it; b"" takes back
            what was sent and leaves the source to others.
        fields
            The source's other columns: numbers, texts, lists of numbers.
        """
        self.param.update(webp=webp, fields=fields, count=self.count + 1)
