"""Keep Material widgets as Python set them, however fast it sets them.

A Material widget sends back each value that it was given, once it is drawn. If
Python has set another one meanwhile, the old one comes back and wins: a button
stays asleep, an answer of the clip before stands in the next one's form
(Panel 1.9, `useState` in models/react_component.ts). Such echoes are told from what
a person did, and answered with what Python set last.
"""

from __future__ import annotations

import time
from collections import deque
from typing import Any

__all__ = ["keep_steady"]

_LOOK = frozenset({"color", "disabled", "label", "options", "variant", "visible"})
"""What only Python changes."""

_ECHO = 0.5
"""Seconds in which a value that Python set comes back, but a person hardly would."""


def keep_steady(widget: Any) -> Any:
    """Make a Material widget deaf to its own echoes; return it.

    Parameters
    ----------
    widget
        Just made, and shown nowhere yet.
    """
    given: deque[tuple[float, str, Any]] = deque(maxlen=40)
    take_in = widget._process_events
    is_echo = _EchoTest(given)
    hearing = [False]

    def process_events(events: dict[str, Any]) -> None:
        told = widget._process_property_change(dict(events))
        echoes = [
            name
            for name, value in told.items()
            if name in widget.param
            and value != getattr(widget, name)
            and is_echo(name, value)
        ]
        hearing[0] = True
        try:
            take_in({k: v for k, v in events.items() if k not in echoes})
        finally:
            hearing[0] = False
        if echoes:
            widget.param.trigger(*echoes)

    def remember(*changes: Any) -> None:
        if not hearing[0]:
            now = time.monotonic()
            given.extend((now, change.name, change.new) for change in changes)

    names = [name for name in ("value", "value_input") if name in widget.param]
    if names:
        widget.param.watch(remember, names)
    widget._process_events = process_events
    return widget


class _EchoTest:
    """Tells whether the browser only repeats what it was given."""

    def __init__(self, given: deque[tuple[float, str, Any]]) -> None:
        self._given = given

    def __call__(self, name: str, value: Any) -> bool:
        if name in _LOOK:
            return True
        since = time.monotonic() - _ECHO
        return any(
            at > since and name == known and value == old
            for at, known, old in self._given
        )
