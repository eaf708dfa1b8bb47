"""The REST API over a real database: what it does, for whom, and what it never says."""

from __future__ import annotations

import io
import json
import uuid

import hypothesis
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from annotator.hub.api import create_app
from annotator.hub.permissions import Caller
from annotator.hub.protocol import SCOPES
from annotator.hub.store.hub_store import HubStore

CANARY = "KANARIENVOGEL"
PASSWORD = "a long password"
TIME = "2026-03-01T06:30:00.000Z"
PEOPLE = ("owner", "manager", "annotator", "viewer", "stranger", "admin")
QUIET = settings(
    max_examples=40,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


class Hub:
    """A hub with a project "Owls", and people of each role, each with a token."""

    def __init__(self, folder):
        self.store = HubStore.open(f"sqlite:///{folder / 'hub.db'}")
        self.users, self.tokens = {}, {}
        for name in PEOPLE:
            user = self.store.users.add(name, PASSWORD, is_admin=name == "admin")
            self.users[name] = user
            self.tokens[name] = self.store.tokens.create(user, "t", SCOPES).secret
        owner = Caller(self.users["owner"])
        self.uid = self.store.projects.create(owner, "Owls").uid
        for role in ("manager", "annotator", "viewer"):
            self.store.members.set(owner, self.uid, role, role)
        self.store.clips.add(owner, self.uid, [clip("c1"), clip("c2")])
        self.store.events.add(owner, self.uid, [event("c1", v="yes")])
        self.store.snapshots.create(owner, self.uid, "first")
        self.client = TestClient(create_app(self.store), raise_server_exceptions=False)

    def ask(self, method, path, who="owner", **options):
        headers = {**options.pop("headers", {})}
        if who is not None:
            headers["Authorization"] = f"Bearer {self.tokens.get(who, who)}"
        url = f"/api/v1{path.replace('{uid}', self.uid)}"
        return self.client.request(method, url, headers=headers, **options)

    def narrow(self, *scopes, **options):
        made = self.store.tokens.create(
            self.users["owner"], "narrow", scopes, **options
        )
        return made.secret


def clip(identity):
    return {
        "identity": identity,
        "recording": "s3://owls/a.flac",
        "start_time": 0.0,
        "end_time": 3.0,
        "row": {},
    }


def event(identity="c1", **cells):
    row = {"annotation_id": str(uuid.uuid4()), "created_at": TIME, **cells}
    return {
        "id": str(uuid.uuid4()),
        "clip": identity,
        "annotator": "me",
        "kind": "set",
        "rows": [row],
        "created_at": TIME,
    }


@pytest.fixture
def hub(tmp_path):
    hub = Hub(tmp_path)
    yield hub
    hub.store.close()


@pytest.fixture(scope="module")
def shared_hub(tmp_path_factory):
    hub = Hub(tmp_path_factory.mktemp("hub"))
    hub.client.app.state.throttle._limit = 10**9
    yield hub
    hub.store.close()


# ---------------------------------------------------------------- what it does


def test_a_token_says_who_one_is(hub):
    answer = hub.ask("GET", "/me").json()

    assert answer["name"] == "owner"
    assert answer["key_id"] == hub.tokens["owner"][5:15]


def test_a_project_is_made_found_renamed_and_put_away(hub):
    made = hub.ask("POST", "/projects", json={"name": "Bats"}).json()
    path = f"/projects/{made['uid']}"
    renamed = hub.ask("PATCH", path, json={"name": "Fledermäuse"}).json()
    hub.ask("PATCH", path, json={"archived": True})

    names = [one["name"] for one in hub.ask("GET", "/projects").json()]
    archived = hub.ask("GET", "/projects", params={"archived": True}).json()

    assert renamed["name"] == "Fledermäuse"
    assert names == ["Owls"]
    assert [one["name"] for one in archived] == ["Fledermäuse"]
    assert hub.ask("GET", path).json()["archived"] is True


def test_events_come_once_and_become_a_table(hub):
    sent = [event("c1", v="no", n=2**63 - 1), event("c2", v="=1+1")]

    first = hub.ask("POST", "/projects/{uid}/events", json={"events": sent}).json()
    again = hub.ask("POST", "/projects/{uid}/events", json={"events": sent}).json()
    lines = hub.ask("GET", "/projects/{uid}/annotations").text.splitlines()

    assert first == {"new": 2, "known": 0, "last_seq": 3}
    assert again == {"new": 0, "known": 2, "last_seq": 3}
    assert [json.loads(line)["v"] for line in lines] == ["yes", "no", "=1+1"]
    assert json.loads(lines[1])["n"] == 2**63 - 1


def test_a_table_is_taken_away_in_each_format(hub):
    hub.ask("POST", "/projects/{uid}/events", json={"events": [event("c2", v="=1+1")]})
    path = "/projects/{uid}/annotations"

    csv = hub.ask("GET", path, params={"format": "csv"})
    parquet = hub.ask("GET", path, params={"format": "parquet"})

    assert "'=1+1" in csv.text  # no spreadsheet runs it
    assert "attachment" in csv.headers["content-disposition"]
    frame = pd.read_parquet(io.BytesIO(parquet.content))
    assert list(frame["v"]) == ["yes", "=1+1"]


def test_a_bad_event_is_named_by_its_number(hub):
    bad = {**event(), "kind": CANARY}

    answer = hub.ask("POST", "/projects/{uid}/events", json={"events": [event(), bad]})

    assert answer.status_code == 422
    assert [one["index"] for one in answer.json()["problems"]] == [1]
    assert CANARY not in answer.text
    assert hub.ask("GET", "/projects/{uid}").json()["last_seq"] == 1


def test_snapshots_stay_and_are_compared(hub):
    hub.ask("POST", "/projects/{uid}/events", json={"events": [event("c2", v="no")]})
    second = hub.ask("POST", "/projects/{uid}/snapshots", json={"message": "two"})

    rows = hub.ask("GET", "/projects/{uid}/snapshots/first/rows").text.splitlines()
    compared = hub.ask("GET", "/projects/{uid}/snapshots/1/compare/2").json()

    assert second.json()["number"] == 2
    assert [json.loads(row)["v"] for row in rows] == ["yes"]
    assert [row["v"] for row in compared["added"]] == ["no"]
    assert compared["removed"] == compared["changed"] == []


def test_clips_are_leased_until_nothing_is_left(hub):
    first = hub.ask("POST", "/projects/{uid}/leases", "annotator").json()
    other = hub.ask("POST", "/projects/{uid}/leases", "manager")
    hub.ask("DELETE", "/projects/{uid}/leases/c2", "annotator")
    now = hub.ask("POST", "/projects/{uid}/leases", "manager").json()

    assert first["clip"]["identity"] == "c2"  # c1 has its review
    assert other.status_code == 204
    assert now["clip"]["identity"] == "c2"


def test_a_token_is_made_used_and_deleted(hub):
    made = hub.ask("POST", "/tokens", json={"name": "laptop", "scopes": ["annotate"]})
    token = made.json()["token"]

    allowed = hub.ask("GET", "/me", token).status_code
    listed = hub.ask("GET", "/tokens")
    deleted = hub.ask("DELETE", f"/tokens/{made.json()['info']['key_id']}")

    assert (allowed, deleted.status_code) == (200, 204)
    assert token[16:] not in listed.text
    assert hub.ask("GET", "/me", token).json()["code"] == "invalid-token"


def test_a_token_makes_none_that_may_more(hub):
    token = hub.narrow("admin", "project:read", project_uids=[hub.uid])

    more = {"name": "t", "scopes": ["annotate"]}
    wider = {"name": "t", "scopes": ["project:read"], "project_uids": ["another"]}

    assert hub.ask("POST", "/tokens", token, json=more).status_code == 403
    assert hub.ask("POST", "/tokens", token, json=wider).status_code == 403


# ------------------------------------------------------------------ for whom

P = "/projects/{uid}"
ALL = set(PEOPLE)
MEMBERS = {"owner", "manager", "annotator", "viewer"}
ABOVE = {"annotator": MEMBERS - {"viewer"}, "manager": {"owner", "manager"}}
# Each route: what is sent, who may, and the scope it takes (None: any).
ROUTES = {
    ("GET", "/me"): (None, ALL, None),
    ("GET", "/tokens"): (None, ALL, "admin"),
    ("POST", "/tokens"): ({"name": "t"}, ALL, "admin"),
    ("DELETE", "/tokens/{key_id}"): (None, set(), "admin"),
    ("GET", "/projects"): (None, ALL, "project:read"),
    ("POST", "/projects"): ({"name": "New {n}"}, ALL, "project:write"),
    ("GET", P): (None, MEMBERS, "project:read"),
    ("PATCH", P): ({"description": "x"}, ABOVE["manager"], "project:write"),
    ("GET", f"{P}/config"): (None, MEMBERS, "project:read"),
    ("PUT", f"{P}/config"): ({"yaml": ""}, ABOVE["manager"], "project:write"),
    ("GET", f"{P}/members"): (None, MEMBERS, "project:read"),
    ("PUT", f"{P}/members/{{user}}"): (
        {"role": "viewer"},
        ABOVE["manager"],
        "project:write",
    ),
    ("DELETE", f"{P}/members/{{user}}"): (None, ABOVE["manager"], "project:write"),
    ("GET", f"{P}/clips"): (None, MEMBERS, "project:read"),
    ("POST", f"{P}/clips"): ({"clips": []}, ABOVE["manager"], "project:write"),
    ("PUT", f"{P}/assignment"): (
        {"reviews_wanted": 1},
        ABOVE["manager"],
        "project:write",
    ),
    ("POST", f"{P}/leases"): ({}, ABOVE["annotator"], "annotate"),
    ("POST", f"{P}/leases/renew"): ({"clip": "none"}, ABOVE["annotator"], "annotate"),
    ("DELETE", f"{P}/leases/{{identity}}"): (None, ABOVE["annotator"], "annotate"),
    ("GET", f"{P}/events"): (None, MEMBERS, "project:read"),
    ("POST", f"{P}/events"): ({"events": []}, ABOVE["annotator"], "annotate"),
    ("GET", f"{P}/annotations"): (None, MEMBERS, "project:read"),
    ("GET", f"{P}/progress"): (None, MEMBERS, "project:read"),
    ("GET", f"{P}/snapshots"): (None, MEMBERS, "project:read"),
    ("POST", f"{P}/snapshots"): ({}, ABOVE["annotator"], "snapshot"),
    ("GET", f"{P}/snapshots/{{which}}"): (None, MEMBERS, "project:read"),
    ("GET", f"{P}/snapshots/{{which}}/rows"): (None, MEMBERS, "project:read"),
    ("GET", f"{P}/snapshots/{{which}}/compare/{{other}}"): (
        None,
        MEMBERS,
        "project:read",
    ),
}
FILLED = {
    "key_id": "none",
    "user": "guest",
    "identity": "c9",
    "which": "1",
    "other": "1",
}
DONE = {200, 201, 204, 409, 422}  # it was let in, whatever became of it


def documented(hub):
    paths = hub.client.get("/api/openapi.json").json()["paths"]
    return {
        (method.upper(), path.removeprefix("/api/v1"))
        for path, methods in paths.items()
        for method in methods
    }


def ask_route(hub, route, who, uid=None, n=iter(range(10**6))):  # noqa: B008
    method, path = route
    body = ROUTES[route][0]
    if body and "{n}" in str(body):
        body = {"name": f"New {next(n)}"}
    for name, value in FILLED.items():
        path = path.replace(f"{{{name}}}", value)
    if uid is not None:
        path = path.replace("{uid}", uid)
    return hub.ask(method, path, who, **({} if body is None else {"json": body}))


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


# ------------------------------------------------------------ what it never does

TEXTS = st.one_of(
    st.text(max_size=20),
    st.sampled_from([CANARY, "\0", "\u202e", "a" * 300, "=1+1", "<img onerror=1>"]),
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4)
    ),
    max_leaves=12,
)


