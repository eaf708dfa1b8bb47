"""Who wants to hear when something was appended to a log of this process."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["listen", "tell"]

logger = logging.getLogger(__name__)

_listeners: dict[Path, list[Callable[[], None]]] = {}
_lock = threading.Lock()


def listen(log: Path, callback: Callable[[], None]) -> Callable[[], None]:
    """Have a function called whenever events were appended to a log.

    Parameters
    ----------
    log
        Path of the log.
    callback
        Must be quick: whoever submits waits for it.

    Returns
    -------
    Callable
        Call it to hear nothing any more.
    """
    with _lock:
        _listeners.setdefault(log, []).append(callback)

    def stop() -> None:
        with _lock:
            heard = _listeners.get(log, [])
            if callback in heard:
                heard.remove(callback)
            if not heard:
                _listeners.pop(log, None)

    return stop


def tell(log: Path) -> None:
    """Call those who listen to a log. Nothing that they do spoils a submit."""
    for callback in tuple(_listeners.get(log, ())):
        try:
            callback()
        except Exception:
            logger.exception("A listener to %s failed", log.name)
