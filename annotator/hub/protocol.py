"""What both sides of the hub's REST API must know; the standard library is enough."""

from __future__ import annotations

__all__ = [
    "API",
    "MAX_BATCH",
    "MAX_BODY",
    "OLDEST",
    "ROLES",
    "SCOPES",
    "VERSION",
    "VERSION_HEADER",
]

API = "/api/v1"
"""Where the routes begin."""

VERSION = 1
"""Of the protocol that this package speaks."""

OLDEST = 1
"""The oldest that the hub still understands."""

VERSION_HEADER = "Annotator-Protocol"
"""Both sides say their version in it."""

MAX_BATCH = 200
"""Events in one request at most."""

MAX_BODY = 5_000_000
"""Bytes of one request at most."""

ROLES = ("viewer", "annotator", "manager", "owner")
"""Of a member, from what may least to what may most."""

SCOPES = ("project:read", "project:write", "annotate", "snapshot", "admin")
"""Of a token: what it may be used for, within what its user may do."""
