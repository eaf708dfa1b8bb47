"""`BioacousticAnnotator`, the one object users meet, and the ways to show it."""

from annotator.app.annotator import BioacousticAnnotator
from annotator.app.serving import page, serve

__all__ = ["BioacousticAnnotator", "page", "serve"]
