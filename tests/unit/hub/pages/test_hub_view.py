from __future__ import annotations

from types import SimpleNamespace

import pytest

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

    def close(self):
        self.n_closed += 1


@pytest.fixture
def made():
    return []


@pytest.fixture
def hub(owls, made):
    def make(project, guest, clips, config, *, leased):
        one = SimpleNamespace(
            project=project, guest=guest, clips=clips, config=config, leased=leased
        )
        made.append((one, Review()))
        return made[-1][1]

    hub = HubView(owls.ana, make_review=make, stage=Prompt())
    hub.project(owls.uid)
    return hub


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


def test_one_disagreement_or_all_are_adjudicated(hub, owls, store, made):
    store.projects.set_config(owls.ana.caller, owls.uid, FORM)
    for who, label in ((owls.ana, "a"), (owls.ben, "b")):
        events = [event(f"clip-{n}", who.user.name, s=label) for n in (1, 3)]
        store.events.add(who.caller, owls.uid, events)
    hub.shown.turn_to("Agreement")
    tab = hub.shown.tabs["Agreement"]

    tab._adjudicate([one for one in tab._found if one.clip == "clip-3"])
    hub.project(owls.uid)
    hub.shown.turn_to("Agreement")
    tab = hub.shown.tabs["Agreement"]
    tab._adjudicate(tab._open())

    (one, _), (both, _) = made
    assert one.clips["clip_id"].tolist() == ["clip-3"]
    assert one.clips["labels"].tolist() == ["ana: a · ben: b"]
    assert both.clips["clip_id"].tolist() == ["clip-1", "clip-3"]
    assert not both.leased


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