@pytest.mark.parametrize(
    "route", [r for r in ROUTES if r[0] in ("POST", "PUT", "PATCH")], ids=" ".join
)
@QUIET
@given(data=st.data())
def test_no_body_breaks_it(shared_hub, route, data):
    method, path = route
    known = ROUTES[route][0] or {}
    body = data.draw(
        VALUES | st.fixed_dictionaries({}, optional=dict.fromkeys(known, VALUES))
    )
    for name, value in FILLED.items():
        path = path.replace(f"{{{name}}}", value)

    answer = shared_hub.ask(
        method,
        path,
        content=json.dumps(body).encode("utf-8", "surrogatepass"),
        headers={"Content-Type": "application/json"},
    )

    assert answer.status_code < 500
    hypothesis.event(str(answer.status_code))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[" * 200_000,
        b'{"name": 1e999}',
        b'{"name": NaN}',
        b'{"name": "\\ud800"}',
        b'{"name": "a", "name": "b"}',
        b'{"name": ' + b"9" * 5_000 + b"}",
    ],
)
def test_odd_json_is_refused_in_words(shared_hub, content):
    answer = shared_hub.ask(
        "POST",
        "/projects",
        content=content,
        headers={"Content-Type": "application/json"},
    )

    assert answer.status_code in (201, 400, 422)
    assert "code" in answer.json() or answer.json()["name"] == "b"


