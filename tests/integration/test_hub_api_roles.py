"""The REST API: who may what, for each route of its own description."""

from __future__ import annotations

import uuid

import pytest

from annotator.hub.protocol import SCOPES
from tests.integration.hub_api import (
    DONE,
    MEMBERS,
    PASSWORD,
    PEOPLE,
    ROUTES,
    Hub,
    ask_route,
)


@pytest.fixture(scope="module")
def shared_hub(tmp_path_factory):
    hub = Hub(tmp_path_factory.mktemp("hub"))
    hub.client.app.state.throttle._limit = 10**9
    yield hub
    hub.store.close()


def documented(hub):
    paths = hub.client.get("/api/openapi.json").json()["paths"]
    return {
        (method.upper(), path.removeprefix("/api/v1"))
        for path, methods in paths.items()
        for method in methods
    }


def test_every_route_is_in_the_table_of_who_may(shared_hub):
    assert documented(shared_hub) == set(ROUTES)


@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
def test_each_role_may_what_the_table_says(shared_hub, route):
    if "{user}" in route[1]:
        shared_hub.users.setdefault("guest", None)
        if shared_hub.users["guest"] is None:
            user = shared_hub.store.users.add("guest", PASSWORD)
            shared_hub.users["guest"] = user
    _, allowed, _ = ROUTES[route]

    for who in PEOPLE:
        status = ask_route(shared_hub, route, who).status_code
        if route[1] == "/tokens/{key_id}":
            assert status == 422  # nobody has that one
        elif who in allowed:
            assert status in DONE, (who, status)
        elif who in MEMBERS:
            assert status == 403, (who, status)
        else:
            assert status == 404, (who, status)


@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
def test_each_scope_is_needed_and_enough(shared_hub, route):
    _, _, needed = ROUTES[route]

    for scope in SCOPES:
        # To edit one must also be able to see what one edits.
        reads = () if route[0] == "GET" or scope == "admin" else ("project:read",)
        token = shared_hub.narrow(scope, *reads)
        status = ask_route(shared_hub, route, token).status_code
        if needed in (None, scope, *reads):
            assert status in DONE, (scope, status)
        else:
            assert status == 403, (scope, status)
        shared_hub.store.tokens.delete(shared_hub.users["owner"], token[5:15])


@pytest.mark.parametrize("route", [r for r in ROUTES if "{uid}" in r[1]], ids=" ".join)
def test_not_yours_is_answered_as_not_there(shared_hub, route):
    yours = ask_route(shared_hub, route, "stranger")
    nowhere = ask_route(shared_hub, route, "stranger", uid=str(uuid.uuid4()))
    other = ask_route(shared_hub, route, shared_hub.narrow("annotate", project_uids=[]))
    odd = ask_route(shared_hub, route, "owner", uid="%00")

    for answer in (yours, nowhere, other, odd):
        assert answer.status_code == 404
        assert answer.content == yours.content


@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
def test_nobody_gets_in_without_a_good_token(shared_hub, route):
    good = shared_hub.tokens["owner"]

    for token in (None, "annh_junk", good[:-1] + "x", good.upper()):
        answer = ask_route(shared_hub, route, token)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.headers["content-type"] == "application/problem+json"
