"""Parameters that only their owner sets, from any thread, in the right order.

State is changed under a lock; what others watch is set afterwards, outside of it,
so that a watcher may take its time, call back, or wait for another thread. Only one
thread sets at a time; one that comes meanwhile leaves its news to that one.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import param

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Publisher"]


class Publisher(param.Parameterized):
    """Base of objects whose Parameters mirror a state kept under `_lock`."""

    __abstract = True

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)  # type: ignore[no-untyped-call]
        self._lock = threading.RLock()
        self._publishing: int | None = None
        self._has_news = False
        for name in self.param:
            # A copy of each Parameter of our own: `edit_constant` would unlock
            # the class's, and with it those of other sessions in other threads.
            self.param[name]

    def _state(self) -> Mapping[str, Any]:
        """Return what the Parameters shall be; called under the lock."""
        raise NotImplementedError

    def _publish(self) -> None:
        """Set the Parameters to the state; watchers run in this thread."""
        me = threading.get_ident()
        with self._lock:
            self._has_news = True
            if self._publishing not in (None, me):
                return
            outermost = self._publishing is None
            self._publishing = me
        try:
            while (news := self._news(outermost)) is not None:
                with param.edit_constant(self):
                    self.param.update(**news)
        except BaseException:
            if outermost:
                self._publishing = None
            raise

    def _news(self, outermost: bool) -> dict[str, Any] | None:
        """Return Parameters that are not up to date; None if all were looked at."""
        with self._lock:
            if not self._has_news:
                # In one step with the look, or another thread's news were lost.
                self._publishing = None if outermost else self._publishing
                return None
            self._has_news = False
            return {
                name: value
                for name, value in self._state().items()
                if not _same(getattr(self, name), value)
            }


def _same(shown: object, value: object) -> bool:
    if isinstance(value, bool | int | str | list):
        return bool(shown == value)
    return shown is value
