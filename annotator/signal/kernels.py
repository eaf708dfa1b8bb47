"""Load the transform once, in one thread.

SciPy is loaded when it is first needed, as it takes a while. Two threads that load
parts of it at the same time may find them half made (Python breaks the deadlock of
their import locks so); who works beside others calls `load_transform` first.
"""

from __future__ import annotations

import threading

__all__ = ["load_transform"]

_LOCK = threading.Lock()


def load_transform() -> None:
    """Load `scipy.fft`, and with it SciPy itself, while other threads wait."""
    with _LOCK:
        import scipy.fft  # noqa: F401
