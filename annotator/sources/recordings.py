"""Which recording a clip belongs to.

One file for all clips, or a column that names it, with a prefix and a suffix
around the name and a fallback where the cell is blank.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import numpy as np

from annotator.errors import ConfigError, DataError
from annotator.sources.identities import is_missing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

    from annotator.config.audio import AudioConfig

__all__ = ["Recordings"]

_ADDRESS = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]+)://")
_ABSOLUTE = re.compile(r"[/\\~]|[a-zA-Z]:[\\/]")


class Recordings:
    """Finds the recording of each clip.

    Parameters
    ----------
    audio
        The `audio` section of the configuration.
    resolve
        Turns a relative path into one that can be opened.
    """

    def __init__(self, audio: AudioConfig, resolve: Callable[[str], str] = str) -> None:
        kind, place = audio.source
        if kind in ("sql", "api"):
            msg = f"audio: {kind} is not supported yet; give a path or a column."
            raise ConfigError(msg)
        self.column: str | None = place if kind == "column" else None
        self._single: str = place if kind in ("path", "uri") else ""
        self._prefix: str = audio.prefix
        self._suffix: str = audio.suffix
        self._fallback: str = audio.fallback
        self._resolve = resolve

    def resolve(self, row: Mapping[str, object]) -> str:
        """Return the path or address of the recording of a row.

        Raises
        ------
        DataError
            The row names no recording and there is no fallback.
        """
        if self.column is None:
            name = self._single
        else:
            cell = row.get(self.column)
            blank = is_missing(cell)
            name = self._fallback if blank else self._around(str(cell).strip())
        if not name:
            raise DataError(self._nothing_named())
        return name if _ADDRESS.match(name) else self._resolve(name)

    def names(self, frame: pd.DataFrame) -> list[str]:
        """Return what a clip's identity says about its recording, for all rows.

        The column's cells as they stand; with one recording for all clips, its
        file name, which is the same on every machine.
        """
        if self.column is None or self.column not in frame.columns:
            return [PurePosixPath(self._single.replace("\\", "/")).name] * len(frame)
        cells = frame[self.column]
        blank = cells.isna().tolist()
        pairs = zip(cells.tolist(), blank, strict=True)
        return ["" if is_blank else str(cell) for cell, is_blank in pairs]

    def sharing(self, frame: pd.DataFrame, position: int) -> np.ndarray:
        """Return, as booleans, which rows name the same recording as one row."""
        if self.column is None or self.column not in frame.columns:
            return np.ones(len(frame), dtype=bool)
        cells = frame[self.column]
        cell = cells.iloc[position]
        blank: np.ndarray = cells.isna().to_numpy(copy=True)
        if blank[position] or cell == "":
            blank |= (cells == "").to_numpy(dtype=bool, na_value=False)
            return blank
        same: np.ndarray = (cells == cell).to_numpy(dtype=bool, na_value=False)
        return same

    def _around(self, name: str) -> str:
        """Put the prefix before and the suffix after a cell's text."""
        if self._prefix:
            name = self._prefixed(name)
        if not self._suffix:
            return name
        # ".flac" is an ending; anything else is a further part of the path.
        ending = self._suffix.startswith(".") and "/" not in self._suffix
        return name + self._suffix if ending else _join(name, self._suffix)

    def _prefixed(self, name: str) -> str:
        prefix_is_address = bool(_ADDRESS.match(self._prefix))
        address = _ADDRESS.match(name)
        if address:
            if prefix_is_address:
                return name
            return address[0] + _join(self._prefix, name[address.end() :])
        if _ABSOLUTE.match(name) and not prefix_is_address:
            return name
        return _join(self._prefix, name)

    def _nothing_named(self) -> str:
        if self.column is None:
            return (
                "No recording is configured: "
                "say audio: {path: ...} or audio: {column: ...}."
            )
        return (
            f"Column {self.column!r} names no recording for this clip: "
            "fill the cell, or give audio: {fallback: ...}."
        )


def _join(left: str, right: str) -> str:
    return (
        f"{left.rstrip('/')}/{right.lstrip('/')}" if left.strip("/") else left + right
    )
