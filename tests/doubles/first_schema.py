"""A hub as the first version left it: what is in its tables, written out.

It goes by the first schema alone, and by none of the code that came after it.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from argon2 import PasswordHasher

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

__all__ = ["HASH", "PASSWORD", "UID", "fill"]

UID = "7f2c1d1e-0c52-4d0b-9c3b-5d6f1a2b3c4d"
PASSWORD = "a long password"
_TIME = "2026-03-01T06:30:00.000Z"
_LATER = "2999-01-01T00:00:00.000Z"

_ROWS = [
    # user, clip, annotation, from, until, row
    (1, "c0", "a-1", 1, 3, '{"annotation_id":"a-1","species":"owl"}'),
    (2, "c0", "b-1", 2, None, '{"annotation_id":"b-1","species":"Käuzchen","n":1.5}'),
    (1, "c0", "a-1", 3, None, '{"annotation_id":"a-1","species":"fox"}'),
    (2, "c1", "b-2", 4, 5, '{"annotation_id":"b-2","species":"owl"}'),
]
_LINES = [
    'ann\tc0\t{"annotation_id":"a-1","species":"owl"}',
    'bo\tc0\t{"annotation_id":"b-1","species":"Käuzchen","n":1.5}',
]
HASH = hashlib.sha256(("\n".join(_LINES) + "\n").encode()).hexdigest()
"""Of the snapshot, which was taken after the second event."""


def fill(connection: Connection, token: str, cookie: str) -> None:
    """Write the rows of all tables.

    Parameters
    ----------
    connection
        To a database of the first schema.
    token, cookie
        Shown by Ann, who owns the project, and Bo, who annotates there.
    """
    metadata = sa.MetaData()
    metadata.reflect(connection)
    for name, rows in _tables(token, cookie).items():
        for row in rows:
            connection.execute(sa.insert(metadata.tables[name]).values(row))


def _tables(token: str, cookie: str) -> dict[str, list[dict[str, Any]]]:
    hashed = PasswordHasher().hash(PASSWORD)
    people = [("Ann", True), ("Bo", False)]
    return {
        "users": [
            {
                "name": name.casefold(),
                "name_key": name.casefold(),
                "password_hash": hashed,
                "is_admin": is_admin,
                "is_active": True,
                "created_at": _TIME,
            }
            for name, is_admin in people
        ],
        "tokens": [
            {
                "key_id": token[5:15],
                "user_id": 1,
                "name": "laptop",
                "digest": hashlib.sha256(token.encode()).hexdigest(),
                "scopes": "project:read annotate",
                "created_at": _TIME,
                "expires_at": _LATER,
            }
        ],
        "web_sessions": [
            {
                "digest": hashlib.sha256(cookie.encode()).hexdigest(),
                "user_id": 2,
                "created_at": _TIME,
                "expires_at": _LATER,
            }
        ],
        "projects": [
            {
                "uid": UID,
                "owner_id": 1,
                "name": "Owls",
                "name_key": "owls",
                "description": "In the valley",
                "config": "default_buffer: 1\n",
                "created_at": _TIME,
                "last_seq": 5,
            }
        ],
        "members": [
            {"project_id": 1, "user_id": n, "role": role, "added_at": _TIME}
            for n, role in ((1, "owner"), (2, "annotator"))
        ],
        "clips": [
            {
                "project_id": 1,
                "identity": f"c{n}",
                "recording": "s3://owls/a.flac",
                "start_time": 3.0 * n,
                "end_time": 3.0 * n + 3,
                "row": '{"confidence":0.5}',
                "reviews_wanted": 2,
                "is_blind": n == 1,
            }
            for n in range(3)
        ],
        "assignments": [{"clip_id": 2, "user_id": 2}],
        "leases": [{"clip_id": 3, "slot": 0, "user_id": 2, "until": _LATER}],
        "places": [
            {
                "project_id": 1,
                "user_id": 1,
                "is_assigned": False,
                "clip_id": 1,
                "seq": 5,
            }
        ],
        **_work(),
        "audit": [
            {
                "at": _TIME,
                "user_id": 1,
                "project_id": 1,
                "action": "project.create",
                "detail": '{"name":"Owls"}',
            }
        ],
    }


def _work() -> dict[str, list[dict[str, Any]]]:
    rows = {begun: (user, clip, text) for user, clip, _one, begun, _end, text in _ROWS}
    rows[5] = (2, "c1", '{"annotation_id":"b-2"}')
    return {
        "events": [
            {
                "project_id": 1,
                "seq": seq,
                "id": f"00000000-0000-7000-8000-00000000000{seq}",
                "clip": clip,
                "user_id": user,
                "annotator": "me",
                "kind": "delete" if seq == 5 else "set",
                "rows": f"[{text}]",
                "look": "{}",
                "created_at": _TIME,
                "received_at": _TIME,
                "app_version": "0.1",
                "config": "",
            }
            for seq, (user, clip, text) in sorted(rows.items())
        ],
        "annotations": [
            {
                "project_id": 1,
                "annotation_id": one,
                "clip": clip,
                "user_id": user,
                "from_seq": begun,
                "until_seq": ended,
                "row": text,
            }
            for user, clip, one, begun, ended, text in _ROWS
        ],
        "snapshots": [
            {
                "project_id": 1,
                "number": 1,
                "name": "Draft",
                "name_key": "draft",
                "message": "For the talk",
                "through_seq": 2,
                "n_rows": 2,
                "sha256": HASH,
                "user_id": 2,
                "created_at": _TIME,
            }
        ],
    }
