"""Section `view`: how the review looks. Its keys may stand at the top level too."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import param

from annotator.config.base import Config, Given, split_selected
from annotator.config.problems import Problems, show
from annotator.visualizations.gallery import Gallery, gallery, problems_of

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ViewConfig"]


_WIDEST = 20_000  # pixels; a picture takes memory for each of them


class ViewConfig(Config):
    """Columns, sizes, texts and pictures of the dashboard."""

    SECTION = "view"

    audio_codec: param.Selector[str] = param.Selector(
        default="auto",
        objects=["auto", "int16", "vorbis"],
        doc="How sound is sent to the browser: as it is, or as Ogg Vorbis, a tenth of"
        " the bytes; auto: Vorbis to another machine.",
    )
    autoplay = param.Boolean(default=False, doc="Play each clip when it is shown.")
    bandwidth: param.Selector[str] = param.Selector(
        default="normal",
        objects=["normal", "low"],
        doc="low: pictures as WebP and sound as Vorbis, a sixth of the bytes, for a"
        " slow line; fine noise is smoothed.",
    )
    capture = param.ClassSelector(
        class_=(bool, str),
        default=True,
        doc="Show a button that saves the picture; a text is its label.",
    )
    capture_dir = param.String(default="", doc="Folder of the saved pictures.")
    capture_height = param.Integer(
        default=None,
        bounds=(1, None),
        allow_None=True,
        doc="Height of a saved picture in pixels; None: as on the screen.",
    )
    clip_table_height = param.Integer(
        default=175, bounds=(1, None), doc="Height of the clip table in pixels."
    )
    default_buffer = param.Number(
        default=3.0,
        bounds=(0, None),
        doc="Context shown before and after a clip, seconds.",
    )
    display_columns = param.List(
        default=[], item_type=str, doc="Columns of the clip table; empty: all."
    )
    duplicate_entries = param.Boolean(
        default=False, doc="Allow a clip to be reviewed more than once."
    )
    form_panel_height = param.Integer(
        default=175, bounds=(1, None), doc="Height of the form in pixels."
    )
    height = param.Integer(
        default=None,
        bounds=(1, None),
        allow_None=True,
        doc="Height of the whole in pixels; None: the sum of its parts.",
    )
    info_card_height = param.Integer(
        default=34, bounds=(1, None), doc="Height of the info card in pixels."
    )
    info_card_text = param.String(
        default="", doc="Text of the info card; [[column]] is filled in."
    )
    info_card_title = param.String(
        default="", doc="Heading of the info card; [[column]] is filled in."
    )
    partial_download = param.Boolean(
        default=True, doc="Fetch only the part of a remote recording that is needed."
    )
    player_height = param.Integer(
        default=260, bounds=(1, None), doc="Height of the spectrogram in pixels."
    )
    sort = param.String(default="", doc="Column that the clip table is sorted by.")
    sort_order: param.Selector[str] = param.Selector(
        default="asc", objects=["asc", "desc"], doc="Smallest or largest first."
    )
    spectrogram_resolution = param.List(
        default=[1000, 2000, 4000],
        doc="Widths of the spectrogram in pixels to choose from; the one marked"
        " selected:: is first shown, else the second.",
    )
    visualizations = param.List(
        default=["linear", "mel"],
        doc="Pictures to choose from: names, {name, label, ...options}, functions, or"
        " {fn, label}; the one marked selected:: is first shown, else the first.",
    )
    width = param.ClassSelector(
        class_=(str, int, float),
        default="100%",
        doc="Width of the whole: a number of pixels, or a CSS length.",
    )

    @property
    def capture_label(self) -> str | None:
        """Label of the capture button, or None where there is none."""
        if isinstance(self.capture, str):
            return self.capture or None
        return "Capture" if self.capture else None

    @property
    def resolutions(self) -> list[int]:
        """Widths to choose from, pixels, without marks."""
        return [int(item) for item in split_selected(self.spectrogram_resolution)[0]]

    @property
    def default_resolution(self) -> int:
        """Width first shown, pixels: the marked one, else the second or only one."""
        chosen = split_selected(self.spectrogram_resolution)[1]
        widths = self.resolutions
        return widths[min(1, len(widths) - 1) if chosen is None else chosen]

    @property
    def sort_descending(self) -> bool:
        """Whether the largest come first."""
        return bool(self.sort_order == "desc")

    @property
    def gallery(self) -> Gallery:
        """What pictures there are to choose from, and which is first shown."""
        return gallery(self.visualizations)

    def _coerce(self, name: str, value: Any) -> Any:
        if name == "sort_order" and isinstance(value, str):
            value = "desc" if re.match("desc", value, re.IGNORECASE) else value
            return "asc" if re.match("asc", str(value), re.IGNORECASE) else value
        is_list = isinstance(self.param[name], param.List)
        if is_list and (isinstance(value, (str, int, dict)) or callable(value)):
            return [value]
        if isinstance(self.param[name], param.Integer) and _is_whole(value):
            return int(value)
        return super()._coerce(name, value)

    def _check(self, given: Mapping[str, Given], problems: Problems) -> None:
        for width in split_selected(self.spectrogram_resolution)[0]:
            text = str(width).strip()
            is_width = text.isdecimal() and 1 <= int(text[:9]) <= _WIDEST
            if isinstance(width, bool) or not is_width:
                item = given["spectrogram_resolution"]
                problems.add(
                    f"'{item.key}' must hold whole numbers of pixels > 0 and "
                    f"<= {_WIDEST}, not {show(width)}",
                    item.where,
                )
        if not self.spectrogram_resolution:
            item = given["spectrogram_resolution"]
            problems.add(f"'{item.key}' must not be empty", item.where)
        for sentence in problems_of(self.visualizations):
            item = given["visualizations"]
            problems.add(f"'{item.key}' {sentence}", item.where)


def _is_whole(value: Any) -> bool:
    return isinstance(value, float) and value.is_integer()
