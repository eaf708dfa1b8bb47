"""Clips reviewed a day, a column for each day, a colour for each annotator."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import panel as pn
from bokeh.models import ColumnDataSource, FixedTicker, HoverTool, Range1d
from bokeh.plotting import figure

from annotator.hub.pages.look import html
from annotator.views import theme
from annotator.views.escape import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from annotator.hub.store.progress import DayCount

__all__ = ["DayPlot", "columns_of", "day_labels"]

_DAYS = 60
"""Days shown: the last ones on which anything happened, and those between."""

_MOST_LABELS = 8
_OTHERS = "others"
_DAY_MS = 86_400_000
_EMPTY: dict[str, list[Any]] = {
    name: []
    for name in ("left", "right", "bottom", "top", "colour", "who", "day", "count")
}


class DayPlot(pn.viewable.Viewer):
    """The plot, and what its colours mean."""

    def __init__(self) -> None:
        super().__init__()
        self.key = html("")
        self._empty = html('<div class="nothing">No clip was reviewed yet.</div>')
        self._pane = pn.pane.Bokeh(None, sizing_mode="stretch_width", margin=0)
        self._view = pn.Column(
            self._empty, self._pane, self.key, sizing_mode="stretch_width", margin=0
        )

    def __panel__(self) -> Any:
        return self._view

    @property
    def figure(self) -> Any:
        """The plot; None: there is nothing to draw."""
        return self._pane.object

    def draw(self, counts: Sequence[DayCount]) -> None:
        """Draw what was counted."""
        data, colours = columns_of(counts)
        self._empty.visible = not data["day"]
        self._pane.object = _figure(data) if data["day"] else None
        self.key.object = (
            '<div class="key">'
            + "".join(
                f'<span><i style="background: {colour}"></i>{plain(who)} '
                f"{sum(one.n_clips for one in counts if _is(one, who, colours)):,}"
                "</span>"
                for who, colour in colours.items()
            )
            + "</div>"
        )


def _figure(data: dict[str, list[Any]]) -> Any:
    made = figure(
        x_axis_type="datetime",
        x_range=Range1d(
            start=min(data["left"]) - _DAY_MS / 4,
            end=max(data["right"]) + _DAY_MS / 4,
        ),
        y_range=Range1d(start=0, end=max(data["top"]) * 1.08),
        height=230,
        sizing_mode="stretch_width",
        toolbar_location=None,
        tools="",
        stylesheets=[theme.CSS],
        min_border_right=12,
    )
    made.quad(
        left="left",
        right="right",
        bottom="bottom",
        top="top",
        color="colour",
        line_color=None,
        source=ColumnDataSource(data),
    )
    # Bokeh sets the text of such rows as text; no HTML comes from a name.
    made.add_tools(
        HoverTool(tooltips=[("", "@who"), ("", "@day"), ("clips", "@count")])
    )
    made.grid.grid_line_alpha = 0.25
    made.xgrid.grid_line_color = None
    made.yaxis.minor_tick_line_color = None
    made.xaxis.minor_tick_line_color = None
    labels: dict[Any, Any] = day_labels(data["day"])
    made.xaxis.ticker = FixedTicker(ticks=[*labels])
    made.xaxis.major_label_overrides = labels
    return made


def day_labels(days: Iterable[str]) -> dict[float, str]:
    """Return where below the bars which day stands; of many days, not each.

    Parameters
    ----------
    days
        ISO dates, in any order, also several times.

    Returns
    -------
    dict
        By time, ms since 1970: the middle of the day.

    Examples
    --------
    >>> day_labels(["2026-03-01", "2026-03-01"])
    {1772366400000.0: '1 Mar'}
    """
    found = [dt.datetime.fromisoformat(day) for day in sorted({*days})]
    step = -(-len(found) // _MOST_LABELS)
    return {
        day.replace(tzinfo=dt.UTC).timestamp() * 1000
        + _DAY_MS / 2: f"{day.day} {day:%b}"
        for day in found[::step]
    }


def _is(one: DayCount, who: str, colours: dict[str, str]) -> bool:
    return one.annotator == who or (who == _OTHERS and one.annotator not in colours)


def columns_of(
    counts: Iterable[DayCount],
) -> tuple[dict[str, list[Any]], dict[str, str]]:
    """Stack the counts of each day.

    Parameters
    ----------
    counts
        Of annotators and days.

    Returns
    -------
    data, colours
        Columns of the quads, times in ms; and the colour of each annotator, the
        busiest first. Where there are more than colours, the last is for the others.
    """
    kept = [one for one in counts if one.n_clips]
    days = sorted({one.day for one in kept})[-_DAYS:]
    kept = [one for one in kept if days and one.day >= days[0]]
    totals: dict[str, int] = {}
    for one in kept:
        totals[one.annotator] = totals.get(one.annotator, 0) + one.n_clips
    names = sorted(totals, key=lambda name: (-totals[name], name))
    if len(names) > len(theme.SERIES):
        names = [*names[: len(theme.SERIES) - 1], _OTHERS]
    colours = dict(zip(names, theme.SERIES, strict=False))
    data: dict[str, list[Any]] = {name: [] for name in _EMPTY}
    for day in days:
        bottom = 0
        begin = dt.datetime.fromisoformat(day).replace(tzinfo=dt.UTC).timestamp() * 1000
        for who in names:
            count = sum(
                one.n_clips for one in kept if one.day == day and _is(one, who, colours)
            )
            if not count:
                continue
            values = (
                begin + 0.1 * _DAY_MS,
                begin + 0.9 * _DAY_MS,
                bottom,
                bottom + count,
                colours[who],
                who,
                day,
                count,
            )
            for name, value in zip(data, values, strict=True):
                data[name].append(value)
            bottom += count
    return data, colours
