"""Visualizations of one's own: functions that return a matrix or a picture.

``fn(mono, sr, width)`` takes samples, float32 of shape (frames,), their rate in Hz and
the columns that will be seen. It returns a mapping:

``matrix``
    Shape (frequencies, times), row 0 the lowest. ``matrix_scale`` says what it holds:
    "linear" (power), "db", or None: dB where any value is negative.
``png_bytes``
    In place of a matrix: a picture, shown in its own colours.
``freq_min``, ``freq_max``
    Hz at the lower and the upper edge.
``freq_scale``
    "linear", "mel", "log", or a function (f, fmin, fmax) -> 0..1.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from annotator.errors import AnnotatorError, VisualizationError
from annotator.signal.analysis import frames_of
from annotator.signal.levels import power_to_db
from annotator.signal.scales import AMPLITUDE, SCALES, FrequencyScale, table_scale
from annotator.signal.spectrogram import Spectrogram

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from annotator.visualizations.settings import PictureSettings

__all__ = ["Custom", "matrix_in_db", "picture_from"]

Function = Callable[[Any, Any, int], Any]

_MAX_ROWS = 1024
_MAX_PIXELS = 50_000_000


@dataclass(frozen=True)
class Custom:
    """Draws with somebody's own function; see the module."""

    function: Function
    label: str

    def __call__(
        self,
        samples: NDArray[np.float32],
        sample_rate: float,
        settings: PictureSettings,
        *,
        start_time: float,
        span: tuple[float, float] | None,
    ) -> Spectrogram:
        """Draw; see `Visualization.draw`."""
        first, last = frames_of(span, start_time, sample_rate, len(samples))
        rate = int(sample_rate) if sample_rate == int(sample_rate) else sample_rate
        try:
            # A copy: the function may do with it what it likes.
            made = self.function(samples[first:last].copy(), rate, settings.width)
        except Exception as err:
            reason = f"{type(err).__name__}: {err}".removesuffix(": ")
            msg = f"The visualization '{self.label}' failed with {reason}"
            raise VisualizationError(msg) from err
        times = start_time + first / sample_rate, start_time + last / sample_rate
        try:
            picture = picture_from(
                made,
                times=times,
                dynamic_range=settings.dynamic_range,
                max_db=settings.max_db,
                size=(max(1, settings.width), _MAX_ROWS),
            )
        except AnnotatorError as err:
            msg = f"The visualization '{self.label}' gave no picture: {err}"
            raise VisualizationError(msg) from err
        return _crop(picture, settings.min_frequency, settings.max_frequency)


def picture_from(
    made: Any,
    *,
    times: tuple[float, float],
    dynamic_range: float = 100.0,
    max_db: float | None = None,
    size: tuple[int, int] | None = None,
) -> Spectrogram:
    """Make a picture of what a function returned.

    Parameters
    ----------
    made
        The mapping; see the module.
    times
        Seconds at the left and the right edge.
    dynamic_range, max_db
        dB from level 0 to 255, and of level 255.
    size
        Columns and rows at most: more are joined, of which the loudest is kept. None:
        as they are.

    Raises
    ------
    VisualizationError
        It is no such mapping.
    """
    if not isinstance(made, Mapping):
        given = "nothing" if made is None else _named(made)
        msg = f"it returned {given}; return a mapping with 'matrix' and its axis"
        raise VisualizationError(msg)
    scale, low, high = _axis(made)
    rgba = None
    if made.get("matrix") is not None:
        db = matrix_in_db(made["matrix"], made.get("matrix_scale"))
        db = db if size is None else _joined(db, size)
        max_db = float(db.max()) if max_db is None else max_db
        levels = (db - max_db) * (255.0 / dynamic_range) + 255.5
        data = np.clip(levels, 0.0, 255.0).astype(np.uint8)
    elif made.get("png_bytes") is not None:
        rgba = _decode(made["png_bytes"], size)
        data = rgba[:, :, :3].mean(axis=2).astype(np.uint8)
        max_db = 0.0
    else:
        msg = "the mapping has neither 'matrix' nor 'png_bytes'"
        raise VisualizationError(msg)
    return Spectrogram(
        data=np.ascontiguousarray(data),
        scale=scale,
        min_frequency=low,
        max_frequency=high,
        start_time=times[0],
        end_time=times[1],
        min_db=max_db - dynamic_range,
        max_db=max_db,
        rgba=rgba,
    )


