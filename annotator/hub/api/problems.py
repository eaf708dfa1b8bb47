"""Errors as problem+json (RFC 9457). None repeats what was sent."""

from __future__ import annotations

import math
from http import HTTPStatus
from typing import TYPE_CHECKING

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from annotator.errors import (
    Forbidden,
    HubConflict,
    HubError,
    InvalidToken,
    ProjectNotFound,
    Refused,
    Throttled,
)
from annotator.hub.api import refusals
from annotator.hub.protocol import MAX_BODY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fastapi import FastAPI
    from starlette.requests import Request

__all__ = ["MEDIA_TYPE", "Problem", "Reason", "install", "problem", "too_large"]

MEDIA_TYPE = "application/problem+json"
_MOST_LISTED = 100  # problems in one answer


class Reason(BaseModel):
    """Why something that was sent cannot be taken."""

    index: int | None = Field(description="Of the item, from 0; null: the whole.")
    reason: str


class Problem(BaseModel):
    """An error, for a person (`detail`) and for a program (`code`)."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    problems: list[Reason] = Field(default=[], description="The first 100.")


_ANSWERS: dict[type[HubError], tuple[int, str]] = {
    InvalidToken: (401, "invalid-token"),
    Forbidden: (403, "forbidden"),
    ProjectNotFound: (404, "not-found"),
    HubConflict: (409, "conflict"),
    Refused: (422, "refused"),
    Throttled: (429, "throttled"),
}
_OF_HTTP = {
    404: ("not-found", "There is no such route."),
    405: ("no-such-method", "This route does not know that method."),
}


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    problems: Sequence[tuple[int | None, str]] = (),
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """Return an error as an answer.

    Parameters
    ----------
    status, code, detail
        For HTTP, for a program, for a person.
    problems
        What is wrong with which item, see `annotator.errors.Refused`.
    headers
        More of them.
    """
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
    }
    if problems:
        body["problems"] = [
            {"index": index, "reason": reason}
            for index, reason in problems[:_MOST_LISTED]
        ]
    return JSONResponse(body, status, headers, MEDIA_TYPE)


def too_large() -> JSONResponse:
    """Return the answer to a request of more than `MAX_BODY` bytes."""
    detail = f"A request has at most {MAX_BODY:,} bytes; send less at a time."
    # The connection stays: a server that closes it while the body still comes cuts this
    # answer off too, and the client would try again for ever. It drops what comes.
    return problem(413, "too-large", detail)


def install(app: FastAPI) -> None:
    """Let an application answer all errors so; `border` does so for the unexpected."""
    for kind in _ANSWERS:
        app.add_exception_handler(kind, _of_the_hub)
    app.add_exception_handler(RequestValidationError, _of_validation)
    app.add_exception_handler(HTTPException, _of_http)


async def _of_the_hub(_request: Request, error: Exception) -> JSONResponse:
    status, code = next(
        found for kind, found in _ANSWERS.items() if isinstance(error, kind)
    )
    headers: dict[str, str] = {}
    problems: Sequence[tuple[int | None, str]] = ()
    if isinstance(error, InvalidToken):
        headers["WWW-Authenticate"] = "Bearer"
    elif isinstance(error, Throttled):
        headers["Retry-After"] = str(max(1, math.ceil(error.wait)))
    elif isinstance(error, Refused):
        problems = error.problems
    detail = str(error).partition("\n")[0]
    return problem(status, code, detail, problems=problems, headers=headers)


async def _of_validation(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - for the type checker
    return _refused(refusals.reasons(error.errors()))


async def _of_http(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - for the type checker
    status = error.status_code
    if status == 413:
        return too_large()
    if status not in _OF_HTTP:  # FastAPI's 400: the body cannot be read
        return _refused([(None, refusals.NO_JSON)])
    return problem(status, *_OF_HTTP[status], headers=error.headers)


def _refused(reasons: Sequence[tuple[int | None, str]]) -> JSONResponse:
    detail = reasons[0][1]
    return problem(422, "refused", detail, problems=reasons)