def test_what_was_sent_is_in_no_error(shared_hub):
    odd = {CANARY: CANARY, "name": [CANARY], "role": CANARY, "yaml": f"{CANARY}: 1"}
    odd |= {"clips": [{CANARY: 1}], "events": [{"id": CANARY}], "clip": CANARY}
    for (method, path), (body, _, _) in ROUTES.items():
        wrong = {**(body or {}), **odd}
        sent = {key: wrong[key] for key in ({CANARY, *(body or {})} & set(wrong))}
        for given_body in (wrong, sent, {k: v for k, v in sent.items() if k != CANARY}):
            place = path
            for name in FILLED:
                place = place.replace(f"{{{name}}}", CANARY)
            answer = shared_hub.ask(method, place, json=given_body)
            if answer.status_code >= 400:
                assert CANARY not in answer.text, (method, path, answer.text)


def test_a_body_that_is_too_large_is_not_read_to_its_end(hub):
    pieces = (b"x" * 100_000 for _ in range(60))

    told = hub.ask("POST", "/projects", content=b"x" * 5_000_001)
    chunked = hub.ask("POST", "/projects", content=pieces)

    assert (told.status_code, chunked.status_code) == (413, 413)
    assert told.json()["code"] == chunked.json()["code"] == "too-large"


def test_too_many_wrong_tokens_must_wait_and_a_good_one_need_not(hub):
    wrong = [hub.ask("GET", "/me", "annh_junk").status_code for _ in range(21)]
    last = hub.ask("GET", "/me", "annh_junk")

    assert wrong == [401] * 20 + [429]
    assert 0 < int(last.headers["retry-after"]) <= 60
    assert hub.ask("GET", "/me").status_code == 200


def test_an_older_client_is_told_to_update(hub, monkeypatch):
    monkeypatch.setattr("annotator.hub.api.border.OLDEST", 3)

    old = hub.ask("GET", "/me", headers={"Annotator-Protocol": "2"})
    new = hub.ask("GET", "/me", headers={"Annotator-Protocol": "3"})

    assert (old.status_code, old.json()["code"]) == (426, "client-too-old")
    assert (new.status_code, new.headers["annotator-protocol"]) == (200, "1")


def test_trouble_of_its_own_says_a_number_and_nothing_else(hub, monkeypatch, caplog):
    def fail(*_):
        raise RuntimeError(CANARY)

    monkeypatch.setattr(hub.store.projects, "list", fail)
    answer = hub.ask("GET", "/projects")

    assert answer.status_code == 500
    assert CANARY not in answer.text
    number = answer.json()["detail"].rstrip(".").split()[-1]
    assert number in caplog.text


def test_every_answer_has_its_headers(hub):
    for answer in (
        hub.ask("GET", "/me"),
        hub.ask("GET", "/nothing"),
        hub.ask("PUT", "/me"),
    ):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
