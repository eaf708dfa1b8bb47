"""What a hub's answer means: a result, or one of our errors."""

from __future__ import annotations

import datetime as dt
import json
import math
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from annotator.errors import (
    Forbidden,
    HubConflict,
    HubError,
    HubUnreachable,
    InvalidToken,
    ProjectNotFound,
    Refused,
    Throttled,
)
from annotator.hub.protocol import VERSION_HEADER

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["error_of", "is_hub", "retry_after"]

_LONGEST = 300  # characters of a sentence that comes from outside
_PROBLEM = "application/problem+json"
_MAX_WAIT = 3_600.0  # s


def is_hub(headers: Mapping[str, str]) -> bool:
    """Tell whether it is a hub that answers, and not a proxy or a hotel's log-in page."""
    kind = headers.get("Content-Type", "")
    return VERSION_HEADER in headers or kind.startswith(_PROBLEM)


def error_of(
    status: int, headers: Mapping[str, str], body: bytes, *, url: str, key_id: str
) -> HubError | None:
    """Give the error that an answer means; None if it is no error.

    Parameters
    ----------
    status, headers, body
        The answer.
    url
        The hub's address, for the sentence.
    key_id
        The public part of the token, for the sentence.
    """
    if not is_hub(headers):
        msg = (
            f"{url} answers, but not as a hub does (status {status}); check the "
            "address, and whether the network wants a log-in of its own."
        )
        return HubUnreachable(msg)
    if status < 300:
        return None
    problem = _problem(body)
    detail = _text(problem.get("detail")) or _text(problem.get("title"))
    if status == 401:
        msg = (
            f"The hub {url} refuses the token {key_id}: it was deleted, or its time is "
            "over, or it is another hub's. Make another one on the hub's page Tokens."
        )
        return InvalidToken(msg)
    if status == 429:
        msg = f"The hub {url} asks for a pause: {detail or 'too many requests'}"
        return Throttled(msg, retry_after(headers.get("Retry-After")))
    if status == 426:
        msg = (
            f"The hub {url} no longer understands this version. Update it: "
            "pip install --upgrade bioacoustic-annotator"
        )
        return HubError(msg)
    if status in {400, 413, 422}:
        return Refused(*_problems(problem, detail or f"The hub refused it ({status})."))
    kind = {403: Forbidden, 404: ProjectNotFound, 409: HubConflict}.get(status)
    if kind is not None:
        return kind(detail or f"The hub {url} refused it (status {status}).")
    return HubUnreachable(f"The hub {url} has trouble of its own (status {status}).")


def _problem(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _text(found: object) -> str:
    if not isinstance(found, str):
        return ""
    return "".join(c if c.isprintable() else " " for c in found[:_LONGEST]).strip()


def _problems(problem: dict[str, Any], whole: str) -> list[tuple[int | None, str]]:
    given = problem.get("problems")
    found: list[tuple[int | None, str]] = []
    for item in given if isinstance(given, list) else ():
        if isinstance(item, dict):
            index = item.get("index")
            known = type(index) is int and index >= 0
            found.append((index if known else None, _text(item.get("reason")) or whole))
    return found or [(None, whole)]


def retry_after(text: str | None, now: dt.datetime | None = None) -> float:
    """Give the seconds that a Retry-After asks for, between 0 and an hour.

    Parameters
    ----------
    text
        Seconds, or a date; anything else counts as a minute.
    now
        The time, for tests.
    """
    text = (text or "").strip()
    try:
        seconds = float(text)
    except ValueError:
        try:
            moment = parsedate_to_datetime(text)
        except ValueError:
            return 60.0
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=dt.UTC)
        seconds = (moment - (now or dt.datetime.now(dt.UTC))).total_seconds()
    if math.isnan(seconds):
        return 60.0
    return min(max(seconds, 0.0), _MAX_WAIT)
