"""Panel's line to a notebook, made orderly: one thread at a time.

JupyterLab (from 4.4 on) runs the messages of each view in a thread of their own, a
"subshell", beside the kernel's main thread. A Bokeh document is not made for two
threads: a change that one makes is lost when the other takes a message in, and what
both send at once arrives in mixed parts.
"""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

from panel.io.notebook import JupyterCommJSBinary, JupyterCommManagerBinary

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["install"]


class _FromBrowser(JupyterCommJSBinary):
    """Handles the browser's messages in the kernel's main thread."""

    def _handle_open(self, comm: Any, msg: Any) -> None:
        self._comm = comm
        comm.on_msg(self._handle_msg)
        if self._on_open:
            _in_main_thread(lambda: self._on_open(msg))

    def _handle_msg(self, msg: Any) -> None:
        handle = super()._handle_msg
        _in_main_thread(lambda: handle(msg))


_loops: list[asyncio.AbstractEventLoop] = []


def _in_main_thread(function: Callable[[], None]) -> None:
    loop = _loops[-1] if _loops else None
    if (
        loop is None
        or not loop.is_running()
        or threading.current_thread() is threading.main_thread()
    ):
        function()
    else:
        loop.call_soon_threadsafe(function)


def install() -> None:
    """Do so for what is shown from now on; call it in a cell's thread."""
    try:
        _loops[:] = [asyncio.get_running_loop()]
    except RuntimeError:
        return  # no loop, no threads beside it
    # Panel names this manager anew for each view, so the choice is made inside it.
    JupyterCommManagerBinary.client_comm = _FromBrowser
