"""Visualizations as plain functions: samples in, a mapping with a matrix out.

What they return is what `plot`, `to_holoviews` and a custom visualization take; so
they are also what to start from when writing one.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from annotator.errors import ParameterError
from annotator.signal.analysis import Analysis, make_plan
from annotator.signal.levels import power_to_db
from annotator.signal.stft import mono as as_mono
from annotator.signal.waveform import compute_waveform

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike

__all__ = [
    "REGISTRY",
    "bandpass",
    "log_frequency",
    "mel",
    "spectrogram",
    "waveform",
]

Picture = dict[str, Any]


def spectrogram(
    mono: ArrayLike, sr: float, width: int, fft: int = 512, hop: int | None = None
) -> Picture:
    """Compute a linear spectrogram.

    Parameters
    ----------
    mono
        Shape (frames,).
    sr
        Sample rate, Hz.
    width
        Columns, where `hop` does not say how many.
    fft
        Samples in a frame.
    hop
        Samples from one column to the next; None: ``len(mono) // width``. A column
        that is longer than half a frame holds the loudest of several.

    Returns
    -------
    dict
        ``matrix``: dB, float32, shape (frequencies, times), row 0 the lowest;
        ``matrix_scale``: "db"; ``freq_min``, ``freq_max``: Hz at its edges;
        ``freq_scale``: "linear"; ``duration``: seconds.
    """
    return _picture(mono, sr, width, hop, Analysis(n_fft=fft, n_rows=max(2, fft // 2)))


def mel(
    mono: ArrayLike,
    sr: float,
    width: int,
    fft: int = 512,
    hop: int | None = None,
    n_mels: int = 80,
) -> Picture:
    """Compute a mel spectrogram of `n_mels` bands; see `spectrogram`."""
    return _picture(mono, sr, width, hop, Analysis("mel", n_fft=fft, n_rows=n_mels))


def log_frequency(
    mono: ArrayLike,
    sr: float,
    width: int,
    fft: int = 2048,
    hop: int | None = None,
    n_bins: int = 256,
    f_min: float = 50,
) -> Picture:
    """Compute a spectrogram of `n_bins` rows, even in octaves; see `spectrogram`."""
    analysis = Analysis("log", n_fft=fft, n_rows=n_bins, min_frequency=f_min)
    return _picture(mono, sr, width, hop, analysis)


def bandpass(
    mono: ArrayLike,
    sr: float,
    width: int,
    fft: int = 1024,
    hop: int | None = None,
    f_lo: float = 1000,
    f_hi: float = 8000,
) -> Picture:
    """Compute the part of a linear spectrogram from `f_lo` to `f_hi` Hz."""
    analysis = Analysis(
        n_fft=fft, n_rows=max(2, fft // 2), min_frequency=f_lo, max_frequency=f_hi
    )
    return _picture(mono, sr, width, hop, analysis)


def waveform(mono: ArrayLike, sr: float, width: int, height: int = 512) -> Picture:
    """Draw the waveform; see `spectrogram`.

    Its edges ``freq_min`` and ``freq_max`` are the amplitudes -1 and 1, as
    ``quantity`` says, and its matrix is 0 (nothing), 0.6 (peaks) or 1 (mean power).
    """
    picture = compute_waveform(mono, sr, width=width, height=height)
    return {
        "matrix": np.asarray(picture.data / 255.0, dtype=np.float32),
        "matrix_scale": "linear",
        "freq_min": picture.min_frequency,
        "freq_max": picture.max_frequency,
        "freq_scale": "linear",
        "quantity": "amplitude",
        "duration": picture.end_time - picture.start_time,
    }


REGISTRY: dict[str, Callable[..., Picture]] = {
    "spectrogram": spectrogram,
    "plain": spectrogram,
    "linear": spectrogram,
    "mel": mel,
    "log_frequency": log_frequency,
    "bandpass": bandpass,
    "waveform": waveform,
}
"""Functions by the names that a configuration may use; add your own."""


def _picture(
    mono: ArrayLike, sr: float, width: int, hop: int | None, analysis: Analysis
) -> Picture:
    sound = as_mono(mono)
    n_fft = analysis.n_fft or 512
    if hop is not None and hop < 1:
        msg = f"hop={hop} samples lead nowhere; give 1 or more."
        raise ParameterError(msg)
    columns = width if hop is None else -(-len(sound) // hop)
    step = max(1, min(hop or len(sound) // max(width, 1), n_fft // 2))
    plan = make_plan(sound, sr, replace(analysis, width=columns, hop_length=step))
    return {
        "matrix": power_to_db(plan.power().T).astype(np.float32),
        "matrix_scale": "db",
        "freq_min": plan.rows.min_frequency,
        "freq_max": plan.rows.max_frequency,
        "freq_scale": plan.rows.scale.name,
        "duration": plan.end_time - plan.start_time,
    }
