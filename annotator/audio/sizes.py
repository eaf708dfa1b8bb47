"""Sizes of files: as people write them, and how much is fetched whole at most."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from annotator.audio.backends.base import shown
from annotator.errors import ParameterError, StorageError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["check_download", "size_of"]

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kMGT]?)B?", re.IGNORECASE)


def size_of(variable: str, environment: Mapping[str, str], default: int) -> int:
    """Return the bytes that an environment variable names, as in ``20 GB``."""
    text = environment.get(variable, "").strip()
    if not text:
        return default
    match = _SIZE.fullmatch(text)
    if match is None:
        msg = f"{variable}={text!r} is no size; write for example 20 GB."
        raise ParameterError(msg)
    return int(float(match[1]) * 1000 ** " kmgt".index(match[2].lower() or " "))


def check_download(address: str, size: int, most: int | None) -> None:
    """Raise `StorageError` if a file is larger than may be fetched whole.

    Parameters
    ----------
    address
        Where the file lies.
    size
        Its bytes, as they are told or have come so far.
    most
        Bytes; None: any.
    """
    if most is not None and size > most:
        msg = (
            f"{shown(address)} would have to be fetched whole, which is done up to "
            f"{most / 1e6:,g} MB here; cut it into shorter files, or offer it as WAV or "
            "FLAC on a server that sends parts of files."
        )
        raise StorageError(msg)
