"""Make a project's clips of a table that somebody loads, and say what is wrong with it.

A clip gets the name that `annotator.sources` gives it, so that what is reviewed in a
notebook, with the same table, is the same clip.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from annotator.annotations.cells import clean_row
from annotator.audio.io import read as read_bytes
from annotator.config.audio import AudioConfig
from annotator.errors import AnnotatorError, DataError, ParameterError, Refused
from annotator.hub import clip_rows
from annotator.sources.clips import ClipTable
from annotator.sources.columns import with_times
from annotator.sources.recordings import Recordings
from annotator.sources.table import parse_table

if TYPE_CHECKING:
    import pandas as pd

    from annotator.hub.places import Places

__all__ = [
    "LARGEST",
    "MOST_ROWS",
    "Columns",
    "Found",
    "clips_of",
    "guess_columns",
    "read_address",
    "read_upload",
]

LARGEST = 50_000_000
"""Bytes of a table at most."""

MOST_ROWS = 500_000
"""Rows of a table at most."""

_MOST_BYTES = 1_000_000_000  # of a Parquet file, unpacked
_MOST_PROBLEMS = 100
_RECORDINGS = ("recording", "audio", "file", "filename", "path", "uri", "url", "wav")
_STARTS = ("start_time", "start", "begin", "begin_time", "begin time (s)", "offset")
_ENDS = ("end_time", "end", "stop", "end time (s)")
_LENGTHS = ("duration", "length")


@dataclass(frozen=True)
class Columns:
    """Which columns of a table mean what; "" for none."""

    recording: str = ""
    start_time: str = ""
    end_time: str = ""
    duration: str = ""
    index: str = ""
    """Column that names the clips; "": recording and times do."""


@dataclass(frozen=True)
class Found:
    """What a table holds."""

    clips: list[dict[str, Any]]
    """As `store.clips.add` takes them."""
    problems: list[str] = field(default_factory=list)
    """One sentence for each of the first 100 rows that are no clips."""
    n_wrong: int = 0
    """Rows that are no clips."""


def read_upload(content: bytes, name: str) -> pd.DataFrame:
    """Read a table that was sent.

    Raises
    ------
    ParameterError
        It is too large.
    FormatError
        It is not what its name says.
    """
    if len(content) > LARGEST:
        msg = f"The table has more than {LARGEST // 1_000_000} MB; load it in parts."
        raise ParameterError(msg)
    name = PurePosixPath(name.replace("\\", "/")).name
    if name.lower().endswith(".parquet"):
        _check_parquet(content, name)
    frame = parse_table(content, name)
    if len(frame) > MOST_ROWS:
        msg = f"The table has more than {MOST_ROWS:,} rows; load it in parts."
        raise ParameterError(msg)
    return frame


def read_address(address: str, places: Places) -> pd.DataFrame:
    """Read a table from an address that members may name.

    Raises
    ------
    ParameterError
        The address may not be opened, or the table is too large.
    StorageError, FormatError
        It cannot be had, or is not what its name says.
    """
    place = places.check(address.strip())
    places.check_host(place)
    auth = {**places.auth, "max_download": LARGEST + 1}  # where parts are not sent
    content = read_bytes(place, start_byte=0, end_byte=LARGEST, **auth)
    name = place.partition("?")[0] if "://" in place else place
    return read_upload(bytes(content), name)  # type: ignore[arg-type]


def guess_columns(frame: pd.DataFrame) -> Columns:
    """Guess by their names which columns mean what."""
    names = {str(column).strip().lower(): str(column) for column in frame.columns}

    def first(known: tuple[str, ...]) -> str:
        return next((names[name] for name in known if name in names), "")

    end = first(_ENDS)
    return Columns(
        recording=first(_RECORDINGS),
        start_time=first(_STARTS),
        end_time=end,
        duration="" if end else first(_LENGTHS),
        index=first(("clip_id",)),
    )


def clips_of(frame: pd.DataFrame, columns: Columns, places: Places) -> Found:
    """Make clips of a table's rows.

    Parameters
    ----------
    frame
        The table.
    columns
        What its columns mean.
    places
        Which recordings may be named.

    Raises
    ------
    DataError
        Nothing can be made of the table; the message says why.
    """
    if not columns.recording or not columns.start_time:
        msg = "Say which columns hold the recording and the start time."
        raise DataError(msg)
    if not columns.end_time and not columns.duration:
        msg = "Say which column holds the end time, or the duration."
        raise DataError(msg)
    timed = with_times(
        frame,
        start_time=columns.start_time,
        end_time=columns.end_time or "end_time",
        duration=columns.duration or None,
    )
    audio = AudioConfig(column=columns.recording)
    table = ClipTable(timed, Recordings(audio), index_column=columns.index or None)
    found: list[dict[str, Any]] = []
    problems: list[str] = []
    allowed: dict[str, str] = {}  # recordings that were looked at, and what is wrong
    n_wrong = 0
    for position in range(len(table)):
        reason, row = _row(table, position, places, allowed)
        if reason:
            n_wrong += 1
            if len(problems) < _MOST_PROBLEMS:
                row_name = "" if reason.startswith("Row ") else f"Row {position + 1}: "
                problems.append(row_name + reason)
        else:
            found.append(row)
    return Found(found, problems, n_wrong)


def _row(
    table: ClipTable, position: int, places: Places, allowed: dict[str, str]
) -> tuple[str, dict[str, Any]]:
    """Return what is wrong with a row, "" for nothing, and its clip."""
    clip = table.clip(position)
    if clip.problem:
        return clip.problem, {}
    row = {
        "identity": clip.identity,
        "recording": clip.recording,
        "start_time": clip.start_time,
        "end_time": clip.end_time,
        "row": clean_row(clip.row),
    }
    if clip.recording not in allowed:
        allowed[clip.recording] = _wrong_place(clip.recording, places)
    if allowed[clip.recording]:
        return allowed[clip.recording], {}
    try:
        clip_rows.checked([row])
    except Refused as error:
        return error.problems[0][1], {}
    return "", row


def _wrong_place(recording: str, places: Places) -> str:
    try:
        places.check(recording)
    except AnnotatorError as error:
        return str(error)
    return ""


def _check_parquet(content: bytes, name: str) -> None:
    """Refuse a file that would grow far beyond its size."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        metadata = pq.ParquetFile(io.BytesIO(content)).metadata
    except (pa.ArrowException, OSError, ValueError):
        return  # the reader says what is wrong
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    size = sum(group.total_byte_size for group in groups)
    if metadata.num_rows > MOST_ROWS or size > _MOST_BYTES:
        msg = f"{name} holds too much; a table may have {MOST_ROWS:,} rows."
        raise ParameterError(msg)
