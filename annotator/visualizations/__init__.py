"""Ways to make a picture of sound; they work alone, without a review."""

from __future__ import annotations

from annotator.visualizations.elements import to_holoviews
from annotator.visualizations.functions import (
    REGISTRY,
    bandpass,
    log_frequency,
    mel,
    spectrogram,
    waveform,
)
from annotator.visualizations.gallery import Gallery, gallery
from annotator.visualizations.images import plot, render_png
from annotator.visualizations.settings import PictureSettings
from annotator.visualizations.visualization import Visualization

__all__ = [
    "REGISTRY",
    "Gallery",
    "PictureSettings",
    "Visualization",
    "bandpass",
    "gallery",
    "log_frequency",
    "mel",
    "plot",
    "render_png",
    "spectrogram",
    "to_holoviews",
    "waveform",
]
