"""Addresses of the copies of an output."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

from annotator.annotations.table import format_of
from annotator.audio.backends.base import scheme_of
from annotator.audio.backends.local import local_path
from annotator.errors import ParameterError

__all__ = ["destination", "with_mark"]

_TABLES = {".csv", ".parquet", ".pq", ".jsonl", ".ndjson", ".json"}


def destination(output: Path, dest: str | Path, *, folder: bool = False) -> str:
    """Give the address of the copy, with the output's name behind a folder's.

    The copy of an output that is a `folder` gets the address itself, without
    "/" at its end; a bucket alone gets the output's name.

    Raises
    ------
    ParameterError
        It is the output itself, or has another format's extension.
    """
    text = str(dest)
    if folder:
        return _of_folder(output, text)
    if scheme_of(text) == "file":
        path = local_path(text)
        if text.endswith(("/", os.sep)) or path.is_dir():
            path = path / output.name
        if path.resolve() == output.resolve():
            msg = f"{path} is the output itself; sync to another place."
            raise ParameterError(msg)
        text = str(path.absolute())
    elif text.endswith("/") or "/" not in text.partition("://")[2]:
        text = f"{text.rstrip('/')}/{output.name}"
    suffix = PurePosixPath(text).suffix.lower()
    if suffix in _TABLES and type(format_of(text)) is not type(format_of(output)):
        msg = (
            f"The output is {output.name}, so it cannot be synced to a {suffix} "
            f"file; give an address that ends in {output.suffix}."
        )
        raise ParameterError(msg)
    return text


def _of_folder(output: Path, text: str) -> str:
    if scheme_of(text) != "file":
        plain = text.rstrip("/")
        return plain if "/" in plain.partition("://")[2] else f"{plain}/{output.name}"
    path = local_path(text).absolute()
    if path.is_file():
        msg = f"{path} is a file, but the output {output.name}/ is a folder."
        raise ParameterError(msg)
    if output.resolve() in (path.resolve(), *path.resolve().parents):
        msg = f"{path} is the output itself, or in it; sync to another place."
        raise ParameterError(msg)
    return str(path)


def with_mark(address: str, mark: str) -> str:
    """Put a mark before the extension of the file that an address names.

    Examples
    --------
    >>> with_mark("s3://bucket/reviews.csv", "old")
    's3://bucket/reviews.old.csv'
    """
    folder, slash, name = address.rpartition("/")
    if scheme_of(address) == "file":
        path = Path(address)
        folder, slash, name = str(path.parent), os.sep, path.name
    plain = PurePosixPath(name)
    return f"{folder}{slash}{plain.stem}.{mark}{plain.suffix}"
