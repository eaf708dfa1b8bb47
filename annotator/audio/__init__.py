"""Recordings wherever they lie: bytes, seconds, and what a player needs.

`annotator.audio.io` is the part meant for users; it works without the rest
of the package.
"""
