"""Which byte of a remote recording holds which sample: remembered on disk.

An anchor says that a frame (one sample of each channel) is coded from a byte
on. Readers of compressed recordings learn them as they go; kept by the file's
address and version, they spare the next session the search.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import struct
import threading
import zlib
from typing import TYPE_CHECKING

import numpy as np

from annotator.audio.atomic import part_file
from annotator.audio.cache import cache_folder

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import ArrayLike, NDArray

__all__ = ["MOST_ANCHORS", "MOST_FILES", "Anchors", "anchors_of"]

logger = logging.getLogger(__name__)

MOST_ANCHORS = 4096
"""For one recording: one in 20 s of a day; 64 kB on disk."""

MOST_FILES = 2000
"""Recordings remembered on disk: 130 MB at most."""

_MAGIC = b"anchors1"
_HEADER = struct.Struct("<8sIII")  # magic, checksum, bytes of the note, anchors
_SUFFIX = ".anchors"


class Anchors:
    """What is known of one version of one recording; safe between threads.

    Parameters
    ----------
    path
        File that keeps them; None: they live as long as this object.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._note = b""
        self._frames = np.empty(0, np.int64)
        self._places = np.empty(0, np.int64)
        self._is_saved = True
        if path is not None and (kept := _load(path)):
            self._note, self._frames, self._places = kept

    @property
    def note(self) -> bytes:
        """What a format's reader wants to remember beside; empty at first."""
        return self._note

    @note.setter
    def note(self, note: bytes) -> None:
        with self._lock:
            self._is_saved &= note == self._note
            self._note = note

    def points(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return frames and bytes, both ascending; int64, shape (anchors,)."""
        with self._lock:
            return self._frames, self._places

    def add(self, frames: ArrayLike, places: ArrayLike) -> None:
        """Remember that `frames` begin at the bytes `places`.

        Parameters
        ----------
        frames, places
            Integers, shape (anchors,). What was known of the same frame is
            replaced, and so is whatever contradicts the new ones in order.
        """
        with self._lock:
            new = np.asarray(frames, np.int64), np.asarray(places, np.int64)
            merged = _merged((self._frames, self._places), new)
            if not np.array_equal(merged[0], self._frames) or not np.array_equal(
                merged[1], self._places
            ):
                self._frames, self._places = merged
                self._is_saved = False

    def forget(self) -> None:
        """Drop all, here and on disk: they turned out to be wrong."""
        with self._lock:
            self._note = b""
            self._frames = self._places = np.empty(0, np.int64)
            self._is_saved = True
            if self._path is not None:
                with contextlib.suppress(OSError):
                    self._path.unlink(missing_ok=True)

    def save(self) -> None:
        """Write what is new to disk, together with what other processes wrote.

        A cache that cannot be written is no error; the search is made again.
        """
        with self._lock:
            if self._is_saved or self._path is None:
                return
            self._is_saved = True
            try:
                self._save(self._path)
            except OSError as err:
                logger.warning("Cannot keep anchors in %s: %s", self._path.parent, err)

    def _save(self, path: Path) -> None:
        from filelock import FileLock

        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # A few locks for all files, so that none needs clearing away.
        with FileLock(path.with_name(f"{path.name[:1]}.lock")):
            is_fresh = not path.exists()
            if (kept := _load(path)) and kept[0] == self._note:
                mine = self._frames, self._places
                self._frames, self._places = _merged(kept[1:], mine)
            body = (
                self._note
                + self._frames.astype("<i8").tobytes()
                + self._places.astype("<i8").tobytes()
            )
            header = _HEADER.pack(
                _MAGIC, zlib.crc32(body), len(self._note), len(self._frames)
            )
            # Not flushed to the disk: a crash may cost the anchors, and what
            # it tears is told by the checksum.
            with part_file(path) as (part, file):
                file.write(header + body)
                file.close()
                part.replace(path)
        if is_fresh:
            _make_room(path.parent)


def anchors_of(address: str, version: str | None) -> Anchors:
    """Return what is known of a version of a recording, perhaps nothing.

    Parameters
    ----------
    address
        Where the recording lies, with the server if the address lacks it.
    version
        As the store tells it; with None nothing is kept on disk.
    """
    if version is None:
        return Anchors()
    key = hashlib.sha256(f"{address}\0{version}".encode()).hexdigest()
    return Anchors(cache_folder() / "anchors" / f"{key}{_SUFFIX}")


_Points = tuple["NDArray[np.int64]", "NDArray[np.int64]"]


def _merged(old: _Points, new: _Points) -> _Points:
    """Join two sets of anchors, each in order; the new ones are right."""
    fresh, index = np.unique(new[0], return_index=True)
    fresh_places = new[1][index]
    if len(fresh) == 0:
        return old
    # An old one must lie between the bytes of the new ones around it.
    after = np.searchsorted(fresh, old[0])
    before = np.append(fresh_places, np.iinfo(np.int64).max)[after]
    behind = np.insert(fresh_places, 0, -1)[after]
    is_new = np.isin(old[0], fresh)
    kept = ~is_new & (behind < old[1]) & (old[1] < before)
    frames = np.concatenate([old[0][kept], fresh])
    places = np.concatenate([old[1][kept], fresh_places])
    order = np.argsort(frames)
    return _thinned(frames[order], places[order])


def _thinned(frames: NDArray[np.int64], places: NDArray[np.int64]) -> _Points:
    """Keep the first, the last and an even choice, where there are too many."""
    if len(frames) <= MOST_ANCHORS:
        return frames, places
    # To a half, so that it is done seldom.
    step = (frames[-1] - frames[0]) // (MOST_ANCHORS // 2) + 1
    is_kept = np.diff((frames - frames[0]) // step, prepend=-1) > 0
    is_kept[-1] = True
    return frames[is_kept], places[is_kept]


def _load(path: Path) -> tuple[bytes, NDArray[np.int64], NDArray[np.int64]] | None:
    try:
        data = path.read_bytes()
        os.utime(path)  # used now
    except OSError:
        return None
    if len(data) < _HEADER.size:
        return None
    magic, checksum, n_note, n_points = _HEADER.unpack_from(data)
    body = data[_HEADER.size :]
    if (
        magic != _MAGIC
        or len(body) != n_note + 16 * n_points
        or zlib.crc32(body) != checksum
    ):
        return None
    points = np.frombuffer(body, "<i8", offset=n_note).astype(np.int64)
    return body[:n_note], points[:n_points], points[n_points:]


def _make_room(folder: Path) -> None:
    """Remove the files not used for the longest time, where there are too many."""
    found = []
    for path in folder.glob(f"*{_SUFFIX}"):
        with contextlib.suppress(OSError):  # another process was quicker
            found.append((path.stat().st_mtime, path))
    for _, path in sorted(found)[: max(0, len(found) - MOST_FILES)]:
        with contextlib.suppress(OSError):
            path.unlink()
