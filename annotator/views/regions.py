"""The part of the form that is about what is marked: tool, numbers, list, questions.

It shows the session's regions and calls its methods; drawing them upon the picture is
`annotator.views.marks`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import panel as pn

from annotator.errors import ParameterError
from annotator.form.drawing import TOOLS
from annotator.form.spec import FormSpec
from annotator.views import theme
from annotator.views.box_list import BoxList
from annotator.views.escape import plain
from annotator.views.format import column_label
from annotator.views.questions import Questions

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from annotator.form.fields import Annotation, Bound
    from annotator.review.regions import RegionEditor
    from annotator.review.shapes import Region
    from annotator.views.kit import Kit
    from annotator.views.stage import Stage

__all__ = ["RegionPanel"]

_NAMES = {
    "time_select": "Time",
    "start_end_time_select": "Start and end",
    "bounding_box": "Box",
    "multibox": "Boxes",
    "fixed_duration": "Window",
}
_STEPS = {"start_time": 0.05, "end_time": 0.05}
_HINT_CSS = ".note { color: var(--muted); font-size: 12px; } .note b { color: var(--ink); font-weight: 600; }"


class RegionPanel(pn.viewable.Viewer):
    """Numbers, list and questions of one `annotation` of a form.

    Parameters
    ----------
    annotation
        The element.
    form
        Holds the sections that answers open.
    editor
        The session's regions.
    kit
        Makes the widgets.
    stage
        Where the view lives.
    add
        Marks the middle of what is in sight.
    """

    def __init__(
        self,
        annotation: Annotation,
        *,
        form: FormSpec,
        editor: RegionEditor,
        kit: Kit,
        stage: Stage,
        add: Callable[[], None],
    ) -> None:
        super().__init__()
        self._annotation, self._form, self._editor = annotation, form, editor
        self._key = ""  # the region that numbers and questions are about
        self._showing = False
        self._numbers = {
            bound.name: self._number(bound, kit) for bound in annotation.bounds
        }
        self._tool = kit.choice(
            "Tool",
            {_NAMES.get(tool, tool): tool for tool in annotation.tools},
            value=next(iter(annotation.tools), None),
            width=130,
            visible=len(annotation.tools) > 1,
        )
        self._tool.param.watch(self._on_tool, "value")
        self._window = kit.number(
            "Window (s)", width=100, step=annotation.window.step, format="0.00[000]"
        )
        self._window.param.watch(self._on_window, "value")
        self._add = kit.button(
            "Add box",
            description="Mark the middle of what is in sight (B)",
            css_classes=["add-region"],
        )
        self._add.on_click(lambda _event: add())
        self._list = BoxList(editor=editor, sizing_mode="stretch_width", margin=(2, 0))
        self._heading = pn.pane.HTML(
            "",
            stylesheets=[theme.CSS, _HINT_CSS],
            margin=(2, 6),
            sizing_mode="stretch_width",
        )
        own = FormSpec(elements=annotation.form, sections=form.sections)
        self._questions = Questions(own, kit=kit, changed=self._on_answer)
        self._view = pn.Column(
            pn.FlexBox(
                self._tool,
                *self._numbers.values(),
                self._window,
                self._add,
                align_items="end",
                margin=0,
                sizing_mode="stretch_width",
            ),
            self._list,
            *([self._heading, self._questions] if annotation.form else []),
            css_classes=["region-panel"],
            sizing_mode="stretch_width",
            margin=0,
            styles={"flex-basis": "100%"},
        )
        shown = ["active", "annotation", "regions", "tool", "window", "read_only"]
        stage.follow(editor, shown, self._show)
        self._show()

    def __panel__(self) -> Any:
        return self._view

    def start(self, row: Mapping[str, Any]) -> None:
        """Fill the texts between the questions from a clip's row."""
        self._questions.fill(row)

    def choose(self, number: int) -> bool:
        """Give the answer of a number key about the region in hand; whether it has one."""
        if not self._is_asked or not self._editor.active:
            return False
        return self._questions.choose(number)

    def _number(self, bound: Bound, kit: Kit) -> Any:
        is_time = bound.name.endswith("_time")
        label = bound.label
        if label == bound.name:
            label = f"{column_label(label)} ({'s' if is_time else 'Hz'})"
        widget = kit.number(
            label,
            step=_STEPS.get(bound.name, 50.0),
            # Two decimals are shown; the value has all of them.
            format="0.00",
            width=max(110, 8 * len(label) + 24),
            css_classes=[f"bound-{bound.name}"],
        )
        widget.param.watch(
            lambda event: self._on_number(bound.name, event.new), "value"
        )
        return widget

    @property
    def _is_asked(self) -> bool:
        return self._editor.annotation is self._annotation

    def _on_tool(self, event: Any) -> None:
        if not self._showing and self._is_asked and event.new:
            self._editor.choose_tool(event.new)

    def _on_window(self, event: Any) -> None:
        if not self._showing and self._is_asked and event.new is not None:
            self._editor.set_window(event.new)
        self._show()

    def _on_number(self, name: str, value: float | None) -> None:
        if self._showing or not self._is_asked:
            return
        try:
            if self._key:
                self._editor.change(self._key, **{name: value})
            elif value is not None:
                self._editor.add(**{name: value})
        except ParameterError:
            pass  # shown again as it was
        self._show()

    def _on_answer(self) -> None:
        region = self._region()
        if region is None:
            return
        for column, value in self._questions.values.items():
            if region.values.get(column) != value:
                self._editor.answer(self._key, column, value)

    def _region(self) -> Region | None:
        found = (region for region in self._editor.regions if region.key == self._key)
        return next(found, None)

    def _show(self) -> None:
        if not self._is_asked or self._showing:
            return
        editor = self._editor
        region = editor.current
        self._key = region.key if region else ""
        self._showing = True
        try:
            self._show_tool()
            for name, widget in self._numbers.items():
                widget.value = getattr(region, name) if region else None
                widget.visible = name in TOOLS.get(editor.tool, ())
            if self._annotation.form:
                self._questions.put(region.values if region else {})
                self._questions.visible = region is not None
                self._heading.object = self._title(region)
        finally:
            self._showing = False
        self._list.list_regions(self._annotation, self._form.sections)

    def _show_tool(self) -> None:
        editor = self._editor
        is_window = editor.tool == "fixed_duration"
        if editor.tool in self._annotation.tools:
            self._tool.value = editor.tool
        self._window.value = editor.window
        self._window.visible = is_window and self._annotation.window.editable
        self._add.label = "Add window" if is_window else "Add box"
        self._add.visible = editor.tool.endswith("box") or is_window
        self._list.visible = self._add.visible

    def _title(self, region: Region | None) -> str:
        if region is None:
            text = "Drag over the spectrogram to mark a sound."
            if self._editor.regions:
                text = "Click on a box to answer the questions about it."
            return f'<div class="note">{plain(text)}</div>'
        number = [r.key for r in self._editor.regions].index(region.key) + 1
        name = f"Box {number}" if self._editor.tool == "multibox" else "What is marked"
        return f'<div class="note"><b>{plain(name)}</b></div>'
