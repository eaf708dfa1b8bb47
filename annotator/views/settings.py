"""How clips are looked at: a row that is always in sight, and a fold with the rest.

Palette and contrast go from the widget to the surface within the browser; from there
they come to the session, which remembers them. The others are set on the session's
`Look`, and the player draws anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import panel as pn

from annotator.review.look import WINDOW_LENGTHS
from annotator.signal.stft import WINDOWS
from annotator.views import theme
from annotator.views.zoom import ZoomBar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from annotator.review.look import Look
    from annotator.review.prepare import PreparedClip
    from annotator.views.kit import Kit
    from annotator.views.stage import Stage
    from annotator.views.surface import Surface
    from annotator.visualizations import Gallery

__all__ = ["SettingsView"]

_AUTO = "auto"
"""In place of None, which a list shows as if nothing were chosen."""
_OVERLAPS = {"Auto": _AUTO, "50 %": 0.5, "75 %": 0.75, "88 %": 0.875, "94 %": 0.9375}
_IN_BROWSER = ("auto_contrast", "contrast", "palette")
_TO_SURFACE = "surface.data.{name} = cb_obj.data ? cb_obj.data.value : cb_obj.value;"


class SettingsView(pn.viewable.Viewer):
    """The settings of one view; `row` is always in sight, `fold` on demand."""

    def __init__(
        self,
        look: Look,
        *,
        surface: Surface,
        visualizations: Gallery,
        resolutions: Sequence[int],
        kit: Kit,
        stage: Stage,
    ) -> None:
        super().__init__()
        self._look, self._surface, self._stage = look, surface, stage
        self._widgets: dict[str, Any] = {}
        self._scale: dict[str, float] = {}  # one of the widget's units, in the look's
        self._told: Any = None  # contrast, as the browser told it last
        self._bar = ZoomBar(surface=surface.name, unfolded=look.is_unfolded, margin=4)
        self._bar.param.watch(
            lambda event: look.param.update(is_unfolded=event.new), "unfolded"
        )
        kinds = {way.label: key for key, way in visualizations.items()}
        self.row = pn.FlexBox(
            self._bound("kind", kit.choice("Type", kinds, width=116)),
            self._bound(
                "buffer",
                _number(kit, "Buffer (s)", 84),
            ),
            self._in_browser("contrast", _contrast(kit)),
            self._bar,
            align_items="center",
            sizing_mode="stretch_width",
            margin=(2, 0, 0, 0),
        )
        self.fold = pn.FlexBox(
            *self._picture_widgets(kit, resolutions),
            *self._colour_widgets(kit),
            align_items="center",
            sizing_mode="stretch_width",
            margin=0,
            visible=look.is_unfolded,
            css_classes=["settings"],
        )
        self._view = pn.Column(
            self.row, self.fold, sizing_mode="stretch_width", margin=0
        )
        stage.follow(look, [*self._widgets, "is_unfolded"], self._show)
        surface.param.watch(self._from_browser, list(_IN_BROWSER))
        self._show()

    def __panel__(self) -> Any:
        return self._view

    def adapt(self, clip: PreparedClip) -> None:
        """Offer what a clip's recording has: its channels, windows in milliseconds."""
        rate = clip.sample_rate
        lengths = {"Auto": _AUTO} | {
            f"{n} ({1000 * n / rate:.3g} ms)": n for n in WINDOW_LENGTHS
        }
        channels = {"Mean": _AUTO} | {f"{k + 1}": k + 1 for k in range(clip.n_channels)}
        for name, options in (("n_fft", lengths), ("channel", channels)):
            self._offer(name, options)
        self._widgets["channel"].disabled = clip.n_channels == 1

    # What there is to set ------------------------------------------------------

    def _picture_widgets(self, kit: Kit, resolutions: Sequence[int]) -> list[Any]:
        lengths = {"Auto": _AUTO} | {str(n): n for n in WINDOW_LENGTHS}
        windows = {"Auto": _AUTO} | {name.capitalize(): name for name in WINDOWS}
        widths = {f"{n} px": n for n in sorted({*resolutions, self._look.width})}
        return [
            self._bound("n_fft", kit.choice("Window (samples)", lengths, width=152)),
            self._bound("overlap", kit.choice("Overlap", _OVERLAPS, width=92)),
            self._bound("window", kit.choice("Window shape", windows, width=118)),
            self._bound("width", kit.choice("Resolution", widths, width=112)),
            self._bound("channel", kit.choice("Channel", {"Mean": _AUTO}, width=96)),
            self._bound("min_frequency", _number(kit, "From (kHz)", 84), 1000.0),
            self._bound("max_frequency", _number(kit, "To (kHz)", 84), 1000.0),
        ]

    def _colour_widgets(self, kit: Kit) -> list[Any]:
        palette = kit.choice("Palette", list(theme.PALETTES), width=104)
        auto = kit.checkbox("Auto contrast")
        return [
            self._in_browser("palette", palette),
            self._in_browser("auto_contrast", auto),
        ]

    # How it is linked ------------------------------------------------------------

    def _bound(self, name: str, widget: Any, scale: float = 1.0) -> Any:
        self._widgets[name], self._scale[name] = widget, scale

        def on_value(event: Any) -> None:
            value = None if event.new == _AUTO else event.new
            if isinstance(value, float) and scale != 1:
                value *= scale
            if name == "buffer" and value is None:
                return
            try:
                setattr(self._look, name, value)
            except ValueError:  # out of its bounds: what counts is shown again
                self._stage.run(self._show)

        widget.param.watch(on_value, "value")
        return widget

    def _in_browser(self, name: str, widget: Any) -> Any:
        self._widgets[name], self._scale[name] = widget, 1.0
        code = _TO_SURFACE.format(name=name)
        if name == "contrast":
            code += "surface.data.auto_contrast = false;"
        widget.jscallback(value=code, args={"surface": self._surface})
        return widget

    def _from_browser(self, *events: Any) -> None:
        news = {event.name: _plain(event.new) for event in events}
        self._told = news.get("contrast", self._told)
        self._look.param.update(news)

    def _show(self) -> None:
        """Bring widgets and surface up to what the look says."""
        look = self._look
        self.fold.visible = self._bar.unfolded = look.is_unfolded
        for name, widget in self._widgets.items():
            value = self._value(name)
            self._offer(name, None)
            if name == "contrast" and value == self._told:
                continue  # a slider on its way would be thrown back
            if _plain(widget.value) != value:
                widget.value = value
        news = {name: getattr(look, name) for name in _IN_BROWSER}
        news["contrast"] = list(news["contrast"])
        changed = {k: v for k, v in news.items() if getattr(self._surface, k) != v}
        if changed:
            self._surface.param.update(changed)

    def _value(self, name: str) -> Any:
        """Return what is set, as the widget has it."""
        value = getattr(self._look, name)
        if value is None:
            return _AUTO if self._is_list(name) else None
        return value / self._scale[name] if self._scale[name] != 1 else value

    def _is_list(self, name: str) -> bool:
        return isinstance(getattr(self._widgets[name], "options", None), dict)

    def _offer(self, name: str, options: Mapping[str, Any] | None) -> None:
        """Let a widget offer options, and in any case what is set."""
        if not self._is_list(name):
            return
        widget, value = self._widgets[name], self._value(name)
        options = dict(widget.options if options is None else options)
        if value not in options.values():
            options[str(value)] = value
        if options != widget.options:
            widget.param.update(options=options, value=value)


def _number(kit: Kit, label: str, width: int) -> Any:
    return kit.number(label, start=0, step=0.5, width=width)


def _contrast(kit: Kit) -> Any:
    return kit.range(
        "Contrast (dB)",
        start=-100,
        end=0,
        step=1,
        value=theme.CONTRAST,
        width=150,
    )


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
