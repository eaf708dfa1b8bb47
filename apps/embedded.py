"""A review inside another dashboard: panel serve apps/embedded.py --args project.yaml.

The plot beside it is HoloViews and follows the review: `ba.session` has Parameters.
"""

import sys

import holoviews as hv
import panel as pn

from annotator import BioacousticAnnotator

pn.extension("tabulator")
hv.extension("bokeh")

ba = BioacousticAnnotator(sys.argv[1])


def progress(n_reviewed: int, n_clips: int) -> hv.Bars:
    """Draw how far the review is."""
    bars = [("reviewed", n_reviewed), ("pending", n_clips - n_reviewed)]
    return hv.Bars(bars, "clips", "count").opts(height=220, responsive=True)


plot = hv.DynamicMap(
    pn.bind(progress, ba.session.param.n_reviewed, ba.session.param.n_clips)
)
pn.Column("# My dashboard", plot, ba, sizing_mode="stretch_width").servable()
