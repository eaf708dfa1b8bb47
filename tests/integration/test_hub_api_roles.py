"""The REST API: who may what, for each route of its own description."""

from __future__ import annotations

import uuid

import pytest

from annotator.hub.protocol import SCOPES
from tests.integration.hub_api import PEOPLE, ROUTES, Hub, documented

OF_PROJECTS = [key for key in ROUTES if "{uid}" in key[1]]
CASES = [("own", key) for key in ROUTES] + [("foreign", key) for key in OF_PROJECTS]


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    hub = Hub(f"sqlite:///{tmp_path_factory.mktemp('hub') / 'hub.db'}")
    yield hub
    hub.close()


def test_every_route_is_in_the_table_of_who_may(hub):
    assert set(documented(hub)) == set(ROUTES)


@pytest.mark.parametrize(("where", "key"), CASES, ids=str)
def test_each_role_with_each_scope_may_what_the_table_says(hub, where, key):
    route, wrong = ROUTES[key], []
    foreign = where == "foreign"

    for who in PEOPLE:
        for scopes in (SCOPES, *((scope,) for scope in SCOPES), SCOPES[:2]):
            if key[0] == "DELETE":
                hub.invite("guest")  # to be there for each to remove
            token = hub.narrow(*scopes, who=who)
            answer = route.ask(hub, key, token, hub.foreign if foreign else None)
            expected = route.expected(who, scopes, foreign=foreign)
            if answer.status_code not in expected:
                wrong.append((who, scopes, answer.status_code, expected))

    assert wrong == []


@pytest.mark.parametrize("key", OF_PROJECTS, ids=" ".join)
def test_not_yours_is_answered_as_not_there(hub, key):
    route = ROUTES[key]
    yours = route.ask(hub, key, "stranger")
    others = (
        route.ask(hub, key, "stranger", uid=str(uuid.uuid4())),
        route.ask(hub, key, "owner", uid=hub.foreign),
        route.ask(hub, key, "admin", uid=hub.foreign),
        route.ask(hub, key, hub.narrow(*SCOPES, project_uids=[])),
        route.ask(hub, key, "owner", uid="%00"),
        route.ask(hub, key, "owner", uid="x" * 5_000),
    )

    assert yours.status_code == 404
    for answer in others:
        assert answer.content == yours.content
        assert answer.headers == yours.headers


@pytest.mark.parametrize("key", ROUTES, ids=" ".join)
def test_nobody_gets_in_without_a_good_token(hub, key):
    good = hub.tokens["owner"]

    for token in (None, "", "annh_junk", good[:-1] + "x", good.upper()):
        answer = ROUTES[key].ask(hub, key, token)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_cookie_is_no_token(hub):
    token = hub.tokens["owner"]

    answer = hub.ask("GET", "/me", None, headers={"Cookie": f"token={token}"})

    assert answer.status_code == 401


def test_a_token_makes_none_that_may_more(hub):
    token = hub.narrow("admin", "project:read", project_uids=[hub.uid])
    own = {"name": "t", "scopes": ["project:read"]}

    stronger = hub.ask("POST", "/tokens", token, json={**own, "scopes": ["annotate"]})
    wider = hub.ask("POST", "/tokens", token, json={**own, "project_uids": ["another"]})
    made = hub.ask("POST", "/tokens", token, json={"name": "t"})

    assert (stronger.status_code, wider.status_code) == (403, 403)
    assert made.json()["info"]["project_uids"] == [hub.uid]
    assert made.json()["info"]["scopes"] == ["project:read"]


def test_a_token_may_delete_itself_and_with_the_scope_admin_others(hub):
    one, other = (hub.narrow("annotate", days=days) for days in (1, 2))

    not_mine = hub.ask("DELETE", f"/tokens/{other[5:15]}", one)
    myself = hub.ask("DELETE", f"/tokens/{one[5:15]}", one)
    by_owner = hub.ask("DELETE", f"/tokens/{other[5:15]}", "owner")
    foreign = hub.ask("DELETE", f"/tokens/{hub.tokens['admin'][5:15]}", "owner")

    assert (not_mine.status_code, myself.status_code) == (403, 204)
    assert (by_owner.status_code, foreign.status_code) == (204, 404)
    assert hub.ask("GET", "/me", one).status_code == 401


def test_owners_put_away_and_managers_do_not(hub):
    path = {"method": "PATCH", "path": "/projects/{uid}"}

    by_manager = hub.ask(**path, who="manager", json={"archived": True})
    both = hub.ask(**path, json={"archived": True, "name": "Half"})
    by_owner = hub.ask(**path, json={"archived": True})
    then = hub.ask("POST", "/projects/{uid}/events", json={"events": []})
    back = hub.ask(**path, json={"archived": False})

    assert (by_manager.status_code, both.status_code) == (403, 422)
    assert by_owner.json()["archived"] is True
    assert then.json()["code"] == "conflict"
    assert (back.json()["archived"], back.json()["name"]) == (False, "Owls")


def test_a_token_that_may_not_read_changes_nothing_that_is_read_back(hub):
    token = hub.narrow("project:write")
    before = hub.ask("GET", "/projects/{uid}").json()

    answer = hub.ask("PATCH", "/projects/{uid}", token, json={"name": "Changed"})

    assert answer.status_code == 403
    assert hub.ask("GET", "/projects/{uid}").json() == before
