"""Pictures as elements of HoloViews, to overlay, compose and save."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from annotator._optional import require
from annotator.visualizations.images import as_picture

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from annotator.signal.spectrogram import Spectrogram

__all__ = ["to_holoviews"]

_MAX_ROWS = 1024


def to_holoviews(viz: Mapping[str, Any] | Spectrogram) -> Any:
    """Turn a picture into an `hv.Image` over Time (s) and Frequency (Hz).

    The axis is always in Hz, so that everything in seconds and Hz can be laid over it.
    Rows of another scale are put where their frequencies are: an `hv.QuadMesh` would
    keep them as they are, but draws a hundred times as many shapes, and an image is
    what HoloViews regrids, selects and links.

    Parameters
    ----------
    viz
        What a visualization returned or drew.

    Returns
    -------
    holoviews.Image
        Values in dB ("Level"); of a waveform over Amplitude. A picture with colours
        of its own becomes a `holoviews.RGB`.
    """
    hv = require("holoviews", why="to make figures")
    picture = as_picture(viz)
    time = hv.Dimension("Time", unit="s")
    if picture.scale.is_frequency:
        dimensions = [time, hv.Dimension("Frequency", unit="Hz")]
    else:
        dimensions = [time, hv.Dimension("Amplitude")]
    rows = _even_rows(picture)
    bounds = (
        picture.start_time,
        picture.min_frequency,
        picture.end_time,
        picture.max_frequency,
    )
    if picture.rgba is not None:
        coloured = picture.rgba[rows][::-1]
        return hv.RGB(coloured, bounds=bounds, kdims=dimensions)
    joined = _joined(picture.data, rows)
    step = (picture.max_db - picture.min_db) / 255
    levels = picture.min_db + joined.astype(np.float32) * np.float32(step)
    unit = picture.unit or None
    # HoloViews takes the uppermost row first.
    return hv.Image(
        levels[::-1],
        bounds=bounds,
        kdims=dimensions,
        vdims=[hv.Dimension("Level", unit=unit)],
    )


def _even_rows(picture: Spectrogram) -> NDArray[np.intp]:
    """Return the picture's row where each of rows even in Hz begins."""
    n_rows = picture.data.shape[0]
    if picture.scale.name in ("linear", "amplitude"):
        return np.arange(n_rows)
    edges = np.linspace(picture.min_frequency, picture.max_frequency, _MAX_ROWS + 1)
    share = (picture.scale.position(edges[:-1]) - picture.bottom) / (
        picture.top - picture.bottom
    )
    return np.asarray(np.clip(share * n_rows, 0, n_rows - 1), dtype=np.intp)


def _joined(data: NDArray[np.uint8], rows: NDArray[np.intp]) -> NDArray[np.uint8]:
    """Let each new row be the loudest of those that it covers."""
    return np.asarray(np.maximum.reduceat(data, rows, axis=0))
