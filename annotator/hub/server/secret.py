"""The key that signs the pages' session ids: made once, readable by its owner only."""

from __future__ import annotations

import os
import secrets
import stat
import sys
import tempfile
from pathlib import Path

from annotator.errors import HubError

__all__ = ["SHORTEST", "signing_key"]

SHORTEST = 32
"""Characters of a key at least."""


def signing_key(path: Path) -> bytes:
    """Return the key in a file, which is made if it is not there.

    Several servers behind one proxy must have the same key: they share the file, or
    each has a copy of it.

    Parameters
    ----------
    path
        Its folder is made too.

    Raises
    ------
    HubError
        Others may read the file, or what it holds is too short.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        _make(path)
    if sys.platform != "win32" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        msg = f"Others may read the signing key {path}; say: chmod 600 {path}"
        raise HubError(msg)
    key = path.read_bytes().strip()
    if len(key) < SHORTEST:
        msg = (
            f"The signing key {path} has {len(key)} characters of at least {SHORTEST}; "
            "remove the file, and a new one is made."
        )
        raise HubError(msg)
    return key


def _make(path: Path) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w") as file:  # mkstemp makes it 0600
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(name, path)  # all of it or nothing, and never over another's
        except FileExistsError:
            return  # a second server was faster
    finally:
        Path(name).unlink()
