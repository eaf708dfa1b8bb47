"""One widget for each input of a form.

A `FieldWidget` is what the form needs to know of an input: what to draw, its
value, and how to set it. A new kind of field is a class here and a line in
`_WIDGETS`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import panel as pn

from annotator.form.fields import Checkbox, Number, Select, Textbox
from annotator.views import theme
from annotator.views.escape import plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from annotator.views.kit import Kit

__all__ = ["FieldWidget", "field_widget"]

BUTTONS_UP_TO = 5
"""A list of at most so many answers is drawn as buttons: one click, or one key."""

SEARCH_FROM = 25
"""A list of so many answers is searched by typing."""

_LABEL_CSS = (
    theme.CSS
    + ".label { font-size: 12px; color: var(--muted); margin-bottom: 1px; } .required { color: var(--bad); }"
)


class FieldWidget(Protocol):
    """An input on the screen."""

    view: Any

    @property
    def value(self) -> Any:
        """The answer, None where there is none."""

    @value.setter
    def value(self, value: Any) -> None: ...

    def choose(self, number: int) -> bool:
        """Take the answer of a number key; whether it has one."""


class _Plain:
    """A widget whose value is the answer."""

    def __init__(self, widget: Any, changed: Callable[[], None]) -> None:
        self.view = self.widget = widget
        widget.param.watch(lambda _event: changed(), "value")

    @property
    def value(self) -> Any:
        return self.widget.value

    @value.setter
    def value(self, value: Any) -> None:
        self.widget.value = value

    def choose(self, number: int) -> bool:
        return False


class _TextField(_Plain):
    def __init__(self, element: Textbox, kit: Kit, changed: Callable[[], None]) -> None:
        widget = kit.text(
            _label(element),
            multiline=element.multiline,
            width=_width(element.width, 220),
        )
        super().__init__(widget, changed)
        # Every keystroke counts, or Submit would stay asleep until the field is left.
        widget.param.watch(lambda _event: changed(), "value_input")

    @property
    def value(self) -> Any:
        return self.widget.value_input or self.widget.value or ""

    @value.setter
    def value(self, value: Any) -> None:
        text = "" if value is None else str(value)
        self.widget.param.update(value=text, value_input=text)


class _NumberField(_Plain):
    def __init__(self, element: Number, kit: Kit, changed: Callable[[], None]) -> None:
        # Without its range: the browser would put another number in the place of one
        # that is out of it. Submit says what is wrong.
        widget = kit.number(
            _label(element),
            step=element.step or 1,
            value=None,
            placeholder=str(element.placeholder or ""),
            width=max(_width(element.width, 80), 8 * len(element.label) + 50),
        )
        self._whole = all(
            float(x).is_integer() for x in (element.step or 1, element.default or 0)
        )
        super().__init__(widget, changed)

    @property
    def value(self) -> Any:
        value = self.widget.value
        if value is not None and self._whole and float(value).is_integer():
            return int(value)
        return value

    @value.setter
    def value(self, value: Any) -> None:
        self.widget.value = None if value in (None, "") else float(value)


class _CheckboxField(_Plain):
    """Holds the checked or the unchecked value, not a truth."""

    def __init__(
        self, element: Checkbox, kit: Kit, changed: Callable[[], None]
    ) -> None:
        self._element = element
        super().__init__(kit.checkbox(element.label, margin=(20, 8, 4, 8)), changed)

    @property
    def value(self) -> Any:
        element = self._element
        return element.checked_value if self.widget.value else element.unchecked_value

    @value.setter
    def value(self, value: Any) -> None:
        self.widget.value = self._element.is_checked(value)


class _ButtonsField:
    """A few answers as a row of buttons; the chosen one is filled."""

    def __init__(self, element: Select, kit: Kit, changed: Callable[[], None]) -> None:
        self._kit, self._changed, self._value = kit, changed, None
        self._options = [(option.value, option.label) for option in element.items]
        self._buttons = []
        for value, label in self._options:
            button = kit.button(
                str(label),
                css_classes=["answer"],
                margin=(0, 4, 0, 0),
            )
            button.on_click(lambda _event, value=value: self._toggle(value))
            self._buttons.append(button)
        self.view = pn.Column(
            _caption(element), pn.Row(*self._buttons, margin=0), margin=(4, 6)
        )

    @property
    def value(self) -> Any:
        return self._value

    @value.setter
    def value(self, value: Any) -> None:
        self._value = None if value == "" else value
        for (option, _), button in zip(self._options, self._buttons, strict=True):
            self._paint(
                button, chosen=self._value is not None and option == self._value
            )

    def choose(self, number: int) -> bool:
        if number > len(self._options):
            return False
        self.value = self._options[number - 1][0]
        self._changed()
        return True

    def _toggle(self, value: Any) -> None:
        self.value = None if value == self._value else value
        self._changed()

    def _paint(self, button: Any, *, chosen: bool) -> None:
        button.param.update(**self._kit.emphasis(on=chosen))


class _ListField(_Plain):
    """Many answers, folded."""

    NOTHING = "— select —"

    def __init__(self, element: Select, kit: Kit, changed: Callable[[], None]) -> None:
        # The index travels, not the value: a browser would round a 64-bit id.
        self._values = [None, *(option.value for option in element.items)]
        labels = [self.NOTHING, *(str(option.label) for option in element.items)]
        widget = kit.choice(
            _label(element),
            {_unique(label, labels[:k]): k for k, label in enumerate(labels)},
            value=0,
            width=_width(element.width, 220),
        )
        super().__init__(widget, changed)

    @property
    def value(self) -> Any:
        return self._values[self.widget.value or 0]

    @value.setter
    def value(self, value: Any) -> None:
        self.widget.value = self._values.index(value) if value in self._values else 0

    def choose(self, number: int) -> bool:
        if number >= len(self._values):
            return False
        self.widget.value = number
        return True


class _SearchField(_Plain):
    """Many answers, found by typing; free text where the form allows it."""

    def __init__(self, element: Select, kit: Kit, changed: Callable[[], None]) -> None:
        self._free = bool(element.custom_value)
        self._by_label = {str(o.label): o.value for o in element.items}
        self._by_value = {o.value: str(o.label) for o in element.items}
        widget = kit.search(
            _label(element),
            list(self._by_label),
            restrict=not self._free,
            placeholder="type to search",
            width=_width(element.width, 220),
        )
        super().__init__(widget, changed)

    @property
    def value(self) -> Any:
        text = self.widget.value
        if not text:
            return None
        return self._by_label.get(text, text if self._free else None)

    @value.setter
    def value(self, value: Any) -> None:
        empty = value is None or value == ""
        self.widget.value = "" if empty else self._by_value.get(value, str(value))


def field_widget(element: Any, kit: Kit, changed: Callable[[], None]) -> Any:
    """Make the widget of an input; `changed` is called when its value changes."""
    if isinstance(element, Select):
        return _select_widget(element, kit, changed)
    return _WIDGETS[type(element)](element, kit, changed)


def _select_widget(element: Select, kit: Kit, changed: Callable[[], None]) -> Any:
    labels = [str(option.label) for option in element.items]
    if element.custom_value or element.filter_box or len(labels) >= SEARCH_FROM:
        return _SearchField(element, kit, changed)
    if 0 < len(labels) <= BUTTONS_UP_TO and sum(map(len, labels)) <= 60:
        return _ButtonsField(element, kit, changed)
    return _ListField(element, kit, changed)


_WIDGETS: dict[type, Callable[..., Any]] = {
    Textbox: _TextField,
    Number: _NumberField,
    Checkbox: _CheckboxField,
}


def _caption(element: Any) -> Any:
    star = ' <span class="required">*</span>' if element.required else ""
    return pn.pane.HTML(
        f'<div class="label">{plain(element.label)}{star}</div>',
        stylesheets=[_LABEL_CSS],
        margin=0,
    )


def _label(element: Any) -> str:
    return f"{element.label} *" if element.required else str(element.label)


def _width(width: Any, default: int) -> int:
    try:
        return max(60, int(float(str(width).removesuffix("px"))))
    except ValueError:
        return default


def _unique(label: str, before: list[str]) -> str:
    n = before.count(label)
    return f"{label} ({n + 1})" if n else label