def matrix_in_db(matrix: Any, matrix_scale: str | None) -> NDArray[np.float64]:
    """Return a matrix in dB, shape (frequencies, times); NaN becomes the quietest."""
    try:
        values = np.asarray(matrix)
        if np.iscomplexobj(values):
            msg = "'matrix' is complex; give its power, np.abs(matrix) ** 2"
            raise VisualizationError(msg)
        values = values.astype(np.float64)
    except (TypeError, ValueError) as err:
        msg = f"'matrix' holds no numbers but {_named(matrix)}"
        raise VisualizationError(msg) from err
    if values.ndim != 2 or values.size == 0:
        msg = f"'matrix' has the shape {values.shape}; give (frequencies, times)"
        raise VisualizationError(msg)
    if matrix_scale not in (None, "linear", "db"):
        msg = f"'matrix_scale' is {matrix_scale!r}; give 'linear', 'db' or None"
        raise VisualizationError(msg)
    if matrix_scale is None:
        matrix_scale = "db" if np.any(values < 0) else "linear"
    if matrix_scale == "linear":
        return power_to_db(np.nan_to_num(values, nan=0.0, posinf=1e30))
    finite = values[np.isfinite(values)]
    least, most = (finite.min(), finite.max()) if finite.size else (0.0, 0.0)
    return np.asarray(np.nan_to_num(values, nan=least, posinf=most, neginf=least))


def _axis(made: Mapping[str, Any]) -> tuple[FrequencyScale, float, float]:
    ends = []
    for key in ("freq_min", "freq_max"):
        value = made.get(key)
        try:
            ends.append(float(value))  # type: ignore[arg-type]
        except (TypeError, ValueError):
            msg = f"'{key}' is {_named(value)}; give a frequency in Hz"
            raise VisualizationError(msg) from None
    low, high = ends
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        msg = f"'freq_min' and 'freq_max' are {low:g} and {high:g}; let them rise"
        raise VisualizationError(msg)
    if made.get("quantity") == "amplitude":
        return AMPLITUDE, low, high
    named = made.get("freq_scale") or "linear"
    if callable(named):
        return _own_scale(named, low, high), low, high
    if named not in ("linear", "mel", "log"):
        msg = f"'freq_scale' is {named!r}; give 'linear', 'mel', 'log' or a function"
        raise VisualizationError(msg)
    if named == "log" and high <= 1:
        msg = f"'freq_max' is {high:g} Hz; on the log scale give more than 1 Hz"
        raise VisualizationError(msg)
    # Octaves have no bottom: the picture begins at 1 Hz at the lowest.
    return SCALES[named], max(low, 1.0) if named == "log" else low, high


def _own_scale(fn: Callable[..., float], low: float, high: float) -> FrequencyScale:
    try:
        return table_scale(fn, low, high)
    except AnnotatorError:
        raise
    except Exception as err:
        msg = f"'freq_scale' failed with {type(err).__name__}: {err}"
        raise VisualizationError(msg) from err


def _joined(values: NDArray[np.float64], size: tuple[int, int]) -> NDArray[np.float64]:
    """Let neighbours share a cell where there are too many; the loudest is kept."""
    for axis, most in ((1, size[0]), (0, size[1])):
        count = values.shape[axis]
        if count > most:
            starts = np.arange(most) * count // most
            values = np.maximum.reduceat(values, starts, axis=axis)
    return values


def _decode(png: Any, size: tuple[int, int] | None) -> NDArray[np.uint8]:
    from PIL import Image, UnidentifiedImageError

    if not isinstance(png, (bytes, bytearray, memoryview)):
        msg = f"'png_bytes' is {_named(png)}; give the bytes of a PNG file"
        raise VisualizationError(msg)
    try:
        with Image.open(io.BytesIO(png)) as image:
            width, height = image.size
            if width * height > _MAX_PIXELS:
                msg = f"'png_bytes' has {width} x {height} pixels; give fewer"
                raise VisualizationError(msg)
            wanted = (width, height)
            if size is not None:
                wanted = min(width, size[0]), min(height, size[1])
            coloured = image.convert("RGBA")
            if wanted != image.size:
                coloured = coloured.resize(wanted, Image.Resampling.BOX)
            return np.ascontiguousarray(np.asarray(coloured)[::-1])
    except (OSError, SyntaxError, ValueError, UnidentifiedImageError) as err:
        msg = "'png_bytes' cannot be read as a picture; give the bytes of a PNG file"
        raise VisualizationError(msg) from err


def _crop(
    picture: Spectrogram, low_hz: float | None, high_hz: float | None
) -> Spectrogram:
    """Keep the rows between two frequencies, where there are any."""
    if low_hz is None and high_hz is None:
        return picture
    bottom, rows = picture.bottom, picture.data.shape[0]
    row = (picture.top - bottom) / rows
    ends = (
        picture.min_frequency if low_hz is None else low_hz,
        picture.max_frequency if high_hz is None else high_hz,
    )
    low, high = ((picture.scale.position(ends) - bottom) / row).tolist()
    # A row is not kept for a rounding error's sake.
    first, last = max(0, math.floor(low + 1e-6)), min(rows, math.ceil(high - 1e-6))
    if first >= last:
        return picture
    edges = picture.scale.frequency([bottom + first * row, bottom + last * row])
    return replace(
        picture,
        data=np.ascontiguousarray(picture.data[first:last]),
        rgba=None if picture.rgba is None else picture.rgba[first:last].copy(),
        min_frequency=float(edges[0]),
        max_frequency=float(edges[1]),
    )


def _named(value: Any) -> str:
    return "missing" if value is None else f"a {type(value).__name__}"
