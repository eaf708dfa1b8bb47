"""A made-up soundscape with its detections, to try the annotator on.

Nothing is recorded and nothing is downloaded: the calls are computed, so the
truth behind every detection is known.
"""
