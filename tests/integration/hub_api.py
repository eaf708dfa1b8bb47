"""A hub in this process, its people, and the table of who may what at its API."""

from __future__ import annotations

import itertools
import uuid
from dataclasses import dataclass, field
from typing import Any

from starlette.testclient import TestClient

from annotator.hub.api import create_app
from annotator.hub.permissions import Caller
from annotator.hub.protocol import API, ROLES, SCOPES
from annotator.hub.store.hub_store import HubStore

__all__ = ["FILLED", "PEOPLE", "ROUTES", "Hub", "Route", "clip", "documented", "event"]

PASSWORD = "a long password"
TIME = "2026-03-01T06:30:00.000Z"
PEOPLE = (*ROLES, "stranger", "admin")
FILLED = {
    "key_id": "0123456789",
    "user": "guest",
    "identity": "site a/c9",
    "which": "1",
    "other": "1",
}
"""What stands in the addresses of routes."""


class Hub:
    """A hub with the project "Owls", one person of each role, and others.

    "Bats" is a project of somebody else, of which none of `PEOPLE` is a member.

    Parameters
    ----------
    url
        Of its database, which is empty.
    """

    def __init__(self, url):
        self.store = HubStore.open(url)
        self.users, self.tokens = {}, {}
        for name in (*PEOPLE, "guest", "other"):
            user = self.store.users.add(name, PASSWORD, is_admin=name == "admin")
            self.users[name] = user
            self.tokens[name] = self.store.tokens.create(user, "t", SCOPES).secret
        self.owner = Caller(self.users["owner"])
        self.uid = self._project(self.owner, "Owls")
        self.foreign = self._project(Caller(self.users["other"]), "Bats")
        for role in ("manager", "annotator", "viewer"):
            self.store.members.set(self.owner, self.uid, role, role)
        app = create_app(self.store)
        app.state.throttle._limit = 10**9  # it has a test of its own
        self.client = TestClient(app)
        self._narrow = {}

    def _project(self, caller, name):
        uid = self.store.projects.create(caller, name).uid
        self.store.clips.add(caller, uid, [clip("c1"), clip("c2")])
        self.store.events.add(caller, uid, [event("c1", v="yes")])
        self.store.snapshots.create(caller, uid, "first")
        return uid

    def invite(self, who):
        """Make somebody a member of "Owls"."""
        self.store.members.set(self.owner, self.uid, who, "annotator")

    def close(self):
        self.client.close()
        self.store.close()

    def ask(self, method, path, who="owner", **options):
        """Ask for a path as somebody, by name or token; None: as nobody."""
        headers = dict(options.pop("headers", {}))
        if who is not None:
            headers["Authorization"] = f"Bearer {self.tokens.get(who, who)}"
        url = f"{API}{path.replace('{uid}', self.uid)}"
        return self.client.request(method, url, headers=headers, **options)

    def narrow(self, *scopes, who="owner", **options):
        """Return a token of somebody that is for less."""
        key = (who, scopes, repr(options))
        if key not in self._narrow:
            made = self.store.tokens.create(self.users[who], "n", scopes, **options)
            self._narrow[key] = made.secret
        return self._narrow[key]


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


def documented(hub):
    """Return method and path of each route in the OpenAPI document, with what it says."""
    paths = hub.client.get("/api/openapi.json").json()["paths"]
    return {
        (method.upper(), path.removeprefix(API)): operation
        for path, methods in paths.items()
        for method, operation in methods.items()
    }


_numbers = itertools.count()


