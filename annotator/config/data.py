"""Section `data`: the table of clips to review."""

from __future__ import annotations

import re

import param

from annotator.config.load import is_address
from annotator.config.secrets import SecretsParameter
from annotator.config.source import SourceConfig

__all__ = ["DataConfig"]

_SQL = re.compile(r"\s*(select|with)\s+\S.*\bfrom\s+\S", re.IGNORECASE | re.DOTALL)
_TABLE_FILE = re.compile(r"\.(csv|tsv|parquet|jsonl|ndjson|json)\s*$", re.IGNORECASE)


class DataConfig(SourceConfig):
    """Where the table of clips comes from and which of its columns mean what.

    Give one of `path`, `uri`, `sql`, `api`, or `value` (a DataFrame, or a text
    whose kind is told by `source_type` or by its looks). A plain value instead
    of the section is the `value`.
    """

    SECTION = "data"
    IN_MEMORY = True
    KINDS = ("path", "uri", "sql", "api")

    api = param.String(default="", doc="Address of a web service that lists clips.")
    columns = param.List(
        default=[], item_type=str, doc="Columns shown in the clip table; empty: all."
    )
    duration = param.ClassSelector(
        class_=(str, int, float),
        default=None,
        allow_None=True,
        doc="Length of the clips: a column's name, or a number of seconds."
        " Wins over end_time.",
    )
    end_time = param.String(
        default="end_time",
        doc="Column of the clips' ends, seconds from the recording's start.",
    )
    index_column = param.String(
        default="",
        doc="Column that identifies a clip; empty: recording and times do.",
    )
    path = param.String(default="", doc="CSV, Parquet, JSON or JSONL file.")
    secrets = SecretsParameter(default=None, doc="Credentials for the table's place.")
    source_type: param.Selector[str | None] = param.Selector(
        default=None,
        objects=["path", "uri", "url", "sql", "api"],
        allow_None=True,
        doc="What kind of place `value` is; None: by its looks.",
    )
    sql = param.String(default="", doc="Query whose result is the table.")
    start_time = param.String(
        default="start_time",
        doc="Column of the clips' starts, seconds from the recording's start.",
    )
    uri = param.String(default="", doc="Address (https, s3, gs) of the table.")
    value = param.Parameter(default=None, doc="The table itself, a DataFrame.")

    @classmethod
    def detect(cls, text: str) -> str:
        """Tell an api, address, query or path apart; see the class.

        Examples
        --------
        >>> DataConfig.detect("my select few.csv"), DataConfig.detect("s3://b/a.csv")
        ('path', 'uri')
        """
        if text.lower().startswith("api::"):
            return "api"
        if is_address(text):
            return "uri"
        # "select from plots.csv" is a file; a query quotes its files.
        if _SQL.match(text) and not _TABLE_FILE.search(text):
            return "sql"
        return "path"
