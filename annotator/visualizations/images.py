"""Pictures as PNG files and as figures of matplotlib."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from annotator._optional import require
from annotator.errors import ParameterError
from annotator.signal.scales import scale_ticks
from annotator.visualizations.custom import matrix_in_db, picture_from
from annotator.visualizations.pixels import cell_starts, loudest

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from annotator.signal.spectrogram import Spectrogram

__all__ = ["as_picture", "palette_named", "plot", "render_png"]

_PALETTES = (
    "magma",
    "viridis",
    "inferno",
    "plasma",
    "cividis",
    "turbo",
    "greys",
    "gray",
)


def palette_named(name: str) -> NDArray[np.uint8]:
    """Return a palette's colours, uint8, shape (256, 3), dark to bright."""
    if name not in _PALETTES:
        msg = f"There is no palette {name!r}; choose one of {_PALETTES}."
        raise ParameterError(msg)
    palettes = require("bokeh.palettes", why="for its colours")
    is_grey = name in ("greys", "gray")
    colours = getattr(palettes, "Greys256" if is_grey else f"{name.capitalize()}256")
    return np.array(
        [[int(colour[at : at + 2], 16) for at in (1, 3, 5)] for colour in colours],
        dtype=np.uint8,
    )


def render_png(
    S: ArrayLike | Mapping[str, Any],
    width: int = 2000,
    height: int = 500,
    matrix_scale: str | None = None,
    dynamic_range_db: float = 80,
    cmap: str = "magma",
) -> bytes:
    """Draw a matrix as a PNG file without axes.

    Parameters
    ----------
    S
        Shape (frequencies, times), row 0 the lowest, which is drawn at the bottom; or
        what a visualization returned.
    width, height
        Pixels. Where there are fewer than cells, the loudest cell shows.
    matrix_scale
        "linear" (power), "db", or None: dB where any value is negative.
    dynamic_range_db
        dB from the loudest value down to black.
    cmap
        magma, viridis, inferno, plasma, cividis, turbo or greys.

    Returns
    -------
    bytes
        The file.
    """
    from PIL import Image

    if not (width >= 1 and height >= 1 and dynamic_range_db > 0):
        msg = (
            f"width={width}, height={height} and dynamic_range_db={dynamic_range_db} "
            "make no picture; give more than 0."
        )
        raise ParameterError(msg)
    matrix: Any = S
    if isinstance(S, Mapping):
        matrix, matrix_scale = S.get("matrix"), S.get("matrix_scale", matrix_scale)
    db = matrix_in_db(matrix, matrix_scale)
    shades = (db - db.max()) * (255.0 / dynamic_range_db) + 255.5
    levels = np.clip(shades, 0.0, 255.0).astype(np.uint8)
    for axis, pixels in ((0, height), (1, width)):
        cells = levels.shape[axis]
        levels = loudest(levels, cell_starts(0, cells, pixels, cells), axis)
    file = io.BytesIO()
    Image.fromarray(palette_named(cmap)[levels[::-1]]).save(file, "PNG")
    return file.getvalue()


def plot(
    viz_dict: Mapping[str, Any] | Spectrogram,
    cmap: str = "magma",
    dynamic_range_db: float = 80,
    figsize: tuple[float, float] = (12, 4),
    dpi: float = 100,
) -> tuple[Any, Any]:
    """Draw what a visualization returned as a figure of matplotlib, with its axes.

    Parameters
    ----------
    viz_dict
        The mapping, or a picture.
    cmap
        A colour map of matplotlib.
    dynamic_range_db
        dB from the loudest value down to black.
    figsize, dpi
        Inches, and dots per inch.

    Returns
    -------
    fig, ax
        The figure and its axes; the frequency axis is drawn as the picture's scale is.

    Raises
    ------
    MissingDependency
        matplotlib is not installed.
    """
    pyplot = require("matplotlib.pyplot", why="to plot")
    picture = as_picture(viz_dict, dynamic_range=dynamic_range_db)
    fig, ax = pyplot.subplots(figsize=figsize, dpi=dpi)
    extent = (picture.start_time, picture.end_time, picture.bottom, picture.top)
    ax.imshow(
        picture.data if picture.rgba is None else picture.rgba,
        origin="lower",
        aspect="auto",
        extent=extent,
        cmap=cmap,
        interpolation="nearest",
    )
    ticks = scale_ticks(picture.scale, picture.min_frequency, picture.max_frequency)
    ax.set_yticks([at for at, _ in ticks], [label for _, label in ticks])
    ax.set_xlabel("Time (s)")
    ax.set_ylabel("Frequency (kHz)" if picture.scale.is_frequency else "Amplitude")
    return fig, ax


def as_picture(
    viz: Mapping[str, Any] | Spectrogram, *, dynamic_range: float = 100.0
) -> Spectrogram:
    """Return a picture as it is, or the one that a mapping describes.

    Its time is 0 to ``duration``, or to 1 where the mapping has none.
    """
    if not isinstance(viz, Mapping):
        return viz
    times = 0.0, float(viz.get("duration") or 1.0)
    return picture_from(viz, times=times, dynamic_range=dynamic_range)
