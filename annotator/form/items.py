"""The items of a select: written in the form, in a file, or a range of numbers."""

from __future__ import annotations

import csv
import functools
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import PurePosixPath
from typing import Any

from annotator.config.load import decode, parse_text, read_bytes
from annotator.config.templates import as_text, is_null
from annotator.errors import ConfigError, FormatError
from annotator.form.fields import Option

__all__ = [
    "CsvRows",
    "Loader",
    "items_loader",
    "label_of",
    "range_options",
    "read_options",
    "table_options",
]


class CsvRows(list[list[str]]):
    """Rows of a CSV file, of which the first may be a header."""

    def records(self, named: bool) -> list[Any]:
        """Return mappings if there is a header, else the rows.

        There is one if columns are `named` by the form, or if the first row says
        "value" or "label".
        """
        header = [cell.strip() for cell in self[0]] if self else []
        if not named and not {"value", "label"} & {cell.lower() for cell in header}:
            return list(self)
        return [dict(zip(header, row, strict=False)) for row in self[1:]]


Loader = Callable[[str], Any]
_SELECTED = "selected::"
_MAX_ITEMS = 10_000
_MAX_BYTES = 16 * 1_048_576
_OPTION_KEYS = {"label", "value", "form"}


def items_loader(resolve: Callable[[str], str], **auth: Any) -> Loader:
    """Return a function that reads a file of items.

    Parameters
    ----------
    resolve
        Finds the file, such as `AnnotatorConfig.resolve_form_path`.
    **auth
        Credentials, for addresses.
    """
    return functools.partial(_load, resolve=resolve, auth=auth)


def read_options(items: Iterable[Any]) -> tuple[list[Option], Any]:
    """Read items written in the form.

    Parameters
    ----------
    items
        Each a value, ``{label, value, form}`` or ``{value: label}``.

    Returns
    -------
    tuple
        The options without marks, and the value marked ``selected::`` or None.

    Raises
    ------
    ConfigError
        An item is none of these.
    """
    options: list[Option] = []
    default = None
    for item in items:
        option, marked = _option(item)
        options.append(option)
        if marked and default is None:
            default = option.value
    return options, default


def range_options(low: Any, high: Any, step: Any) -> list[Option]:
    """Count from `low` to `high`, both included; whole numbers stay whole."""
    try:
        start, end, by = (Decimal(str(number)) for number in (low, high, step))
        count = int((end - start) / by) + 1 if by > 0 else 0
    except (InvalidOperation, ValueError, OverflowError):
        count = 0
    if not 1 <= count <= _MAX_ITEMS:
        msg = (
            f"a range needs min <= max, step > 0 and at most {_MAX_ITEMS} numbers,"
            f" not min={low}, max={high}, step={step}"
        )
        raise ConfigError(msg)
    whole = all(isinstance(number, int) for number in (low, step))
    numbers = [start + by * index for index in range(count)]
    values = [int(number) if whole else float(number) for number in numbers]
    return [Option(value, str(value)) for value in values]


def table_options(
    content: Any, value: str | None = None, label: str | None = None
) -> list[Option]:
    """Read the options from what a loader returned.

    Parameters
    ----------
    content
        A DataFrame; a mapping column -> list; or a list of texts ("value,label"),
        rows or mappings.
    value, label
        Columns; None: the first, and the second or the value.

    Raises
    ------
    ConfigError
        A named column is not there, or the content is none of these.
    """
    if isinstance(content, CsvRows):
        content = content.records(named=value is not None or label is not None)
    rows = _rows(content)
    options: dict[Any, Option] = {}
    for row in rows:
        option = _row_option(row, value, label)
        if option is not None:
            options.setdefault((type(option.value), option.value), option)
    return list(options.values())


def _option(item: Any) -> tuple[Option, bool]:
    if isinstance(item, Mapping):
        if item and set(item) <= _OPTION_KEYS and set(item) != {"form"}:
            return _full_option(item)
        if len(item) == 1:
            ((value, label),) = item.items()
            return _marked(value, value if label is None else label, None)
        msg = "an item must be a text or number, {label, value, form} or {value: label}"
        raise ConfigError(msg)
    if isinstance(item, (list, tuple)) or item is None:
        msg = "an item must be a text or number, not empty and not a list"
        raise ConfigError(msg)
    return _marked(item, item, None)


