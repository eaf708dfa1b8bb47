"""A hub in memory of the process, its people, and the table of who may what."""

from __future__ import annotations

import itertools
import uuid

from starlette.testclient import TestClient

from annotator.hub.api import create_app
from annotator.hub.permissions import Caller
from annotator.hub.protocol import SCOPES
from annotator.hub.store.hub_store import HubStore

PASSWORD = "a long password"
TIME = "2026-03-01T06:30:00.000Z"
PEOPLE = ("owner", "manager", "annotator", "viewer", "stranger", "admin")


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


_numbers = itertools.count()


def ask_route(hub, route, who, uid=None):
    method, path = route
    body = ROUTES[route][0]
    if body and "{n}" in str(body):
        body = {"name": f"New {next(_numbers)}"}
    for name, value in FILLED.items():
        path = path.replace(f"{{{name}}}", value)
    if uid is not None:
        path = path.replace("{uid}", uid)
    return hub.ask(method, path, who, **({} if body is None else {"json": body}))
