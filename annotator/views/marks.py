"""The regions of the clip upon its picture: what the browser draws, and what it says.

The session's regions are in seconds and Hz. The browser places them on the picture's
axis; what it draws comes here in y coordinates of that axis and becomes Hz, exactly.
"""

from __future__ import annotations

import contextlib
from functools import partial
from typing import TYPE_CHECKING, Any

from annotator.errors import ParameterError
from annotator.form.fields import Select
from annotator.form.rules import inputs_of, is_empty
from annotator.review.shapes import Limits
from annotator.views.format import cell_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from annotator.form.fields import Annotation
    from annotator.review.prepare import PreparedClip
    from annotator.review.regions import RegionEditor
    from annotator.review.session import ReviewSession
    from annotator.review.shapes import Region
    from annotator.signal.spectrogram import Spectrogram
    from annotator.sources.clips import Clip
    from annotator.views.stage import Stage
    from annotator.views.surface import Surface

__all__ = ["Marks", "mark_label"]

_LONGEST = 24  # characters of a label
_UNNAMED = 20  # marks whose answers may be on their way
_SHOWN = (
    *("active", "annotation", "can_redo", "can_undo", "limits", "read_only"),
    *("regions", "tool", "visit", "window"),
)


class Marks:
    """Shows a session's regions on a surface, and takes what is drawn there.

    Parameters
    ----------
    session
        Whose regions.
    surface
        Where they are drawn.
    stage
        Where the view lives.
    """

    def __init__(
        self, session: ReviewSession, *, surface: Surface, stage: Stage
    ) -> None:
        self._session, self._surface, self._stage = session, surface, stage
        self._editor = session.regions
        self._picture: Spectrogram | None = None
        self._clip: Clip | None = None
        self._key = ""
        self._seq = self._adds = 0
        # Keys of what the browser drew last, by the number of its message.
        self._names: dict[str, str] = {}
        deeds: dict[str, Callable[[dict[str, Any]], Any]] = {
            "region-add": self._add,
            "region-change": self._change,
            "region-remove": lambda told: self._editor.remove(self._named(told)),
            "region-activate": lambda told: self._editor.activate(self._named(told)),
            "undo": lambda _told: self._editor.undo(),
            "redo": lambda _told: self._editor.redo(),
        }
        for kind, deed in deeds.items():
            surface.on(kind, partial(self._take, deed))
        stage.follow(self._editor, _SHOWN, self._draw)
        self._draw()

    def show_clip(self, prepared: PreparedClip, clip: Clip, key: str) -> None:
        """Draw upon this picture from now on; call it on the stage.

        Parameters
        ----------
        prepared
            What is seen.
        clip
            The clip under review, or another part of its recording, where nothing is
            marked.
        key
            What the picture's source calls it.
        """
        self._picture, self._clip, self._key = prepared.spectrogram, clip, key
        if self._is_under_review:
            start, end = prepared.start_time, prepared.end_time
            self._editor.limit(Limits(start, end, 0.0, prepared.sample_rate / 2))
        self._draw()

    def add_in_sight(self) -> None:
        """Have the browser mark the middle of what is in sight."""
        self._adds += 1
        self._draw()

    @property
    def _is_under_review(self) -> bool:
        clip = self._session.clip
        return clip is not None and (clip is self._clip or clip == self._clip)

    def _draw(self) -> None:
        editor, picture = self._editor, self._picture
        annotation, limits = editor.annotation, editor.limits or Limits()
        if annotation is None or picture is None or not self._is_under_review:
            self._surface.marks = {"seq": self._seq, "visit": editor.visit}
            return
        window = annotation.window
        is_window = editor.tool == "fixed_duration"
        rows = max(1, picture.data.shape[0])
        self._surface.marks = {
            "active": editor.active,
            "add": self._adds,
            "boxes": [
                {
                    "key": region.key,
                    **region.edges,
                    "label": mark_label(editor, annotation, number),
                }
                for number, region in enumerate(editor.regions)
            ],
            "can_redo": editor.can_redo,
            "can_undo": editor.can_undo,
            "clip": self._key,
            "length": editor.window,
            "names": self._names,
            "limits": [limits.start_time, min(limits.end_time, picture.end_time + 1)],
            "read_only": editor.read_only,
            "resizable": not is_window or window.editable,
            "row": (picture.top - picture.bottom) / rows,
            "seq": self._seq,
            "single": editor.tool != "multibox",
            "tool": editor.tool,
            "visit": editor.visit,
            "window": {"min": window.min, "max": window.max} if is_window else None,
        }

    def _take(
        self, deed: Callable[[dict[str, Any]], Any], told: Mapping[str, Any]
    ) -> None:
        """Do what a message says, unless it is about what is no more to be seen."""
        if isinstance(told.get("seq"), int):
            self._seq = max(self._seq, told["seq"])
        if told.get("visit") == self._editor.visit and self._is_under_review:
            # A picture of no size gives NaN.
            with contextlib.suppress(ParameterError):
                deed(dict(told))
        self._stage.run(self._draw)

    def _add(self, told: dict[str, Any]) -> None:
        edges = self._edges(told)
        limits = self._editor.limits or Limits()
        if self._editor.tool.endswith("box"):
            # A picture without frequencies marks them all.
            edges.setdefault("min_frequency", limits.min_frequency)
            edges.setdefault("max_frequency", limits.max_frequency)
        if self._editor.tool == "fixed_duration" and len(edges) == 2:
            # Around the same middle: how long it is may have changed meanwhile.
            middle = (edges["start_time"] + edges.pop("end_time")) / 2
            edges["start_time"] = middle - self._editor.window / 2
        region = self._editor.add(gesture=self._gesture(told), **edges)
        if region is not None:
            last = [*self._names.items(), (str(told.get("seq")), region.key)]
            self._names = dict(last[-_UNNAMED:])

    def _change(self, told: dict[str, Any]) -> None:
        edges, gesture = self._edges(told), self._gesture(told)
        self._editor.change(self._named(told), gesture=gesture, **edges)

    def _named(self, told: dict[str, Any]) -> str:
        """Return the key of what a message is about."""
        key = str(told.get("key", ""))
        return self._names.get(key.removeprefix("new-"), key)

    def _gesture(self, told: dict[str, Any]) -> Any:
        return (self._surface.name, told.get("gesture"))

    def _edges(self, told: dict[str, Any]) -> dict[str, float]:
        """Return the edges that a message moves, in s and Hz."""
        given = told.get("edges")
        given = given if isinstance(given, dict) else {}
        edges = {
            name: float(given[name])
            for name in ("start_time", "end_time")
            if isinstance(given.get(name), int | float)
        }
        picture = self._picture
        if picture is None or not picture.scale.is_frequency:
            return edges
        if told.get("scale") != picture.scale.name:
            return edges  # drawn on the picture before
        for name, y in (("min_frequency", "y0"), ("max_frequency", "y1")):
            if isinstance(given.get(y), int | float):
                edges[name] = self._hz(float(given[y]), picture)
        return edges

    def _hz(self, y: float, picture: Spectrogram) -> float:
        """Return the frequency at a height, the picture's own one at its edges."""
        height = picture.top - picture.bottom
        near = height * 1e-9
        if y <= picture.bottom + near:
            # A picture of all frequencies leaves out bin 0, which is no sound.
            is_all = 0 <= picture.bottom < height / picture.data.shape[0]
            return 0.0 if is_all else picture.min_frequency
        if y >= picture.top - near:
            return picture.max_frequency
        return float(picture.scale.frequency(y))


def mark_label(editor: RegionEditor, annotation: Annotation, number: int) -> str:
    """Return what stands at a region: its number, and the first answer about it."""
    region = editor.regions[number]
    answer = _first_answer(annotation, region)
    count = str(number + 1) if editor.tool == "multibox" else ""
    return " ".join(part for part in (count, answer) if part)


def _first_answer(annotation: Annotation, region: Region) -> str:
    for element in inputs_of(annotation.form):
        value = region.values.get(element.column)
        if is_empty(value) or isinstance(value, bool):
            continue
        option = element.option(value) if isinstance(element, Select) else None
        text = option.label if option else cell_text(value, element.column)
        return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    return ""
