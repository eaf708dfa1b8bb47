"""Exact segments of a FLAC file that lies far away, from few and small reads."""
