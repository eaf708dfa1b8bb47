"""The questions of a form: a widget for each, in sight as the answers ask for it.

All widgets are made once. A section that an answer opens is shown or hidden,
never built, so nothing jumps but what must.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import panel as pn

from annotator.config.templates import fill
from annotator.views import theme
from annotator.views.escape import plain
from annotator.views.fields import FieldWidget, field_widget

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from annotator.form.fields import Annotation
    from annotator.form.spec import FormSpec
    from annotator.views.kit import Kit

__all__ = ["Questions"]

_INPUTS = {"select", "textbox", "checkbox", "number"}

_CSS = """
.text { white-space: pre-line; }
.line { border-top: 1px solid var(--line); margin: 4px 0; }
"""


class Questions(pn.viewable.Viewer):
    """The inputs of a form.

    Parameters
    ----------
    form
        What is asked.
    kit
        Makes the widgets.
    changed
        Called when a person changed an answer.
    annotate
        Makes the part that is about an `annotation`.
    """

    def __init__(
        self,
        form: FormSpec,
        *,
        kit: Kit,
        changed: Callable[[], None],
        annotate: Callable[[Annotation], Any] | None = None,
    ) -> None:
        super().__init__()
        self._form, self._kit, self._told = form, kit, changed
        self._annotate = annotate
        self._fields: dict[str, tuple[Any, FieldWidget]] = {}
        self._holders: dict[str, Any] = {}
        self._texts: list[tuple[Any, str]] = []
        self._loading = False
        self._view = pn.FlexBox(
            *self._draw(form.elements, seen=set()),
            align_items="end",
            sizing_mode="stretch_width",
            margin=0,
        )

    def __panel__(self) -> Any:
        return self._view

    @property
    def visible(self) -> bool:
        """Whether they are in sight."""
        return bool(self._view.visible)

    @visible.setter
    def visible(self, visible: bool) -> None:
        self._view.visible = visible

    @property
    def values(self) -> dict[str, Any]:
        """The answers by column."""
        # Two sections may ask for the same column: the one in sight counts.
        values: dict[str, Any] = {}
        for key, (element, field) in self._fields.items():
            if element.column not in values or self._holders[key].visible:
                values[element.column] = field.value
        return values

    def put(self, values: Mapping[str, Any]) -> None:
        """Show these answers; a field that holds its answer already is left alone."""
        self._loading = True
        try:
            for element, field in self._fields.values():
                value = values.get(element.column)
                if field.value != value:
                    field.value = value
        finally:
            self._loading = False
        self.refresh()

    def start(self, row: Mapping[str, Any]) -> None:
        """Put all answers at their start for a clip of the table."""
        values = self._form.initial(row)
        self._loading = True
        try:
            for element, field in self._fields.values():
                field.value = values.get(element.column)
        finally:
            self._loading = False
        self.fill(row)

    def fill(self, row: Mapping[str, Any]) -> None:
        """Fill the texts between the questions from a clip's row."""
        for pane, template in self._texts:
            pane.object = f'<div class="text">{plain(fill(template, row))}</div>'

    def choose(self, number: int) -> bool:
        """Give the answer of a number key to the first question that has one."""
        return self.visible and any(
            field.choose(number)
            for key, (_, field) in self._fields.items()
            if self._holders[key].visible
        )

    def refresh(self) -> None:
        """Show what the answers ask for, hide the rest."""
        visible = {element.key for element in self._form.visible(self.values)}
        for key, holder in self._holders.items():
            if holder.visible != (key in visible):
                holder.visible = key in visible

    def _changed(self) -> None:
        if not self._loading:
            self._told()

    def _draw(self, elements: Any, seen: set[str]) -> list[Any]:
        drawn: list[Any] = []
        for element in elements:
            holder = self._draw_one(element)
            if holder is not None:
                self._holders[element.key] = holder
                drawn.append(holder)
            for name in element.opens:
                if name not in seen and name in self._form.sections:
                    seen.add(name)
                    drawn += self._draw(self._form.sections[name], seen)
        return drawn

    def _draw_one(self, element: Any) -> Any:
        if element.kind in _INPUTS:
            field = field_widget(element, self._kit, self._changed)
            self._fields[element.key] = (element, field)
            return field.view
        if element.kind == "text":
            pane = _html(styles={"flex-basis": "100%"})
            self._texts.append((pane, element.value))
            return pane
        if element.kind == "annotation" and self._annotate is not None:
            return self._annotate(element)
        if element.kind == "line":
            return _html('<div class="line"></div>', styles={"flex-basis": "100%"})
        if element.kind == "break":
            return pn.Spacer(height=0, styles={"flex-basis": "100%"}, margin=0)
        return None


def _html(html: str = "", **params: Any) -> Any:
    return pn.pane.HTML(html, stylesheets=[theme.CSS, _CSS], margin=(2, 6), **params)
