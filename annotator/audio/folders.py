"""Writing a folder to any store: several files at a time, each whole or not at all."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from annotator.audio.backends.local import LocalBackend
from annotator.errors import Cancelled

if TYPE_CHECKING:
    from annotator.audio.backends.base import Backend, Progress

__all__ = ["write_folder"]

AT_ONCE = 8
"""Files that are written at the same time."""


def write_folder(
    folder: Path,
    dest: str,
    backend: Backend,
    *,
    overwrite: bool,
    progress: Progress | None,
) -> None:
    """Write all files beneath `folder` beneath `dest`, under the same names.

    Parameters
    ----------
    progress
        Called with bytes done and bytes in all, from other threads, but never
        by two of them at once. If it raises, or a file cannot be written, the
        files that have not arrived by then do not arrive.
    """
    found = LocalBackend().list(str(folder), recursive=True)
    files = {Path(info.uri): info.size for info in found}
    count = _Count(sum(files.values()), progress)

    def write_one(path: Path) -> None:
        target = f"{dest.rstrip('/')}/{path.relative_to(folder).as_posix()}"
        told = count.of_one_file()
        backend.write(path, target, create_only=not overwrite, progress=told)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        futures = [pool.submit(write_one, path) for path in files]
        try:
            for future in futures:
                future.result()
        except BaseException:
            count.stop()
            pool.shutdown(cancel_futures=True)
            raise


class _Count:
    """Adds up the progress of files that are written at the same time."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self._total, self._progress = total, progress
        self._done, self._stopped = 0, False
        self._lock = threading.Lock()

    def stop(self) -> None:
        """Let every file stop at its next piece."""
        self._stopped = True

    def of_one_file(self) -> Progress:
        """Return what the writing of one file is to call."""
        last = 0

        def tell(now: int, _size: int) -> None:
            nonlocal last
            with self._lock:
                if self._stopped:
                    msg = "Another file was stopped."
                    raise Cancelled(msg)
                self._done += now - last
                last = now
                if self._progress:
                    self._progress(self._done, self._total)

        return tell