@dataclass(frozen=True)
class Route:
    """What is sent to a route, and who may: the one place where that is said."""

    least: str | None
    """The least role in the project; None: everybody who has a token."""
    scopes: frozenset[str]
    """Which the token must have, all of them."""
    done: int | tuple[int, ...] = 200
    """Its answer to one who may."""
    body: Any = None
    query: dict[str, str] = field(default_factory=dict)

    def expected(self, who, scopes, *, foreign=False):
        """Return the statuses that an answer may have."""
        if self.least is not None:
            if foreign or who not in ROLES:
                return (404,)
            if ROLES.index(who) < ROLES.index(self.least):
                return (403,)
        if not self.scopes <= set(scopes):
            return (403,)
        return (self.done,) if isinstance(self.done, int) else self.done

    def ask(self, hub, key, who, uid=None):
        """Make a request that is good but for who asks and for which project."""
        method, path = key
        for name, value in FILLED.items():
            path = path.replace(f"{{{name}}}", value)
        if uid is not None:
            path = path.replace("{uid}", uid)
        options = {"params": self.query}
        if self.body is not None:
            options["json"] = self.body
        if self.body == NEW:
            options["json"] = {"name": f"New {next(_numbers)}"}
        return hub.ask(method, path, who, **options)


def _route(least, scopes, done=200, body=None, **query):
    return Route(least, frozenset(scopes.split()), done, body, query)


NEW: dict[str, Any] = {"name": "a new one"}
P = "/projects/{uid}"
READ, WRITE = "project:read", "project:write"

ROUTES = {
    ("GET", "/me"): _route(None, ""),
    ("GET", "/tokens"): _route(None, "admin"),
    ("POST", "/tokens"): _route(None, "admin", 201, {"name": "t", "scopes": ["admin"]}),
    ("DELETE", "/tokens/{key_id}"): _route(None, "admin", 404),  # nobody has that one
    ("GET", "/projects"): _route(None, READ),
    ("POST", "/projects"): _route(None, WRITE, 201, NEW),
    ("GET", P): _route("viewer", READ),
    ("PATCH", P): _route("manager", f"{READ} {WRITE}", body={"description": "x"}),
    ("GET", f"{P}/config"): _route("viewer", READ),
    ("PUT", f"{P}/config"): _route("manager", WRITE, 204, {"yaml": ""}),
    ("GET", f"{P}/members"): _route("viewer", READ),
    ("PUT", f"{P}/members/{{user}}"): _route(
        "manager", WRITE, 204, {"role": "annotator"}
    ),
    ("DELETE", f"{P}/members/{{user}}"): _route("manager", WRITE, 204),
    ("GET", f"{P}/clips"): _route("viewer", READ, after="0", limit="10"),
    ("POST", f"{P}/clips"): _route("manager", WRITE, body={"clips": [clip("c1")]}),
    ("GET", f"{P}/assignment"): _route("manager", READ),
    ("PUT", f"{P}/assignment"): _route(
        "manager",
        WRITE,
        body={"reviews_wanted": 1, "users": [], "blind_share": 0.1, "clips": ["c1"]},
    ),
    ("POST", f"{P}/leases"): _route("annotator", "annotate", (200, 204)),
    # Nobody has that clip.
    ("POST", f"{P}/leases/renew"): _route("annotator", "annotate", 409, {"clip": "c9"}),
    ("DELETE", f"{P}/leases/{{identity}}"): _route("annotator", "annotate", 204),
    ("GET", f"{P}/events"): _route("viewer", READ, after="0", limit="10"),
    ("POST", f"{P}/events"): _route("annotator", "annotate", body={"events": []}),
    ("POST", f"{P}/adjudications"): _route(
        "manager", "annotate", body={"events": [], "column": "v"}
    ),
    ("GET", f"{P}/disagreements"): _route("viewer", READ, column="v", state="open"),
    ("GET", f"{P}/annotations"): _route("viewer", READ, format="csv"),
    ("GET", f"{P}/progress"): _route("viewer", READ, column="v", level="nominal"),
    ("GET", f"{P}/snapshots"): _route("viewer", READ),
    ("POST", f"{P}/snapshots"): _route("annotator", "snapshot", 201, {"message": "m"}),
    ("GET", f"{P}/snapshots/{{which}}"): _route("viewer", READ),
    ("GET", f"{P}/snapshots/{{which}}/rows"): _route("viewer", READ, format="jsonl"),
    ("GET", f"{P}/snapshots/{{which}}/compare/{{other}}"): _route("viewer", READ),
}
