"""The widgets of the dashboard, in the look that fits where it is shown.

Served pages use Material UI. Inside a notebook each Material widget would put
1.5 MB into the file, so plain Panel widgets stand there, with the same names,
labels and values. Views ask a `Kit` for "a button" and never know which.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import panel as pn

from annotator.views.steady import keep_steady

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Kit"]

_FIELD_CSS = """
:host { color: var(--ink, inherit); }
.bk-input-group > label { position: static !important; transform: none !important; padding: 0 !important;
        background: transparent !important; font-size: 12px !important; color: inherit; opacity: .72; }
.bk-spin-wrapper, .bk-input { height: 32px !important; min-height: 0 !important; border-radius: 6px !important; }
.bk-input { background-color: transparent !important; color: inherit !important; padding: 4px 8px !important;
        font-size: 13px !important; border: 1px solid var(--edge) !important; }
.bk-spin-btn { --color: var(--ink); }
.bk-input:focus { border-color: var(--accent) !important; box-shadow: none !important; outline: 1px solid var(--accent); }
"""

_PLAIN_CSS = (
    _FIELD_CSS
    + """
textarea.bk-input { height: auto !important; }
select.bk-input { padding-right: 24px !important;
        background: linear-gradient(45deg, transparent 50%, currentColor 50%) calc(100% - 13px) 13px / 5px 5px no-repeat,
                    linear-gradient(135deg, currentColor 50%, transparent 50%) calc(100% - 8px) 13px / 5px 5px no-repeat !important; }
select.bk-input option { background: var(--surface); color: var(--ink); }
.bk-btn { border-radius: 6px; font-size: 13px; line-height: 1.4; text-transform: none; padding: 4px 12px; height: 30px;
        box-shadow: none !important; }
.bk-btn.bk-btn-default { border: 1px solid var(--edge) !important; background: transparent !important; color: var(--ink) !important; }
.bk-btn.bk-btn-default:hover { background: var(--hover) !important; }
.bk-btn.bk-btn-primary { border: 1px solid transparent !important; background: var(--accent) !important; color: var(--on-accent) !important; }
.bk-btn.bk-btn-primary:hover { filter: brightness(1.08); }
.bk-btn:disabled, .bk-btn[disabled] { opacity: .4; }
.bk-btn:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
.bk-btn-group > .bk-btn:not(:last-child) { border-top-right-radius: 0; border-bottom-right-radius: 0; }
.bk-btn-group > .bk-btn:not(:first-child) { border-top-left-radius: 0; border-bottom-left-radius: 0; margin-left: -1px; }
.bk-btn-group > .bk-btn.bk-active { background: color-mix(in srgb, var(--accent) 16%, transparent) !important;
        color: var(--accent) !important; border-color: var(--accent) !important; z-index: 1; }
input[type=checkbox] { accent-color: var(--accent); }
.bk-slider-title { font-size: 12px; opacity: .72; }
.bk-slider-value { font-weight: 500; }
.noUi-target { background: var(--line) !important; border: 0; box-shadow: none; }
.noUi-connect { background: var(--accent) !important; }
.noUi-handle { background: var(--surface) !important; border: 1px solid var(--edge) !important; box-shadow: none !important; }
progress { accent-color: var(--accent); }
"""
)

_MATERIAL_BUTTON = {
    # Quiet: the outline of a button must not be louder than the spectrogram.
    "&.MuiButton-outlined": {"borderColor": "divider", "color": "text.primary"},
    # Material's own is white under white letters in the dark.
    "&.MuiButton-outlined:hover": {"backgroundColor": "action.hover"},
    "lineHeight": 1.6,
}


_CHUNK = 2_000_000  # bytes: a server refuses messages that are too long


class _Number(pn.widgets.FloatInput):
    """A number or nothing; Panel's own shows "NaN" for nothing, and stays there."""

    def _process_param_change(self, params: dict[str, Any]) -> dict[str, Any]:
        names = ("value", "value_throttled")
        nothing = [name for name in names if params.get(name, 0) is None]
        told: dict[str, Any] = super()._process_param_change(params)
        return {**told, **dict.fromkeys(nothing)}


