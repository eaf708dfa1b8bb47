"""Which file of an output that is a folder an annotation stands in.

`annotated_on=2026-11-21/part-a3f.parquet`: the day on which the annotation was
first made (UTC), and a mark of who made it. Both are read from its
annotation_id and from nothing else. So an annotation never changes its file,
whoever edits it, and two people seldom write the same one; a sync compares and
merges file by file. The day's folder is named as Hive does: pandas shows it as
one more column.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from annotator.annotations.events import Row

__all__ = ["DAY", "by_part", "is_part", "mark_of", "part_of"]

DAY = "annotated_on"
"""Name of the column that the folders' names make."""

_ID = re.compile(
    r"([0-9a-f]{8})-([0-9a-f]{4})-7([0-9a-f]{3})-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
)
_PART = re.compile(
    rf"{DAY}=(?:[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}|unknown)/part-[0-9a-f]{{3}}\.parquet"
)
_DAY_MS = 86_400_000
_EPOCH = dt.date(1970, 1, 1).toordinal()
_LAST_DAY = dt.date.max.toordinal() - _EPOCH


def mark_of(annotator: str) -> int:
    """Give the 12 bits that stand for a person in the ids made by them."""
    return zlib.crc32(annotator.encode()) & 0xFFF if annotator else 0


def part_of(annotation_id: str) -> str:
    """Name the file of an annotation, relative to the output's folder.

    Examples
    --------
    >>> part_of("019dd0c5-7c00-7a3f-8000-000000000001")
    'annotated_on=2026-04-27/part-a3f.parquet'
    >>> part_of("their own numbering: 12")
    'annotated_on=unknown/part-000.parquet'
    """
    found = _ID.fullmatch(annotation_id)
    day = int(found[1] + found[2], 16) // _DAY_MS if found else _LAST_DAY + 1
    if found is None or day > _LAST_DAY:
        return f"{DAY}=unknown/part-000.parquet"
    return f"{DAY}={_date(day)}/part-{found[3]}.parquet"


@functools.lru_cache(maxsize=4096)
def _date(day: int) -> str:
    return dt.date.fromordinal(_EPOCH + day).isoformat()


def is_part(name: str) -> bool:
    """Tell whether a file's name, relative to the folder, is one that we give."""
    return _PART.fullmatch(name) is not None


def by_part(rows: Mapping[str, Row]) -> dict[str, dict[str, Row]]:
    """Sort rows, given by id, into their files."""
    parts: dict[str, dict[str, Row]] = {}
    for key, row in rows.items():
        parts.setdefault(part_of(key), {})[key] = row
    return parts
