"""A visit knows whose it is, and shows its secrets nowhere."""

from __future__ import annotations

import pickle
from types import SimpleNamespace

import pytest

from annotator.errors import InvalidToken
from annotator.hub.permissions import User
from annotator.hub.server.visit import Visit, current_visit

ANN, BOB = User(1, "ann"), User(2, "bob")


@pytest.fixture
def sessions():
    return {"cookie": ANN}


@pytest.fixture
def visit(sessions):
    store = SimpleNamespace(web_sessions=SimpleNamespace(check=sessions.get))
    return Visit(ANN, store, "hidden-field", "cookie")


def test_it_acts_as_its_person(visit):
    assert visit.caller.user == ANN
    assert visit.caller.key_id is None


@pytest.mark.parametrize("now", [None, BOB])
def test_it_ends_when_the_sign_in_ends(visit, sessions, now):
    sessions["cookie"] = now

    with pytest.raises(InvalidToken, match="sign in again"):
        _ = visit.caller


def test_its_secrets_are_not_shown(visit):
    assert "cookie" not in repr(visit)
    assert "hidden-field" not in repr(visit)


def test_it_stays_in_the_server(visit):
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(visit)


def test_where_no_hub_serves_there_is_none():
    assert current_visit() is None
