"""What the backends have in common: options, ranges, sources to write."""

from __future__ import annotations

import contextlib
import difflib
import io
import os
from typing import TYPE_CHECKING, Any, BinaryIO

from annotator.errors import AccessDenied, NotFound, ParameterError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

__all__ = ["check_options", "check_range", "open_source", "total_of"]


def check_options(store: str, known: Collection[str], given: Mapping[str, Any]) -> None:
    """Raise `ParameterError` for keywords that `store` does not take."""
    for name in given:
        if name in known:
            continue
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"Did you mean {near[0]!r}?" if near else _choices(known)
        msg = f"Unknown option {name!r} for {store}. {hint}"
        raise ParameterError(msg)


def _choices(known: Collection[str]) -> str:
    return f"It takes {', '.join(sorted(known))}." if known else "It takes none."


def check_range(start: int | None, end: int | None) -> None:
    """Raise `ParameterError` unless 0 <= start <= end, where they are given."""
    first = start or 0
    if first < 0 or (end is not None and end < first):
        msg = (
            f"Cannot read bytes {start} to {end}: give 0 <= start_byte <= end_byte "
            "(the end is included)."
        )
        raise ParameterError(msg)


def total_of(content_range: str) -> int | None:
    """Bytes of the whole file, as the header ``Content-Range`` tells.

    Examples
    --------
    >>> total_of("bytes 0-99/1234"), total_of("bytes */0"), total_of("bytes 0-9/*")
    (1234, 0, None)
    """
    total = content_range.rpartition("/")[2]
    return int(total) if total.isdecimal() else None


@contextlib.contextmanager
def open_source(source: bytes | Path) -> Iterator[tuple[BinaryIO, int]]:
    """Open what is to be written; gives the file and its size in bytes.

    Read no more than the size: an output file may grow meanwhile.
    """
    if isinstance(source, bytes):
        yield io.BytesIO(source), len(source)
        return
    try:
        file = source.open("rb")
    except FileNotFoundError as err:
        msg = f"There is no file {source} to copy from."
        raise NotFound(msg) from err
    except OSError as err:
        msg = f"Cannot read {source}: {err.strerror}; give a file you may read."
        raise AccessDenied(msg) from err
    with file:
        yield file, os.fstat(file.fileno()).st_size
