"""A hub on this machine that keeps what it is sent, and fails when it is told to.

::

    with HubDouble() as hub:
        annotator.login(hub.origin, hub.token("maria"))
        ...
        assert hub.clips("Owls") == ["1", "2"]
"""

from __future__ import annotations

import contextlib
import json
import random
import socket
import struct
import threading
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

from annotator.hub import tokens
from annotator.hub.protocol import API, VERSION_HEADER
from tests.doubles.quiet import Double, QuietHandler

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Fault", "HubDouble", "Request", "token"]

Json = dict[str, Any]


_tokens: dict[str, str] = {}


def token(name: str) -> str:
    """Give the token of a user, always the same."""
    return _tokens.setdefault(name, tokens.make())


@dataclass
class Fault:
    """What goes wrong with one request."""

    status: int = 500
    headers: dict[str, str] = field(default_factory=dict)
    body: Json = field(default_factory=dict)
    path: str = ""
    """A part of the path that it is for; "": any request."""
    is_hub: bool = True
    """Whether it says that it is a hub; a proxy does not."""


@dataclass
class Request:
    """What was asked."""

    method: str
    path: str
    headers: dict[str, str]
    n_events: int
    status: int = 0


@dataclass
class _Project:
    uid: str
    name: str
    owner: str
    members: dict[str, str]
    events: dict[str, Json] = field(default_factory=dict)
    """As they came, by id, each with its `user`."""
    snapshots: list[tuple[Json, list[Json]]] = field(default_factory=list)


class _Answer(Exception):
    def __init__(
        self,
        status: int,
        body: Any = None,
        headers: dict[str, str] | None = None,
        *,
        is_hub: bool = True,
    ) -> None:
        super().__init__(status)
        self.status, self.body, self.is_hub = status, body, is_hub
        self.headers = headers or {}


def _problem(status: int, code: str, detail: str, **more: Any) -> _Answer:
    body = {"title": code, "status": status, "code": code, "detail": detail, **more}
    return _Answer(status, body)


@dataclass
class HubDouble(Double):
    """Serve the part of a hub's API that the client speaks; a context manager."""

    lost_requests: float = 0.0
    """Share of requests that are cut off before anything is done."""
    lost_answers: float = 0.0
    """Share of answers that are cut off after everything was done."""
    seed: int = 20
    refuses: Callable[[Json], str | None] = lambda _event: None
    """Why an event cannot be taken; None: it can."""
    names_the_bad: bool = True
    """Whether a refusal says which events are bad."""
    requests: list[Request] = field(default_factory=list)
    faults: deque[Fault] = field(default_factory=deque)
    """Each is used once, by the first request that it is for."""
    always: Fault | None = None
    """What every request gets that it is for."""

    def __enter__(self) -> Self:
        self.lock = threading.RLock()
        self.rng = random.Random(self.seed)  # noqa: S311 - the same each time
        self.users: dict[str, str] = {}
        self.projects: dict[str, _Project] = {}
        return super().__enter__()

    def token(self, name: str = "maria") -> str:
        """Let a user in, and give the token."""
        self.users[token(name)] = name
        return token(name)

    def delete_token(self, name: str = "maria") -> None:
        """Let a user in no more."""
        del self.users[token(name)]

    def add(self, name: str, owner: str = "maria", **members: str) -> _Project:
        """Make a project with members, by their roles."""
        with self.lock:
            uid = f"00000000-0000-4000-8000-{len(self.projects) + 1:012d}"
            roles = {owner: "owner", **members}
            self.projects[uid] = project = _Project(uid, name, owner, roles)
            return project

    def project(self, name: str, owner: str = "maria") -> _Project:
        """Give a project."""
        found = [
            p for p in self.projects.values() if (p.name, p.owner) == (name, owner)
        ]
        assert len(found) == 1, [p.name for p in self.projects.values()]
        return found[0]

    def clips(self, name: str, owner: str = "maria") -> list[str]:
        """Give the clips of a project's events, in the order in which they came."""
        with self.lock:
            found = [p for p in self.projects.values() if p.name == name]
            found = [p for p in found if p.owner == owner]
            return [e["clip"] for p in found for e in p.events.values()]

    # Its routes ---------------------------------------------------------------------

    def answer(self, method: str, path: str, query: Json, user: str, body: Any) -> Any:
        """Do what is asked."""
        parts = [unquote(part) for part in path.strip("/").split("/")]
        if parts == ["me"]:
            return {"name": user, "is_admin": False}
        if parts == ["projects"]:
            return self._make(user, body) if method == "POST" else self._list(user)
        project = self.projects.get(parts[1])
        if parts[0] != "projects" or project is None or user not in project.members:
            raise _problem(404, "not-found", "There is no such project.")
        if parts[2] == "events" and method == "POST":
            return self._store(project, user, body["events"])
        if parts[2] == "annotations":
            assert query == {"format": ["jsonl"]}
            return _rows(project)
        if parts[2:] == ["snapshots"]:
            if method == "POST":
                return self._snapshot(project, user, body)
            return [head for head, _ in project.snapshots]
        if parts[2] == "snapshots" and parts[4:] == ["rows"]:
            return project.snapshots[int(parts[3]) - 1][1]
        raise _problem(404, "not-found", "There is nothing.")

    def _list(self, user: str) -> list[Json]:
        return [_about(p, user) for p in self.projects.values() if user in p.members]

    def _make(self, user: str, body: Json) -> Json:
        key = body["name"].casefold()
        if any(
            p.name.casefold() == key and p.owner == user for p in self.projects.values()
        ):
            raise _problem(409, "conflict", "The name is taken.")
        return _about(self.add(body["name"], user), user)

    def _store(self, project: _Project, user: str, events: list[Json]) -> Json:
        if project.members[user] == "viewer":
            raise _problem(403, "forbidden", "Your role in this project is viewer.")
        assert len(events) <= 200
        bad = [
            {"index": index, "reason": why}
            for index, event in enumerate(events)
            if (why := self.refuses(event)) is not None
        ]
        if bad:
            more = {"problems": bad} if self.names_the_bad else {}
            raise _problem(422, "refused", bad[0]["reason"], **more)
        new = [event for event in events if event["id"] not in project.events]
        project.events.update({e["id"]: {**e, "user": user} for e in new})
        n_new = len(new)
        n_known = len(events) - n_new
        return {"new": n_new, "known": n_known, "last_seq": len(project.events)}

    def _snapshot(self, project: _Project, user: str, body: Json) -> Json:
        number = len(project.snapshots) + 1
        name, rows = body.get("name") or f"Snapshot {number}", _rows(project)
        if name in [head["name"] for head, _ in project.snapshots]:
            raise _problem(409, "conflict", "The project has a snapshot of this name.")
        head = {
            "number": number,
            "name": name,
            "message": body.get("message", ""),
            "through_seq": len(project.events),
            "n_rows": len(rows),
            "sha256": "0" * 64,
            "by": user,
            "created_at": "2026-01-01T00:00:00.000Z",
        }
        project.snapshots.append((head, rows))
        return head


