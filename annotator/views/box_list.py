"""The list of what is marked in a clip: colours, numbers, what is still to answer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import param
from panel.custom import JSComponent

from annotator.form.marking import missing_of_region
from annotator.views import theme
from annotator.views.marks import mark_label

if TYPE_CHECKING:
    from annotator.form.fields import Annotation
    from annotator.form.rules import Sections
    from annotator.review.regions import RegionEditor
    from annotator.review.shapes import Region

__all__ = ["BoxList"]

_CSS = """
.list { display: flex; flex-wrap: wrap; gap: 4px 6px; max-height: 92px; overflow-y: auto; min-height: 28px; align-content: flex-start; padding: 2px; }
.item { display: inline-flex; border: 1px solid var(--edge); border-radius: 6px; overflow: hidden; }
.item.active { border-color: var(--accent); box-shadow: inset 0 0 0 1px var(--accent); }
button { border: 0; background: transparent; color: var(--ink); font: inherit; font-size: 12px; padding: 3px 7px; cursor: pointer; }
button:hover { background: var(--hover); }
button:focus-visible { outline: 2px solid var(--accent); outline-offset: -2px; }
.pick { display: inline-flex; gap: 6px; align-items: center; font-variant-numeric: tabular-nums; }
.swatch { width: 11px; height: 11px; border-radius: 3px; background: var(--mark); border: 1px solid var(--mark-halo); }
.missing { color: var(--bad); }
.drop { border-left: 1px solid var(--line); }
"""


class BoxList(JSComponent):
    """What is marked, as a list; see box_list.js."""

    active = param.String(default="", doc="Key of the one in hand.")
    items = param.List(default=[], doc="One {key, text, missing} for each mark.")

    _esm = Path(__file__).parent / "box_list.js"
    _stylesheets: ClassVar[list[str]] = [theme.CSS, theme.MARKS_CSS, _CSS]

    def __init__(self, *, editor: RegionEditor, **params: Any) -> None:
        super().__init__(**params)
        self._editor = editor

    def _handle_msg(self, data: Any) -> None:
        key = str(data.get("key", "")) if isinstance(data, dict) else ""
        if isinstance(data, dict) and data.get("type") == "remove":
            self._editor.remove(key)
        else:
            self._editor.activate(key)

    def list_regions(self, annotation: Annotation, sections: Sections) -> None:
        """Show the regions that there are, and what their answers lack."""
        editor = self._editor
        items = [
            {
                "key": region.key,
                "text": _text(region, mark_label(editor, annotation, number)),
                "missing": ", ".join(
                    f"{label}?"
                    for label in missing_of_region(annotation, sections, region.values)
                ),
            }
            for number, region in enumerate(editor.regions)
        ]
        self.param.update(items=items, active=editor.active)


def _text(region: Region, label: str) -> str:
    times = _span((region.start_time, region.end_time), "s")
    band = _span((region.min_frequency, region.max_frequency), "kHz", 1000)
    return " · ".join(part for part in (label, times, band) if part)


def _span(edges: tuple[float | None, ...], unit: str, size: float = 1) -> str:
    known = [f"{edge / size:.2f}" for edge in edges if edge is not None]
    return f"{' - '.join(known)} {unit}" if known else ""