def _full_option(item: Mapping[str, Any]) -> tuple[Option, bool]:
    value = item.get("value", item.get("label"))
    label = item.get("label", value)
    form = item.get("form")
    if form is not None and not isinstance(form, str):
        msg = "the 'form' of an item must be the name of a section"
        raise ConfigError(msg)
    if isinstance(value, (Mapping, list)) or isinstance(label, (Mapping, list)):
        msg = "the 'value' and 'label' of an item must be texts or numbers"
        raise ConfigError(msg)
    return _marked(value, label, form)


def _marked(value: Any, label: Any, form: str | None) -> tuple[Option, bool]:
    plain_value, in_value = _unmark(value)
    plain_label, in_label = _unmark(label)
    return Option(plain_value, label_of(plain_label), form), in_value or in_label


def _unmark(value: Any) -> tuple[Any, bool]:
    if isinstance(value, str) and value.startswith(_SELECTED):
        return value.removeprefix(_SELECTED).strip(), True
    return value, False


def label_of(value: Any) -> str:
    """Write a value for people: YAML takes an unquoted yes for true."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return as_text(value)


def _rows(content: Any) -> Iterable[Any]:
    if hasattr(content, "to_dict") and hasattr(content, "columns"):
        names = [str(name) for name in content.columns]
        frame = content.astype(object)
        return (
            dict(zip(names, row, strict=True))
            for row in frame.itertuples(index=False, name=None)
        )
    if isinstance(content, Mapping):
        lists = {str(key): value for key, value in content.items()}
        if lists and all(isinstance(value, list) for value in lists.values()):
            size = min(len(value) for value in lists.values())
            return ({key: lists[key][i] for key in lists} for i in range(size))
    elif isinstance(content, Iterable) and not isinstance(content, (str, bytes)):
        return content
    msg = "holds no list of items"
    raise ConfigError(msg)


def _row_option(row: Any, value: str | None, label: str | None) -> Option | None:
    if isinstance(row, str):
        first, _, second = row.partition(",")
        row = [first.strip(), second.strip() or None]
    if isinstance(row, Mapping):
        cells = _cells(row, value, label)
    elif isinstance(row, Sequence):
        cells = [*row, None, None][:2]
    else:
        cells = [row, None]
    cell = cells[0].item() if hasattr(cells[0], "item") else cells[0]
    if is_null(cell) or cell == "":
        return None
    text = cell if is_null(cells[1]) or cells[1] == "" else cells[1]
    return Option(cell, label_of(text))


def _cells(row: Mapping[str, Any], value: str | None, label: str | None) -> list[Any]:
    names = list(row)
    for name in (value, label):
        if name is not None and name not in row:
            msg = f"has no column '{name}', only {', '.join(map(str, names))}"
            raise ConfigError(msg)
    if value is None:
        value = "value" if "value" in names else names[0]
        if label is None:
            others = [name for name in names if name != value]
            label = "label" if "label" in names else next(iter(others), None)
    return [row[value], None if label is None else row[label]]


def _load(name: str, *, resolve: Callable[[str], str], auth: Mapping[str, Any]) -> Any:
    path = resolve(name)
    suffix = PurePosixPath(path.replace("\\", "/").partition("?")[0]).suffix.lower()
    content = read_bytes(path, auth, limit=_MAX_BYTES)
    if suffix == ".parquet":
        return _parquet(content, name)
    text = decode(content, name)
    return _parse(text, suffix, name)


def _parse(text: str, suffix: str, name: str) -> Any:
    if suffix in {".yaml", ".yml", ".json"}:
        return parse_text(text, name=name)[0]
    if suffix in {".jsonl", ".ndjson"}:
        try:
            return [json.loads(line) for line in text.splitlines() if line.strip()]
        except json.JSONDecodeError as err:
            msg = f"{name} must hold one JSON value in each line"
            raise FormatError(msg) from err
    if suffix == ".csv":
        return _csv_rows(text)
    return [line for line in text.splitlines() if line.strip()]


def _csv_rows(text: str) -> CsvRows:
    return CsvRows(row for row in csv.reader(io.StringIO(text, newline="")) if any(row))


def _parquet(content: bytes, name: str) -> Any:
    import pandas as pd

    try:
        return pd.read_parquet(io.BytesIO(content))
    except Exception as err:  # pyarrow has no common base
        msg = f"{name} is not a Parquet file"
        raise FormatError(msg) from err
