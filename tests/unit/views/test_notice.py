"""The bar that says why there is no clip, and asks again."""

from __future__ import annotations

import param
import pytest

from annotator.review.session import ReviewSession
from annotator.views.kit import Kit
from annotator.views.notice import NoticeBar
from tests.unit.hub.pages.samples import Prompt


class Session(ReviewSession):
    """A session of which nothing is there but its notice."""

    def __init__(self):
        param.Parameterized.__init__(self)
        self.n_asked, self.answer = 0, ""

    def say(self, text):
        with param.edit_constant(self):
            self.notice = text

    def ask(self):
        self.n_asked += 1
        self.say(self.answer)


@pytest.fixture
def session():
    return Session()


@pytest.fixture
def bar(session):
    return NoticeBar(session, kit=Kit(material=True), stage=Prompt())


def test_nothing_to_say_takes_no_room(session, bar):
    assert not bar.__panel__().visible


def test_what_is_said_is_seen_and_harmless(session, bar):
    session.say("Nothing is left for <b>you</b>.")

    assert bar.__panel__().visible
    assert "&lt;b&gt;you" in bar._text.object
    assert 'role="status"' in bar._text.object


def test_the_button_asks(session, bar):
    session.say("Nothing is left.")

    bar.ask()

    assert session.n_asked == 1
    assert not bar.__panel__().visible
    assert (bar.button.disabled, bar.button.label) == (False, "Ask for the next clip")


def test_who_asks_is_not_heard_twice(session, bar):
    session.say("Nothing is left.")
    bar.button.disabled = True

    bar.ask()

    assert session.n_asked == 0
