"""The copy of an output somewhere else: one file, or the files of a folder."""

from __future__ import annotations

import io
import logging
import time
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from annotator.annotations.partitions import is_part
from annotator.annotations.sync.destination import with_mark
from annotator.audio.backends.base import scheme_of
from annotator.errors import AccessDenied, Cancelled, Conflict, NotFound

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from concurrent.futures import Future

    from annotator.annotations.sync.watch import Watch
    from annotator.audio.backends.base import Backend, FileInfo

__all__ = ["Remote"]

logger = logging.getLogger(__name__)

AT_ONCE = 8

T = TypeVar("T")


class Remote:
    """What is at a destination. Its files are named as the output's parts are.

    Parameters
    ----------
    backend
        The store.
    target
        Address of the file, or of the folder without "/" at its end.
    folder
        Which of the two it is.
    watch
        Told of all transfers.
    """

    def __init__(
        self, backend: Backend, target: str, *, folder: bool, watch: Watch
    ) -> None:
        self._backend = backend
        self.target = target
        self._folder = folder
        self._watch = watch
        self._denied: AccessDenied | None = None

    def address(self, name: str) -> str:
        """Give the address of a file."""
        return f"{self.target}/{name}" if self._folder else self.target

    def look(self) -> dict[str, FileInfo]:
        """List the files that are there, with their versions."""
        self._denied = None
        try:
            if not self._folder:
                return {"": self._backend.stat(self.target)}
            found = self._backend.list(self.target, recursive=True)
            named = {self._name(info.uri): info for info in found}
        except NotFound:
            return {}
        except AccessDenied as err:
            # So S3 answers about what is not there to those who may not list
            # the bucket. They may be allowed to write.
            self._denied = err
            return {}
        return {name: info for name, info in named.items() if is_part(name)}

    def _name(self, uri: str) -> str:
        if scheme_of(uri) == "file":
            return Path(uri).relative_to(self.target).as_posix()
        return uri.removeprefix(self.target).lstrip("/")

    def fetch(self, files: Mapping[str, FileInfo]) -> dict[str, bytes]:
        """Read these versions of some files; Conflict if one is another by now."""
        self._watch.expect(sum(info.size for info in files.values()))

        def fetch_one(name: str) -> bytes:
            content, version = io.BytesIO(), files[name].version
            try:
                self._backend.download(
                    self.address(name),
                    content,
                    version=version,
                    progress=self._watch.transfer(),
                )
            except NotFound as err:
                msg = f"{self.address(name)} was deleted by somebody else meanwhile."
                raise Conflict(msg) from err
            return content.getvalue()

        found: dict[str, bytes] = {}
        _in_threads(fetch_one, files, found.__setitem__, self._watch.stop)
        return found

    def write(
        self,
        contents: Mapping[str, bytes],
        conditions: Mapping[str, Mapping[str, Any]],
        then: Callable[[str, FileInfo], None],
    ) -> None:
        """Write some files, each on its condition.

        `then` is told of each that was written, also if another one fails.
        """
        self._watch.expect(sum(map(len, contents.values())))

        def write_one(name: str) -> FileInfo:
            return self._backend.write(
                contents[name],
                self.address(name),
                progress=self._watch.transfer(),
                **conditions[name],
            )

        try:
            _in_threads(write_one, contents, then, self._watch.stop)
        except Conflict:
            if self._denied is not None:
                raise self._denied from None
            raise

    def keep_beside(self, names: Iterable[str]) -> str:
        """Copy files to other names, on the server; give the address of the copies."""
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        for extra in ("", "-2", "-3", "-4", "-5"):
            beside = with_mark(self.target, f"replaced-{stamp}{extra}")
            try:
                for name in names:
                    copy = f"{beside}/{name}" if self._folder else beside
                    self._backend.copy(self.address(name), copy)
            except Conflict:
                continue  # another sync of this second
            except NotFound as err:
                msg = f"{self.target} was deleted by somebody else meanwhile."
                raise Conflict(msg) from err
            logger.info("What was at %s is kept as %s", self.target, beside)
            return beside
        msg = f"What is at {self.target} could not be kept beside it; sync again."
        raise Conflict(msg)


def _in_threads(
    task: Callable[[str], T],
    names: Iterable[str],
    then: Callable[[str, T], None],
    stop: Callable[[], None],
) -> None:
    """Do a task for each name, some at once; after a failure begin no other.

    If a person interrupts it, `stop` is called to end those under way.
    """
    names = list(names)
    if len(names) == 1:  # the usual case needs no thread
        then(names[0], task(names[0]))
        return
    failures: list[BaseException] = []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        futures: dict[Future[T], str] = {
            pool.submit(task, name): name for name in names
        }
        try:
            wait(futures, return_when=FIRST_EXCEPTION)
        except BaseException:
            stop()
            raise
        finally:
            pool.shutdown(cancel_futures=True)
        for future, name in futures.items():
            if future.cancelled():
                continue
            if (failure := future.exception()) is None:
                then(name, future.result())
            else:
                failures.append(failure)
    # A wish to stop counts more than what else went wrong.
    for failure in sorted(failures, key=lambda f: not isinstance(f, Cancelled)):
        raise failure
