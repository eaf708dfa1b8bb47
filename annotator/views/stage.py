"""Where a view lives: brings work back to its page, from whatever thread.

A session may change in a worker thread, in another notebook cell or in another
page's callback. Bokeh models, though, may only be changed while their document's
lock is held. A `Stage` is made once by each dashboard, knows its document, which
may come later than the dashboard, and runs callbacks there. Long work (decoding,
storage) runs in threads and never holds the document's lock, so a page answers while
its next clip is read.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import panel as pn

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import param

__all__ = ["Stage"]

_log = logging.getLogger(__name__)
_POOL = ThreadPoolExecutor(max_workers=8, thread_name_prefix="annotator-view")


class Stage:
    """Runs callbacks in the document where it was made, or where it is shown."""

    def __init__(self) -> None:
        document = pn.state.curdoc
        self._document = document if _is_served(document) else None
        self._anchor: Any = None
        self._loop: asyncio.AbstractEventLoop | None = None
        if self._document is None:
            self._loop = _running_loop()  # a plain script has nothing to wait for
        self._watchers: list[tuple[Any, Any]] = []
        self.closed = False
        self._lock = threading.Lock()
        self._held: list[Callable[[], None]] | None = None
        if self._document is not None:
            self._document.on_session_destroyed(lambda _context: self.close())

    def stand_on(self, model: Any) -> None:
        """Name a Bokeh model of the view.

        A view that was made before its page, at the top of a script, runs its
        callbacks in the document that this model is put into.
        """
        self._anchor = model

    def run(self, callback: Callable[[], None]) -> None:
        """Run a callback in the view's document, now or at its next tick."""
        if self.closed or not threading.main_thread().is_alive():
            return  # the page is gone, or the program ends
        if self._is_kept(callback):
            return
        document: Any = self._document or getattr(self._anchor, "document", None)
        if _is_served(document):
            _soon(document, callback)
        elif self._loop is not None and self._loop.is_running():
            self._loop.call_soon_threadsafe(self._run_or_keep, callback)
        else:
            callback()

    def _run_or_keep(self, callback: Callable[[], None]) -> None:
        # A cell shows its view after this was asked for, and before its turn came.
        if not self._is_kept(callback):
            callback()

    def _is_kept(self, callback: Callable[[], None]) -> bool:
        """Keep a callback if the stage holds them back; whether it does."""
        with self._lock:
            if self._held is None:
                return False
            if callback not in self._held:
                self._held.append(callback)
            return True

    def hold(self) -> None:
        """Keep callbacks until `release`: a notebook loses what comes too early."""
        with self._lock:
            self._held = self._held or []

    def release(self) -> bool:
        """Run the kept callbacks, and others at once from now on; whether it held."""
        with self._lock:
            held, self._held = self._held, None
        for callback in held or ():
            self.run(callback)
        return held is not None

    def follow(
        self,
        source: param.Parameterized,
        names: Sequence[str],
        callback: Callable[[], None],
    ) -> None:
        """Call `callback()` on the stage whenever one of the Parameters changes."""
        watcher = source.param.watch(lambda *_: self.run(callback), list(names))
        self._watchers.append((source, watcher))

    def work(
        self,
        function: Callable[[], Any],
        then: Callable[[Any], None] | None = None,
        failed: Callable[[BaseException], None] | None = None,
    ) -> None:
        """Run a function in a thread, and one of two callbacks on the stage after.

        Parameters
        ----------
        function
            The long work.
        then, failed
            Get its result, or its exception. Without `failed` it is logged.
        """

        def arrived(future: Future[Any]) -> None:
            error = future.exception()
            if error is None:
                if then is not None:
                    self.run(lambda: then(future.result()))
            elif failed is not None:
                self.run(lambda: failed(error))
            else:
                _log.error("Work behind a view failed", exc_info=error)

        if self.closed or not threading.main_thread().is_alive():
            return
        # At the program's end the pool takes nothing more.
        with contextlib.suppress(RuntimeError):
            _POOL.submit(function).add_done_callback(arrived)

    def later(self, seconds: float, callback: Callable[[], None]) -> None:
        """Run a callback on the stage after a while."""
        timer = threading.Timer(seconds, lambda: self.run(callback))
        timer.daemon = True
        timer.start()

    def every(self, seconds: float, function: Callable[[], Any]) -> None:
        """Run a function in a thread again and again, as long as a served page lives."""
        if self._document is not None:
            self._document.add_periodic_callback(
                lambda: self.work(function), round(seconds * 1000)
            )

    def close(self) -> None:
        """Stop following; the page is gone."""
        self.closed = True
        for source, watcher in self._watchers:
            source.param.unwatch(watcher)
        self._watchers.clear()


def _soon(document: Any, callback: Callable[[], None]) -> None:
    """Run a callback with the document's lock, from whatever thread this is called.

    Bokeh says that any thread may ask for that. It may not: while a session begins, and
    while Panel sends what it held back, the wish is lost now and then (Bokeh 3.9, Panel
    1.9), and a page stands there without its first picture.

    All that the callback changes goes out in one message, and Panel's way. Panel keeps
    messages back while the way is taken, Bokeh does not: by itself it would tell news of
    models that Panel has still to send, and the browser would know nothing of them. Not
    before the page is there, though: Panel then forgets what it held, as if the browser
    had not got the document yet.
    """

    def together() -> None:
        with pn.io.hold(document) if pn.state.loaded else contextlib.nullcontext():
            callback()

    loop = _loop_of(document)
    if loop is None or loop is _running_loop() or not loop.is_running():
        document.add_next_tick_callback(together)
    else:
        # Without the loop nobody is there to see it.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(document.add_next_tick_callback, together)


def _loop_of(document: Any) -> asyncio.AbstractEventLoop | None:
    server = getattr(document.session_context, "server_context", None)
    application = getattr(server, "application_context", None)
    return getattr(getattr(application, "io_loop", None), "asyncio_loop", None)


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _is_served(document: Any) -> bool:
    return document is not None and document.session_context is not None
