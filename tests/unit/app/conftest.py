"""A hub with a project, and reviews of it without a browser."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from annotator.app.hub_review import ReviewMaker
from annotator.hub.member_config import read
from annotator.hub.pages.review_clips import disputed_clips, frame_of
from annotator.hub.places import Places
from annotator.hub.store.hub_store import HubStore
from tests.unit.app.hub_owls import FORM, Leaving
from tests.unit.hub.pages.samples import PASSWORD, clip


@pytest.fixture
def store(tmp_path):
    with HubStore.open(f"sqlite:///{tmp_path / 'hub.db'}") as store:
        yield store


@pytest.fixture
def owls(store):
    """Return a project of Ana's with four clips; Ben annotates there."""
    ana, ben = (
        Leaving(store.users.add(name, PASSWORD), store) for name in ("ana", "ben")
    )
    project = store.projects.create(ana.caller, "Owls")
    store.members.set(ana.caller, project.uid, "ben", "annotator")
    store.clips.add(ana.caller, project.uid, [clip(n) for n in range(4)])
    store.projects.set_config(ana.caller, project.uid, FORM)
    return SimpleNamespace(ana=ana, ben=ben, project=project, uid=project.uid)


@pytest.fixture
def open_review(store, owls, tmp_path):
    opened = []

    def open_one(who, *, disputed=None, places=None, text=FORM, adjudicates=""):
        if disputed is None:
            frame = frame_of(store, who.caller, owls.uid)
        else:
            frame = disputed_clips(store, who.caller, owls.uid, disputed)
        make = ReviewMaker(places or Places(), tmp_path / "reviews")
        made = make(
            owls.project,
            who,
            frame,
            read(text),
            leased=disputed is None,
            adjudicates=adjudicates,
        )
        opened.append(made)
        return made

    yield open_one
    for review in opened:
        review.close()