class Kit:
    """Makes widgets for one place.

    Parameters
    ----------
    material
        Material UI (served pages) or plain Panel widgets (notebooks).
    """

    def __init__(self, *, material: bool) -> None:
        self.material = material
        if material:
            import panel_material_ui as pmui

            self._w: Any = pmui
            self._common: dict[str, Any] = {"size": "small", "margin": (4, 4)}
        else:
            self._w = pn.widgets
            self._common = {"margin": (3, 4), "stylesheets": [_PLAIN_CSS]}

    def _make(self, kind: str, **params: Any) -> Any:
        cls = getattr(self._w, kind)
        params = {**self._common, **params}
        if "description" not in cls.param:
            params.pop("description", None)
        widget = cls(**params)
        return keep_steady(widget) if self.material else widget

    def button(self, label: str, *, primary: bool = False, **params: Any) -> Any:
        """Push button; `icon` is a Material icon name, shown where there is one."""
        icon = params.pop("icon", None)
        if self.material:
            look = dict(_MATERIAL_BUTTON)
            if "width" in params:
                look["minWidth"] = params["width"]
            params.update(icon=icon, sx=look)
            params.update(self.emphasis(on=primary))
        else:
            params.update(self.emphasis(on=primary))
        return self._make("Button", label=label, **params)

    def emphasis(self, *, on: bool) -> dict[str, str]:
        """Parameters of a button that is filled (the chosen one) or quiet."""
        if self.material:
            if on:
                return {"variant": "contained", "color": "primary"}
            return {"variant": "outlined", "color": "default"}
        return {"button_type": "primary" if on else "default"}

    def choice(
        self, label: str, options: Mapping[str, Any] | Sequence[str], **params: Any
    ) -> Any:
        """One of some options, folded."""
        return self._make("Select", label=label, options=options, **params)

    def several(self, label: str, options: Mapping[str, Any], **params: Any) -> Any:
        """Any number of a few options, all in sight."""
        return self._make(
            "CheckBoxGroup", label=label, options=options, inline=True, **params
        )

    def switcher(
        self, label: str, options: Mapping[str, Any] | Sequence[str], **params: Any
    ) -> Any:
        """One of a few options, all in sight."""
        if self.material:
            params["color"] = "primary"
        else:
            params["button_style"] = "outline"
        return self._make("RadioButtonGroup", options=options, **params)

    def search(self, label: str, options: Sequence[str], **params: Any) -> Any:
        """One of many options, or free text (`restrict=False`), found by typing."""
        # Material's own empties a free text on Enter and loses it on Tab.
        is_plain = not params.get("restrict", True)
        library: Any = pn.widgets if is_plain else self._w
        common = {"margin": (3, 4)} if is_plain else self._common
        widget = library.AutocompleteInput(
            label=label,
            options=list(options),
            **{
                **common,
                "case_sensitive": False,
                "search_strategy": "includes",
                "min_characters": 0,
                **params,
            },
        )
        is_material = self.material and not is_plain
        return keep_steady(widget) if is_material else widget

    def text(self, label: str, *, multiline: bool = False, **params: Any) -> Any:
        """Free text of one line, or several."""
        if multiline:
            params.setdefault("rows", 2)
            return self._make("TextAreaInput", label=label, **params)
        return self._make("TextInput", label=label, **params)

    def password(self, label: str, **params: Any) -> Any:
        """Text that is not shown."""
        widget = self._make("PasswordInput", label=label, **params)
        widget._log = _say_nothing  # Panel logs what is typed, letter by letter
        return widget

    def number(self, label: str, **params: Any) -> Any:
        """Field for a number or nothing."""
        # Material's own turns "nothing" into 0 when it is shown: a number nobody typed.
        params = {"margin": (4, 4), "stylesheets": [_FIELD_CSS], **params}
        return _Number(label=label, **params)

    def checkbox(self, label: str, **params: Any) -> Any:
        """Yes or no."""
        return self._make("Checkbox", label=label, **params)

    def upload(self, label: str, *, accept: str, largest: int, **params: Any) -> Any:
        """Button that sends a file of at most so many bytes, in parts; on pages only."""
        return self._make(
            "FileInput",
            label=label,
            accept=accept,
            max_file_size=largest,
            chunk_size=_CHUNK,
            **params,
        )

    def range(self, label: str, **params: Any) -> Any:
        """Two ends of a range."""
        return self._make("RangeSlider", label=label, **params)

    def progress(self, **params: Any) -> Any:
        """Bar from 0 to 100."""
        if self.material:
            return self._w.LinearProgress(variant="determinate", **params)
        return pn.indicators.Progress(max=100, **params)


def _say_nothing(*_args: Any, **_options: Any) -> None:
    """Stand in for a log."""
