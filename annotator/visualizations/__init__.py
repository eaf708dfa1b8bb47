"""Ways to make a picture of sound; they work alone, without a review."""

from __future__ import annotations

from annotator.visualizations.drawing import Drawing
from annotator.visualizations.gallery import Gallery, gallery
from annotator.visualizations.visualization import Visualization

__all__ = ["Drawing", "Gallery", "Visualization", "gallery"]
