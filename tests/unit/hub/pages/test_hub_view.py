from __future__ import annotations

from types import SimpleNamespace

import pytest
from panel.models.esm import DataEvent

from annotator.hub.pages.hub_view import HubView
from annotator.hub.pages.project import ProjectView
from tests.unit.hub.pages.samples import Prompt, event

FORM = "form_config:\n  select: {label: S, column: s, items: [a, b]}\n"


class Review:
    """A review that is only looked at from outside."""

    n_closed = 0

    def view(self):
        import panel as pn

        return pn.pane.Str("the review")

    def on_close(self):
        pass

    def close(self):
        self.n_closed += 1
        self.on_close()


@pytest.fixture
def made():
    return []


@pytest.fixture
def make(made):
    """Return what makes reviews, and notes in `made` of what."""

    def make(project, guest, clips, config, **how):
        one = SimpleNamespace(
            project=project, guest=guest, clips=clips, config=config, **how
        )
        made.append((one, Review()))
        return made[-1][1]

    return make


@pytest.fixture
def hub(owls, make):
    hub = HubView(owls.ana, make_review=make, stage=Prompt())
    hub.project(owls.uid)
    return hub


@pytest.fixture
def differing(hub, owls, store):
    """Ana and Ben differ about two clips, and Ana looks at that."""
    store.projects.set_config(owls.ana.caller, owls.uid, FORM)
    for who, label in ((owls.ana, "a"), (owls.ben, "b")):
        events = [event(f"clip-{n}", who.user.name, s=label) for n in (1, 3)]
        store.events.add(who.caller, owls.uid, events)
    hub.shown.turn_to("Agreement")


def adjudicate(page, clip):
    pressed = {"type": "action", "key": clip, "name": "adjudicate"}
    listing = page.tabs["Agreement"].disagreements.list
    listing._process_event(DataEvent(model=None, data=pressed))


def press_back(hub):
    hub.shown.back.clicks += 1


def press_review(hub):
    project = hub.shown
    hub.review(project.project, project.review_button, project.notice)


def test_without_a_form_or_clips_a_sentence_says_who_does_what(
    hub, owls, store, texts_of, made
):
    press_review(hub)
    assert "a manager writes the form" in texts_of(hub)
    empty = store.projects.create(owls.ana.caller, "Empty")
    store.projects.set_config(owls.ana.caller, empty.uid, FORM)
    hub.project(empty.uid)
    press_review(hub)
    assert "a manager loads them" in texts_of(hub)
    assert made == []
    assert hub.shown.review_button.label == "Review in the browser"


def test_a_review_is_opened_with_the_projects_clips(hub, owls, store, made, texts_of):
    store.projects.set_config(owls.ana.caller, owls.uid, FORM)

    press_review(hub)

    ((given, _),) = made
    assert given.leased
    assert given.config["form_config"]["select"]["column"] == "s"
    assert given.clips["clip_id"].tolist() == [f"clip-{n}" for n in range(6)]
    assert given.clips["confidence"].tolist() == [0.5] * 6
    assert "the review" in texts_of(hub)


def test_going_elsewhere_closes_it(hub, owls, store, made):
    store.projects.set_config(owls.ana.caller, owls.uid, FORM)
    press_review(hub)
    ((_, review),) = made

    hub.project(owls.uid)

    assert review.n_closed == 1
    assert isinstance(hub.shown, ProjectView)
    hub.close()
    assert review.n_closed == 1


def test_a_page_that_is_gone_closes_it(hub, owls, store, made):
    store.projects.set_config(owls.ana.caller, owls.uid, FORM)
    press_review(hub)
    ((_, review),) = made

    hub.close()

    assert review.n_closed == 1


def test_one_disagreement_or_all_are_adjudicated(hub, owls, store, made, differing):
    page = hub.shown
    adjudicate(page, "clip-3")
    press_back(hub)
    page.tabs["Agreement"].disagreements.all_button.clicks += 1

    (one, _), (both, _) = made
    assert one.clips["clip_id"].tolist() == ["clip-3"]
    assert one.clips["labels"].tolist() == ["ana: a · ben: b"]
    assert both.clips["clip_id"].tolist() == ["clip-1", "clip-3"]
    assert (both.leased, both.adjudicates) == (False, "s")


def test_one_goes_back_to_the_list_which_then_is_up_to_date(
    hub, owls, store, made, differing
):
    page = hub.shown
    adjudicate(page, "clip-3")
    ((_, review),) = made
    review.on_close = lambda: store.events.adjudicate(
        owls.ana.caller, owls.uid, [event("clip-3", "ana", s="b")], "s"
    )

    press_back(hub)

    assert (hub.shown, review.n_closed) == (page, 1)
    shown = page.tabs["Agreement"].disagreements
    assert "1 open, 1 settled" in shown.counts.object
    assert [row["key"] for row in shown.list.rows] == ["clip-1"]


def test_who_is_no_manager_decides_nothing(owls, hub_of, made, make, differing):
    hub = hub_of(owls.ben, make_review=make)
    hub.project(owls.uid)
    hub.shown.turn_to("Agreement")

    adjudicate(hub.shown, "clip-3")

    ((given, _),) = made
    assert (given.leased, given.adjudicates) == (False, "")
    assert given.clips["labels"].tolist() == ["ana: a · ben: b"]


def test_a_mistake_of_ours_tells_a_page_nothing_of_itself(owls, texts_of, caplog):
    def make(*_args, **_options):
        msg = "SELECT password FROM users"
        raise RuntimeError(msg)

    owls.ana.store.projects.set_config(owls.ana.caller, owls.uid, FORM)
    hub = HubView(owls.ana, make_review=make, stage=Prompt())
    hub.project(owls.uid)
    press_review(hub)

    assert "Something went wrong on the hub" in texts_of(hub)
    assert "SELECT" not in texts_of(hub)
    assert "SELECT" in caplog.text


def test_the_latest_wish_counts(owls, hub_of):
    hub = hub_of(owls.ana)
    waiting = []
    hub.all_tokens.load = waiting.append

    hub.tokens()
    hub.project(owls.uid)
    waiting[0]()  # the tokens come late

    assert isinstance(hub.shown, ProjectView)
