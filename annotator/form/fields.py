"""The elements a form is made of.

Each has a `key`, its place in the YAML ("form.2"), unique and stable, and a
`kind`. Inputs also have the `column` they write, a `label`, and `required`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

__all__ = [
    "Annotation",
    "Bound",
    "Break",
    "Button",
    "Buttons",
    "Checkbox",
    "Element",
    "FixedValue",
    "Input",
    "Line",
    "Number",
    "Option",
    "PassValue",
    "Progress",
    "ProgressSpec",
    "Select",
    "Text",
    "Textbox",
    "Title",
    "Window",
]


@dataclass(frozen=True)
class Element:
    """Anything that stands in a form."""

    key: str
    kind: ClassVar[str] = ""

    @property
    def opens(self) -> tuple[str, ...]:
        """Names of the sections that its answers may open."""
        return ()


@dataclass(frozen=True)
class Title(Element):
    """A heading; may hold placeholders."""

    value: str
    kind: ClassVar[str] = "title"


@dataclass(frozen=True)
class ProgressSpec:
    """What the progress line says about accuracy.

    The share of annotations whose `accuracy_column` equals `accuracy_value`, or
    is a yes where that is None. No column: nothing is said.
    """

    accuracy_column: str | None = None
    accuracy_value: Any = None


@dataclass(frozen=True)
class Progress(Element):
    """The progress line."""

    spec: ProgressSpec
    kind: ClassVar[str] = "progress_tracker"


@dataclass(frozen=True)
class Text(Element):
    """A text; may hold placeholders and line ends."""

    value: str
    kind: ClassVar[str] = "text"


@dataclass(frozen=True)
class Line(Element):
    """A horizontal line."""

    kind: ClassVar[str] = "line"


@dataclass(frozen=True)
class Break(Element):
    """The end of a row of inputs."""

    kind: ClassVar[str] = "break"


@dataclass(frozen=True)
class PassValue(Element):
    """Copies a cell of the clip's row into the annotation."""

    source_column: str
    column: str
    kind: ClassVar[str] = "pass_value"


@dataclass(frozen=True)
class FixedValue(Element):
    """Writes the same value into each annotation."""

    column: str
    value: Any
    kind: ClassVar[str] = "fixed_value"


@dataclass(frozen=True)
class Option:
    """One item of a select; `form` is the section that it opens."""

    value: Any
    label: str
    form: str | None = None


@dataclass(frozen=True)
class Input(Element):
    """A question; the answer goes to `column`."""

    label: str
    column: str
    required: bool = False
    width: int | str | None = None  # pixels, or a CSS length
    source_value: str | None = None  # column of the clip's row that prefills it
    default: Any = None

    @property
    def empty(self) -> Any:
        """What stands in the annotation when nothing is answered."""
        return ""


@dataclass(frozen=True)
class Select(Input):
    """Choose one of `items`, or write another where `custom_value` is set."""

    items: tuple[Option, ...] = ()
    filter_box: bool = False
    custom_value: bool = False
    not_available: Option | None = None  # one of the items, the last
    kind: ClassVar[str] = "select"

    @property
    def opens(self) -> tuple[str, ...]:
        """Names of the sections that its items open."""
        return tuple(dict.fromkeys(item.form for item in self.items if item.form))

    def option(self, value: Any) -> Option | None:
        """Return the item of this value: the same, else one that reads the same."""
        for item in self.items:
            if type(item.value) is type(value) and item.value == value:
                return item
        for item in self.items:
            if item.value == value or str(item.value) == str(value):
                return item
        return None


@dataclass(frozen=True)
class Textbox(Input):
    """Write a text; several lines where `multiline` is set."""

    multiline: bool = False
    kind: ClassVar[str] = "textbox"


@dataclass(frozen=True)
class Checkbox(Input):
    """Yes or no; each may write its own value and open a section."""

    checked_value: Any = True
    unchecked_value: Any = False
    checked_form: str | None = None
    unchecked_form: str | None = None
    kind: ClassVar[str] = "checkbox"

    @property
    def opens(self) -> tuple[str, ...]:
        """Names of the sections that its states open."""
        forms = (self.checked_form, self.unchecked_form)
        return tuple(dict.fromkeys(name for name in forms if name))

    def is_checked(self, value: Any) -> bool:
        """Tell the state from the value written for it, or from True and False."""
        if value is None or value == "":
            return False
        if value == self.checked_value:
            return True
        return value is True and value != self.unchecked_value


@dataclass(frozen=True)
class Number(Input):
    """A number between `min` and `max`."""

    min: float | None = None
    max: float | None = None
    step: float | None = None
    placeholder: str = ""
    kind: ClassVar[str] = "number"

    @property
    def empty(self) -> Any:
        """An empty cell, not an empty text."""
        return None

    @property
    def value(self) -> float | None:
        """The number it starts with."""
        default: float | None = self.default
        return default


@dataclass(frozen=True)
class Bound:
    """One edge of a region: seconds or Hz, by its `name`."""

    name: str  # start_time, end_time, min_frequency or max_frequency
    label: str
    column: str
    source_value: str | None = None


@dataclass(frozen=True)
class Window:
    """How long the regions of the tool `fixed_duration` are, seconds."""

    length: float = 1.0
    editable: bool = True  # then from `min` to `max`, in steps of `step`
    min: float = 0.01
    max: float | None = None
    step: float = 0.1


@dataclass(frozen=True)
class Annotation(Element):
    """Regions drawn on the spectrogram: which tools, and the columns of the edges."""

    tools: tuple[str, ...]
    bounds: tuple[Bound, ...]
    form: tuple[Element, ...] = ()  # questions asked of each region
    window: Window = Window()
    kind: ClassVar[str] = "annotation"

    def bound(self, name: str) -> Bound | None:
        """Return the edge of that name, or None where it goes to no column."""
        return next((bound for bound in self.bounds if bound.name == name), None)


@dataclass(frozen=True)
class Button:
    """A button of the form; `icon` False leaves its sign out."""

    label: str
    icon: bool | str = True


@dataclass(frozen=True)
class Buttons:
    """The row below the form."""

    previous: Button | None = None
    next: Button | None = None
    submit: Button | None = None
    elements: tuple[Element, ...] = ()
