"""How often clips are reviewed, by whom, and which of them once more, blind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import panel as pn

from annotator.hub.pages.desk import Notice, nothing, then_ready
from annotator.hub.pages.listing import listed
from annotator.hub.pages.loading import LoadingView
from annotator.hub.pages.look import card, html, number, row
from annotator.hub.permissions import is_at_least
from annotator.views.escape import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from annotator.hub.pages.desk import Desk
    from annotator.hub.permissions import Caller
    from annotator.hub.store.plan import Plan
    from annotator.hub.store.projects import ProjectInfo

__all__ = ["ClipsView"]

_PAGE = 50  # clips
_MOST_REVIEWS = 10
_COUNTS = {str(count): count for count in range(1, _MOST_REVIEWS + 1)}
_SHARES = {f"{percent} %": percent / 100 for percent in (0, 5, 10, 15, 20)}


class ClipsView(pn.viewable.Viewer):
    """The tab "Clips"."""

    def __init__(self, desk: Desk, project: ProjectInfo) -> None:
        super().__init__()
        self._desk, self._project = desk, project
        kit = desk.kit
        self.reviews = kit.choice(
            "Reviews each clip wants",
            _COUNTS,
            value=1,
            width=190,
        )
        self.reviews_button = kit.button("Set", width=90)
        self.reviews_button.on_click(lambda _event: self.set_reviews())
        self.people = kit.several("Who reviews", {})
        self.assign_button = kit.button("Assign", width=100)
        self.assign_button.on_click(lambda _event: self.assign())
        self.share = kit.choice("Blind second review of", _SHARES, value=0.0, width=190)
        self.share_button = kit.button("Set", width=90)
        self.share_button.on_click(lambda _event: self.set_share())
        self._assigning, self._listing = Notice(), Notice()
        self.said = html()
        self.loading = LoadingView(desk, project, self.load)
        self.list = listed(
            "Clips",
            [
                ("Clip", "mono"),
                ("Recording", ""),
                ("From (s)", "number"),
                ("To (s)", "number"),
                ("Reviews wanted", "number"),
            ],
            empty="The project has no clips yet. "
            + (
                "Load a table above."
                if self._may_edit
                else "A manager loads them from a table."
            ),
            height="420px",
        )
        self._ids: list[int] = [0]  # after which clip each page begins
        self.more_button = kit.button("Next page", width=120)
        self.more_button.on_click(lambda _event: self.turn(1))
        self.back_button = kit.button("Previous page", width=140)
        self.back_button.on_click(lambda _event: self.turn(-1))
        parts: list[Any] = [
            card(
                "Clips",
                self.list,
                row(self.back_button, self.more_button),
                self._listing,
            )
        ]
        if self._may_edit:
            parts = [self.loading, self._assignment(), *parts]
        self._view = pn.Column(*parts, sizing_mode="stretch_width", margin=0)

    def __panel__(self) -> Any:
        return self._view

    @property
    def _may_edit(self) -> bool:
        is_manager = is_at_least(self._project.role, "manager")
        return is_manager and not self._project.archived

    def _assignment(self) -> Any:
        return card(
            "Who reviews what",
            self.said,
            row(
                self.reviews,
                self.reviews_button,
                pn.Spacer(width=24),
                self.share,
                self.share_button,
            ),
            row(self.people, self.assign_button),
            self._assigning,
            html(
                '<p class="hint">Each holds for all clips, also those that are added '
                "later. Nobody chosen: all members who may review. A clip is given "
                "to no more people at a time than it wants reviews. Blind: a share of "
                "the clips gets one review more, by any other member, and nobody is told "
                "which.</p>"
            ),
        )

    def load(self, ready: Callable[[], None] = nothing) -> None:
        """Look at the clips and the members anew."""
        self._ids = [0]
        if not self._may_edit:
            self._load_page(ready)
            return
        store, uid = self._desk.store, self._project.uid

        def look(caller: Caller) -> tuple[Any, Plan]:
            return store.members.list(caller, uid), store.clips.plan(caller, uid)

        self._desk.ask(
            look,
            then_ready(
                lambda found: self._take(*found), lambda: self._load_page(ready)
            ),
            then_ready(self._assigning.tell, lambda: self._load_page(ready)),
        )

    def _take(self, members: Sequence[Any], plan: Plan) -> None:
        names = [one.user for one in members if one.role != "viewer"]
        chosen = [name for name in plan.users if name in names]
        self.people.param.update(options={name: name for name in names}, value=chosen)
        wanted, share = plan.reviews_wanted, plan.blind_share
        # What a script said may be none of those offered here.
        self.reviews.param.update(
            options={**_COUNTS, str(wanted): wanted}, value=wanted
        )
        self.share.param.update(
            options={**_SHARES, _percent(share): share}, value=share
        )
        self.said.object = _said(plan)

    def turn(self, by: int) -> None:
        """Turn pages."""
        if by < 0 and len(self._ids) > 2:
            del self._ids[-2:]
        elif by < 0:
            self._ids = [0]
        self._load_page()

    def _load_page(self, ready: Callable[[], None] = nothing) -> None:
        store, uid, after = self._desk.store, self._project.uid, self._ids[-1]

        def look(caller: Caller) -> tuple[Any, int]:
            # One more than is shown tells whether there is another page.
            clips = store.clips.list(caller, uid, after=after, limit=_PAGE + 1)
            return clips, store.clips.n(caller, uid)

        self._desk.ask(
            look,
            then_ready(lambda found: self._show(*found), ready),
            then_ready(self._listing.tell, ready),
        )

    def _show(self, clips: Sequence[Any], n_clips: int) -> None:
        shown = clips[:_PAGE]
        first = (len(self._ids) - 1) * _PAGE
        self.back_button.disabled = len(self._ids) < 2
        self.more_button.disabled = len(clips) <= _PAGE
        if shown:
            self._ids.append(shown[-1].id)
            self._listing.say(f"{first + 1:,} to {first + len(shown):,} of {n_clips:,}")
        else:
            self._listing.clear()
        self.list.rows = [
            {
                "key": str(clip.id),
                "cells": [
                    clip.identity,
                    clip.recording,
                    f"{clip.start_time:g}",
                    f"{clip.end_time:g}",
                    str(clip.reviews_wanted),
                ],
                "actions": [],
            }
            for clip in shown
        ]

    # ---------------------------------------------------------- assignment

    def set_reviews(self) -> None:
        """Say how often each clip is reviewed."""
        wanted = int(self.reviews.value)
        store, uid = self._desk.store, self._project.uid
        self._desk.press(
            self.reviews_button,
            "…",
            lambda caller: store.clips.set_reviews(caller, uid, wanted),
            lambda n: self._changed(
                f"{number(n, 'clip')} now: {number(wanted, 'review')}."
            ),
            self._assigning,
        )

    def assign(self) -> None:
        """Say who reviews the clips."""
        names = list(self.people.value)
        store, uid = self._desk.store, self._project.uid
        who = ", ".join(names) if names else "all who may review"
        self._desk.press(
            self.assign_button,
            "Assigning…",
            lambda caller: store.clips.assign(caller, uid, names),
            lambda n: self._changed(f"{number(n, 'clip')} now reviewed by {who}."),
            self._assigning,
        )

    def set_share(self) -> None:
        """Say which share is reviewed once more."""
        share = float(self.share.value)
        store, uid = self._desk.store, self._project.uid
        self._desk.press(
            self.share_button,
            "…",
            lambda caller: store.clips.blind_share(caller, uid, share),
            lambda n: self._changed(f"{number(n, 'clip')} get one blind review more."),
            self._assigning,
        )

    def _changed(self, text: str) -> None:
        self._assigning.done(text)
        self.load()


def _percent(share: float) -> str:
    return f"{100 * share:g} %"


def _said(plan: Plan) -> str:
    """Return the HTML of what holds now, and what is wrong with it."""
    who = ", ".join(plan.users) if plan.users else "all members who may review"
    blind = (
        f"; {_percent(plan.blind_share)} of them once more, blind"
        if plan.blind_share
        else ""
    )
    wanted = number(plan.reviews_wanted, "review")
    said = f'<p class="said">Now: {wanted} of each clip, by {plain(who)}{blind}.</p>'
    if not plan.n_lacking:
        return said
    verb = "waits" if plan.n_lacking == 1 else "wait"
    return (
        f'{said}<p class="lacking" role="status">{number(plan.n_lacking, "clip")} {verb} '
        "for another person: those who may review them are too few, or did so or "
        "skipped them already. Invite somebody on the tab <b>Members</b>, or change who "
        "reviews.</p>"
    )