def _about(project: _Project, user: str) -> Json:
    return {
        "uid": project.uid,
        "name": project.name,
        "owner": project.owner,
        "role": project.members[user],
        "description": "",
        "archived": False,
        "last_seq": len(project.events),
        "created_at": "2026-01-01T00:00:00.000Z",
    }


def _rows(project: _Project) -> list[Json]:
    rows: dict[tuple[str, str], Json] = {}
    for event in project.events.values():
        for row in event["rows"]:
            key = (event["user"], row["annotation_id"])
            if event["kind"] == "delete":
                rows.pop(key, None)
            else:
                rows[key] = {
                    "clip": event["clip"],
                    **row,
                    "annotator": event["user"],
                }
    return list(rows.values())


class _Handler(QuietHandler):
    def _do(self) -> None:
        hub: HubDouble = self.server.double
        size = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(size) or b"null")
        events = body.get("events", ()) if isinstance(body, dict) else ()
        seen = Request(self.command, self.path, dict(self.headers), len(events))
        with hub.lock:
            hub.requests.append(seen)
            is_request_lost = hub.rng.random() < hub.lost_requests
            is_answer_lost = hub.rng.random() < hub.lost_answers
        if is_request_lost:
            return self._cut()
        try:
            answer = _Answer(200, self._result(hub, body))
        except _Answer as err:
            answer = err
        seen.status = answer.status
        return self._cut() if is_answer_lost else self._send(answer)

    do_GET = do_POST = _do

    def _result(self, hub: HubDouble, body: Any) -> Any:
        with hub.lock:
            self._fail(hub)
            user = hub.users.get(
                self.headers.get("Authorization", "")[len("Bearer ") :]
            )
            if user is None:
                raise _problem(401, "invalid-token", "The token is not valid.")
            assert self.headers[VERSION_HEADER] == "1"
            parts = urlsplit(self.path)
            assert parts.path.startswith(f"{API}/")
            path = parts.path.removeprefix(API)
            return hub.answer(self.command, path, parse_qs(parts.query), user, body)

    def _fail(self, hub: HubDouble) -> None:
        for fault in [*hub.faults, *([hub.always] if hub.always else [])]:
            if fault.path in self.path:
                if fault in hub.faults:
                    hub.faults.remove(fault)
                raise _Answer(
                    fault.status, fault.body, fault.headers, is_hub=fault.is_hub
                )

    def _send(self, answer: _Answer) -> None:
        is_table = isinstance(answer.body, list) and "format=jsonl" in self.path
        text = (
            "".join(json.dumps(row) + "\n" for row in answer.body)
            if is_table
            else json.dumps(answer.body)
        )
        data = text.encode()
        kind = "application/x-ndjson" if is_table else "application/json"
        if answer.status >= 300 and answer.is_hub:
            kind = "application/problem+json"
        self.send_response(answer.status)
        if answer.is_hub:
            self.send_header(VERSION_HEADER, "1")
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def _cut(self) -> None:
        """End the connection as a network does that is gone."""
        self.close_connection = True
        with contextlib.suppress(OSError):
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.connection.close()


HubDouble.handler = _Handler
