"""Tables as bytes: what is written is what is read, by us and by others."""

from __future__ import annotations

import csv
import io
import json

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.annotations.cells import row_key
from annotator.annotations.parquet import ParquetFormat
from annotator.annotations.table import (
    CsvFormat,
    JsonLinesFormat,
    format_of,
    to_frame,
)
from annotator.errors import FormatError

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
CELLS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS
)
NAMES = st.lists(
    TEXTS.filter(lambda name: name and "\0" not in name),
    min_size=1,
    max_size=4,
    unique=True,
)


@st.composite
def tables(draw):
    names = draw(NAMES)
    rows = draw(
        st.lists(st.fixed_dictionaries(dict.fromkeys(names, CELLS)), max_size=6)
    )
    return names, rows


@pytest.mark.parametrize("fmt", [CsvFormat(), JsonLinesFormat(), ParquetFormat()])
def test_what_is_written_is_what_is_read(fmt):
    @given(tables())
    def check(table):
        names, rows = table

        found = fmt.read(fmt.render(names, rows))

        assert [row_key(row) for row in found.rows] == [row_key(row) for row in rows]
        assert not found.unfinished

    check()


@given(tables())
def test_csv_is_what_python_s_own_reader_reads(table):
    names, rows = table
    data = CsvFormat().render(names, rows).decode()

    header, *lines = csv.reader(io.StringIO(data, newline=""), strict=True)

    assert header == names
    assert lines == [
        ["" if row[name] is None else str(row[name]) for name in names] for row in rows
    ]


@given(tables())
def test_json_lines_are_what_json_reads(table):
    names, rows = table
    data = JsonLinesFormat().render(names, rows).decode()

    found = [json.loads(line) for line in data.split("\n") if line]

    assert found == rows


def test_csv_keeps_text_that_looks_like_something_else():
    data = b"id,code\n1234567890123456789,001\nNA,1e5\n"

    table = CsvFormat().read(data)

    assert table.rows == [
        {"id": "1234567890123456789", "code": "001"},
        {"id": "NA", "code": "1e5"},
    ]


@pytest.mark.parametrize(
    "data",
    [
        "clip_id,label\r\n1,Käuzchen\r\n".encode("utf-8-sig"),
        "clip_id;label\n1;Käuzchen\n".encode("cp1252"),
        "clip_id\tlabel\n1\tKäuzchen".encode(),
    ],
    ids=["BOM and CRLF", "semicolons in cp1252", "tabs, no last line end"],
)
def test_what_spreadsheets_make_of_a_csv_file_is_read(data):
    assert CsvFormat().read(data).rows == [{"clip_id": "1", "label": "Käuzchen"}]


def test_csv_with_ragged_lines_loses_no_cell():
    table = CsvFormat().read(b"a,b\n1\n1,2,3\n\n4,5\n")

    assert table.columns == ["a", "b", "column_3"]
    assert table.rows == [
        {"a": "1"},
        {"a": "1", "b": "2", "column_3": "3"},
        {"a": "4", "b": "5"},
    ]


def test_csv_with_a_column_twice_keeps_both():
    assert CsvFormat().read(b"a,a,\n1,2,3\n").rows == [
        {"a": "1", "a_2": "2", "column_3": "3"}
    ]


@pytest.mark.parametrize("torn", ['3,"two\nli', "3,x", '3,"a ""quoted"" \n,', "3"])
def test_csv_tells_an_unfinished_last_line(torn):
    table = CsvFormat().read(b'a,b\n1,"x\ny"\n' + torn.encode())

    assert table.unfinished == torn


def test_json_lines_pass_over_a_torn_last_line():
    table = JsonLinesFormat().read(b'{"a": 1}\n{"a": ')

    assert table.rows == [{"a": 1}]


@pytest.mark.parametrize(
    ("fmt", "data"),
    [
        (JsonLinesFormat(), b'{"a": \n{"a": 1}\n'),
        (JsonLinesFormat(), b"[1]\n"),
        (ParquetFormat(), b"PAR1 or not"),
    ],
)
def test_what_is_no_table_is_a_format_error(fmt, data):
    with pytest.raises(FormatError):
        fmt.read(data)


def test_parquet_columns_have_the_narrowest_type():
    rows = [
        {"n": 2**60 + 1, "f": 1, "yes": True, "mixed": 1, "huge": 2**64},
        {"n": None, "f": 0.5, "yes": None, "mixed": "a", "huge": 1},
    ]
    data = ParquetFormat().render(list(rows[0]), rows)

    frame = pd.read_parquet(io.BytesIO(data), dtype_backend="pyarrow")

    assert {name: str(dtype) for name, dtype in frame.dtypes.items()} == {
        "n": "int64[pyarrow]",
        "f": "double[pyarrow]",
        "yes": "bool[pyarrow]",
        "mixed": "string[pyarrow]",
        "huge": "string[pyarrow]",
    }
    assert frame["n"][0] == 2**60 + 1
    assert frame["huge"].tolist() == [str(2**64), "1"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.csv", CsvFormat),
        ("a.CSV", CsvFormat),
        ("a.parquet", ParquetFormat),
        ("a.pq", ParquetFormat),
        ("a.jsonl", JsonLinesFormat),
        ("a.txt", JsonLinesFormat),
        ("a", JsonLinesFormat),
    ],
)
def test_the_extension_chooses_the_format(name, kind):
    assert isinstance(format_of(name), kind)


@pytest.mark.parametrize(
    ("cells", "dtype"),
    [
        ([1, None], "float64"),
        ([2**53 + 1, None], "Int64"),
        ([2**63 + 1, None], "str"),
        ([10**30, 1], "str"),
        ([1, 2], "int64"),
        ([True, False], "bool"),
    ],
)
def test_frame_has_pandas_types_unless_they_lose_digits(cells, dtype):
    frame = to_frame(["n"], [{"n": cell} for cell in cells])

    assert str(frame["n"].dtype) == dtype
    assert [str(cell) for cell in frame["n"].dropna().astype(object)] == [
        str(float(cell)) if dtype == "float64" else str(cell)
        for cell in cells
        if cell is not None
    ]
