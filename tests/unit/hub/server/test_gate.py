"""The gate lets nobody fill the server with pages."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from tornado.web import HTTPError

from annotator.hub.permissions import User
from annotator.hub.server.gate import MAX_PAGES, Gate
from annotator.hub.server.visit import Visit

ANN, BOB = User(1, "ann"), User(2, "bob")


@pytest.fixture
def gate():
    gate = Gate(SimpleNamespace())
    yield gate
    gate._passwords.shutdown()
    gate._lookups.shutdown()


def page(user):
    request = SimpleNamespace(hub_visit=Visit(user, None, "", ""))
    context = SimpleNamespace(request=request)
    return SimpleNamespace(document=SimpleNamespace(session_context=context))


def handler(*numbers, user=ANN):
    """Return what asks for a page, where so many are open of each application."""
    applications = {
        f"/{n}": SimpleNamespace(sessions=[page(user)] * number)
        for n, number in enumerate(numbers)
    }
    return SimpleNamespace(application=SimpleNamespace(applications=applications))


def test_one_person_may_have_so_many_pages_open_and_no_more(gate):
    gate._check_number(handler(MAX_PAGES - 1), ANN)
    with pytest.raises(HTTPError) as refusal:
        gate._check_number(handler(MAX_PAGES - 40, 40), ANN)

    assert refusal.value.status_code == 429


def test_the_pages_of_others_do_not_count(gate):
    gate._check_number(handler(MAX_PAGES, user=BOB), ANN)


def test_over_tls_the_cookie_is_of_this_host_only():
    secure, plain = (
        Gate(SimpleNamespace(), is_secure=True),
        Gate(SimpleNamespace()),
    )

    assert secure.cookie_name == "__Host-annotator_hub"
    assert plain.cookie_name == "annotator_hub"
