"""`FormSpec`: a form as declared, ready to be drawn, checked, and written as a row."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from annotator.config.load import Origin
from annotator.config.problems import Problems
from annotator.config.templates import expand_all
from annotator.form.cells import cell_of, initial_value
from annotator.form.context import Context
from annotator.form.fields import (
    Annotation,
    Buttons,
    Element,
    FixedValue,
    PassValue,
    Progress,
    ProgressSpec,
    Title,
)
from annotator.form.items import items_loader
from annotator.form.layout import read_layout
from annotator.form.marking import about_region, check_region, is_drawn
from annotator.form.rules import (
    check_values,
    columns_of,
    inputs_of,
    missing_labels,
    visible_elements,
)
from annotator.form.validate import validate_form

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from annotator.config.project import AnnotatorConfig
    from annotator.form.items import Loader

__all__ = ["FormSpec"]


@dataclass(frozen=True)
class FormSpec:
    """A form: its elements in drawing order, its hidden sections, its buttons."""

    elements: tuple[Element, ...] = ()
    sections: Mapping[str, tuple[Element, ...]] = field(default_factory=dict)
    buttons: Buttons = field(default_factory=Buttons)
    fixed: tuple[FixedValue, ...] = ()
    notes: tuple[str, ...] = ()  # worth knowing, but no error

    @classmethod
    def from_dict(
        cls,
        mapping: Mapping[str, Any] | None,
        *,
        loader: Loader | None = None,
        columns: Sequence[str] | None = None,
        fixed: Mapping[str, Any] | None = None,
        origin: Origin | None = None,
        now: datetime | None = None,
    ) -> FormSpec:
        """Read a form.

        Parameters
        ----------
        mapping
            The form as the YAML says it; it is not changed.
        loader
            Reads a file of items by its name, see `annotator.form.items`.
        columns
            Columns of the clips' table; None: not known, nothing is checked.
        fixed
            Column -> value, written into each annotation.
        origin
            Where the mapping was read, for the errors.
        now
            Time for placeholders such as ``[[%Y]]``; None: the present.

        Raises
        ------
        ConfigError
            Something is wrong; all of it is listed.
        """
        fixed = dict(fixed or {})
        filled = expand_all(
            mapping or {},
            now=now or datetime.now().astimezone(),
            values=fixed,
            columns=_Everything() if columns is None else columns,
        )
        names = None if columns is None else [str(column) for column in columns]
        context = Context(origin or Origin(), Problems(), loader, names)
        layout = read_layout(filled, context)
        own = {item.column for item in layout.fixed} - set(fixed)
        constants = [item for item in layout.fixed if item.column in own]
        constants += [FixedValue(f"fixed.{key}", key, fixed[key]) for key in fixed]
        spec = cls(
            layout.elements,
            layout.sections,
            layout.buttons,
            tuple(constants),
            tuple(validate_form(layout, constants, context)),
        )
        context.problems.raise_if_any()
        return spec

    @classmethod
    def from_config(
        cls, config: AnnotatorConfig, columns: Sequence[str] | None = None
    ) -> FormSpec:
        """Read the form of a configuration, with its files of items.

        Parameters
        ----------
        config
            The configuration.
        columns
            Columns of the clips' table; None: not known, nothing is checked.

        Raises
        ------
        ConfigError
            Something is wrong; all of it is listed.
        """
        return cls.from_dict(
            config.form_config,
            loader=items_loader(config.resolve_form_path),
            columns=columns,
            fixed=config.fixed,
            origin=config.form_origin,
        )

    @property
    def pass_values(self) -> tuple[tuple[str, str], ...]:
        """Pairs (source column, output column) that are always copied."""
        copies = (item for item in self._always() if isinstance(item, PassValue))
        return tuple((item.source_column, item.column) for item in copies)

    @property
    def title(self) -> str:
        """Text of the first title, or ""."""
        titles = (item.value for item in self._always() if isinstance(item, Title))
        return next(titles, "")

    @property
    def progress(self) -> ProgressSpec | None:
        """What the first progress line says, or None."""
        lines = (item.spec for item in self._always() if isinstance(item, Progress))
        return next(lines, None)

    @property
    def columns(self) -> list[str]:
        """Output columns: those of the sections, then the others, fixed ones last."""
        return list(
            dict.fromkeys(
                column for element in self._all() for column in columns_of(element)
            )
        )

    @property
    def marks(self) -> bool:
        """Whether it may ask to mark something in the clip."""
        return any(isinstance(item, Annotation) for item in self._all())

    def initial(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return what each question starts with, for a clip's row.

        Returns
        -------
        dict
            Column -> default, or the cell of the row that prefills it.
        """
        return {
            element.column: initial_value(element, row)
            for element in inputs_of(self._all())
        }

    def visible(self, values: Mapping[str, Any]) -> list[Element]:
        """Return the elements that show for these answers, in drawing order."""
        return visible_elements(self.elements, self.sections, values)

    def missing(self, values: Mapping[str, Any]) -> list[str]:
        """Return the labels of visible required questions without an answer."""
        return missing_labels(self.visible(values), values)

    def check(self, values: Mapping[str, Any]) -> list[str]:
        """Return a sentence for each answer that cannot be."""
        return check_values(self.visible(values), self.columns, values)

    def annotation(self, values: Mapping[str, Any]) -> Annotation | None:
        """Return what asks for regions, for these answers; None: nothing does."""
        shown = self.visible(values)
        return next((item for item in shown if isinstance(item, Annotation)), None)

    def check_regions(
        self, values: Mapping[str, Any], regions: Sequence[Any]
    ) -> list[str]:
        """Return a sentence for each region that cannot be, or that is not there.

        Parameters
        ----------
        values
            Column -> answer, without those about single regions.
        regions
            Pairs of a region (None: nothing was drawn) and all answers that go
            with it.
        """
        annotation = self.annotation(values)
        if annotation is None:
            return []
        drawn = [pair for pair in regions if is_drawn(pair[0])]
        if not drawn and annotation.tools[:1] == ("multibox",):
            return ["Mark at least one box."]
        return [
            f"Box {number}: {sentence}" if len(drawn) > 1 else sentence
            for number, (region, answers) in enumerate(drawn, 1)
            for sentence in check_region(annotation, self.sections, answers, region)
        ]

    def to_row(
        self,
        values: Mapping[str, Any],
        source_row: Mapping[str, Any],
        region: Any = None,
    ) -> dict[str, Any]:
        """Return the annotation for these answers, without id and provenance.

        Parameters
        ----------
        values
            Column -> answer.
        source_row
            The clip's row, for what is copied from it.
        region
            Mapping or object with start_time, end_time (s), min_frequency,
            max_frequency (Hz), any of them None; None: nothing was drawn.

        Returns
        -------
        dict
            Column -> cell, in the order of `columns`; "" where a question did
            not show.
        """
        row: dict[str, Any] = dict.fromkeys(self.columns, "")
        shown = [*self.buttons.elements, *self.visible(values), *self.fixed]
        for annotation in [e for e in shown if isinstance(e, Annotation)]:
            asked = about_region(annotation, self.sections, values)
            shown += [element for element in asked if element not in annotation.form]
        for element in self._in_rank(shown):
            row.update(cell_of(element, values, source_row, region))
        return row

    def _in_rank(self, shown: Sequence[Element]) -> Iterator[Element]:
        """Yield what always shows first, so that an opened section wins."""
        always = {element.key for element in self._always()}
        yield from (element for element in shown if element.key in always)
        yield from (element for element in shown if element.key not in always)

    def _always(self) -> Iterator[Element]:
        yield from self.elements
        yield from self.buttons.elements

    def _all(self) -> Iterator[Element]:
        for section in self.sections.values():
            yield from section
        yield from self._always()
        yield from self.fixed


class _Everything:
    """Contains any column: what the data has is not known."""

    def __contains__(self, item: object) -> bool:
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0
