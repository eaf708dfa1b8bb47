"""Errors as problem+json (RFC 9457). None repeats what was sent."""

from __future__ import annotations

import logging
import uuid
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from annotator.errors import (
    Forbidden,
    HubConflict,
    HubError,
    InvalidToken,
    ParameterError,
    ProjectNotFound,
    Refused,
    Throttled,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import FastAPI
    from starlette.requests import Request

__all__ = ["ERRORS", "MEDIA_TYPE", "Problem", "install", "problem"]

_log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
_MOST_LISTED = 100  # problems in one answer


class Problem(BaseModel):
    """An error, for a person (`detail`) and for a program (`code`)."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    code: str
    problems: list[dict[str, int | str | None]] | None = None
    """Of items of what was sent: `index` from 0, or null for the whole, and `reason`."""


ERRORS: dict[int | str, dict[str, Any]] = {
    status: {
        "description": text,
        "content": {MEDIA_TYPE: {"schema": Problem.model_json_schema()}},
    }
    for status, text in {
        400: "The request makes no sense.",
        401: "No token, or one that is not valid.",
        403: "The role in the project, or the token's scopes, do not allow it.",
        404: "There is no such thing, or none that you may see.",
        409: "The name is taken, the project is archived, or somebody was faster.",
        413: "The request is too large.",
        422: "What was sent cannot be taken as it is.",
        426: "The client is too old for this hub.",
        429: "Too many attempts; see Retry-After.",
    }.items()
}
"""For the OpenAPI document."""

_CODES: dict[type[Exception], tuple[int, str]] = {
    InvalidToken: (401, "invalid-token"),
    Forbidden: (403, "forbidden"),
    ProjectNotFound: (404, "not-found"),
    HubConflict: (409, "conflict"),
    Refused: (422, "refused"),
    Throttled: (429, "throttled"),
    ParameterError: (422, "refused"),
}
_HTTP_CODES = {404: "not-found", 405: "no-such-method", 413: "too-large"}


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    problems: list[dict[str, Any]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """Return an error as an answer."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
    }
    if problems:
        body["problems"] = problems[:_MOST_LISTED]
    return JSONResponse(body, status, dict(headers or {}), MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Let an application answer all errors so."""
    app.add_exception_handler(HubError, _of_the_hub)
    app.add_exception_handler(ParameterError, _of_the_hub)
    app.add_exception_handler(RequestValidationError, _of_validation)
    app.add_exception_handler(HTTPException, _of_http)
    app.add_exception_handler(Exception, _of_ours)


def _of_the_hub(_request: Request, error: Exception) -> JSONResponse:
    status, code = next(
        (found for kind, found in _CODES.items() if isinstance(error, kind)),
        (500, "trouble"),
    )
    headers, problems = {}, None
    if isinstance(error, InvalidToken):
        headers["WWW-Authenticate"] = "Bearer"
    elif isinstance(error, Throttled):
        headers["Retry-After"] = str(max(1, round(error.wait)))
    elif isinstance(error, Refused):
        problems = [{"index": i, "reason": reason} for i, reason in error.problems]
    detail = str(error).partition("\n")[0]
    return problem(status, code, detail, problems=problems, headers=headers)


def _of_validation(_request: Request, error: Exception) -> JSONResponse:
    """Say what is wrong, and where, but not what was there."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - for the type checker
    problems = []
    for item in error.errors():
        place = [str(part) for part in item["loc"] if _is_ours(item, part)]
        reason = str(item["type"]).replace("_", " ")
        problems.append({"index": None, "reason": f"{'.'.join(place)}: {reason}"})
    detail = "The request is not as the API's description wants it."
    return problem(422, "refused", detail, problems=problems)


def _is_ours(item: Mapping[str, Any], part: object) -> bool:
    # The name of a key that should not be there is what somebody sent.
    is_last = part == item["loc"][-1]
    return not (item["type"] == "extra_forbidden" and is_last)


def _of_http(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - for the type checker
    status = error.status_code
    code = _HTTP_CODES.get(status, "bad-request")
    details = {
        404: "There is no such route.",
        405: "This route does not know that method.",
    }
    detail = details.get(status, "The request makes no sense: is its body JSON?")
    return problem(status, code, detail, headers=error.headers)


def _of_ours(_request: Request, error: Exception) -> JSONResponse:
    number = uuid.uuid4().hex[:12]
    _log.error("Request %s failed", number, exc_info=error)
    detail = f"Something went wrong in the hub; its log says more at {number}."
    return problem(500, "trouble", detail)
