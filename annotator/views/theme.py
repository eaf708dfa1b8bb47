"""Colours, sizes and shared styles: the only module that names any."""

from __future__ import annotations

from pathlib import Path
from typing import Any

__all__ = [
    "BUFFER_SHADE",
    "CONTRAST",
    "CSS",
    "FRAME_STYLE",
    "GAP",
    "GRID_CSS",
    "MARKS_CSS",
    "MATERIAL",
    "ON_HEADER",
    "PALETTES",
    "PANEL_CSS",
    "PLAYHEAD",
    "ROOMY_CSS",
    "SERIES",
    "WIDE",
]

CSS = (Path(__file__).parent / "theme.css").read_text(encoding="utf-8")
MARKS_CSS = (Path(__file__).parent / "marks.css").read_text(encoding="utf-8")

GAP = 8
"""Space between two parts, px."""

WIDE = 1080
"""From this width of the annotator on, px, the table stands beside the player."""

ROOMY_CSS = """
:host { height: clamp(220px, calc(100vh - 560px), 640px) !important; max-height: none !important; flex: 0 0 auto !important; }
"""
"""Height of the spectrogram on a page: the form stays in sight beneath it."""

PLAYHEAD = "#ffffff"
BUFFER_SHADE = {"fill_color": "#000000", "fill_alpha": 0.45, "line_alpha": 0.0}
FRAME_STYLE = {"--frame": PLAYHEAD, "--frame-shade": "#000000b0"}
"""Of what marks a place on a picture, whatever the picture's colours."""

SERIES = (
    "#1f9e89",
    "#e0803a",
    "#6b7fd7",
    "#c9529b",
    "#a7a82f",
    "#3f9bd0",
    "#b0674f",
    "#8a949e",
)
"""Colours of people in a plot, apart from each other on bright and on dark ground."""

CONTRAST = (-80.0, 0.0)
"""Visible range at the start, dB below the clip's loudest value."""


def _palettes() -> dict[str, tuple[str, ...]]:
    from bokeh.palettes import Cividis256, Greys256, Inferno256, Magma256, Viridis256

    return {
        "Magma": Magma256,
        "Viridis": Viridis256,
        "Inferno": Inferno256,
        "Cividis": Cividis256,
        "Grey": Greys256,
        "Paper": Greys256[::-1],
    }


PALETTES = _palettes()

PANEL_CSS = (
    CSS
    + """
:host { background: var(--surface); border: 1px solid var(--line); border-radius: 8px;
        padding: 8px 10px; box-sizing: border-box; }
"""
)
"""A part of the dashboard: a quiet card."""

GRID_CSS = (
    CSS
    + f"""
:host {{ display: grid !important; gap: {GAP}px; grid-template-columns: minmax(0, 1fr);
        grid-template-areas: "table" "info" "player" "form"; align-items: start; }}
:host > .clip-table {{ grid-area: table; }}
:host > .info-card {{ grid-area: info; }}
:host > .player {{ grid-area: player; }}
:host > .review-form {{ grid-area: form; }}
:host > * {{ min-width: 0; width: auto !important; margin: 0 !important; }}
@container annotator (min-width: {WIDE}px) {{
  :host {{ grid-template-columns: minmax(330px, 27%) minmax(0, 1fr);
          grid-template-rows: auto auto 1fr;
          grid-template-areas: "table info" "table player" "table form"; }}
}}
"""
)
"""Table above the player, or beside it where there is room."""

MATERIAL: dict[str, Any] = {
    "light": {
        "palette": {
            "primary": {"main": "#00695c"},
            "background": {"default": "#f3f5f3", "paper": "#ffffff"},
        },
    },
    "dark": {
        "palette": {
            # A dark teal would be unreadable on a dark surface.
            "primary": {"main": "#4fc3b0", "contrastText": "#06231f"},
            "background": {"default": "#101413", "paper": "#191f1d"},
        },
    },
}
ON_HEADER = "#ffffff"
"""What is written on the bar at the top."""

_HEADER = {
    "light": {"backgroundColor": "#00594f !important", "color": "#fff !important"},
    "dark": {
        "backgroundColor": "#141a18 !important",
        "color": "#e6efec !important",
        "borderBottom": "1px solid #ffffff1f",
    },
}
for _name, _mode in MATERIAL.items():
    _mode["typography"] = {"fontSize": 13, "button": {"textTransform": "none"}}
    _mode["shape"] = {"borderRadius": 6}
    _mode["components"] = {
        # A slim header: the height belongs to the spectrogram.
        "MuiToolbar": {
            "styleOverrides": {"root": {"minHeight": "44px !important"}},
        },
        "MuiAppBar": {
            "defaultProps": {"elevation": 0},
            "styleOverrides": {"root": _HEADER[_name]},
        },
    }
