"""The OpenAPI document: what each route may answer beside what it is for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from annotator.hub.api.problems import MEDIA_TYPE, Problem
from annotator.hub.protocol import MAX_BODY, VERSION, VERSION_HEADER

if TYPE_CHECKING:
    from fastapi import FastAPI

__all__ = ["DESCRIPTION", "ERRORS", "install"]

DESCRIPTION = f"""\
Projects, clips and annotations of a team. Each request shows a token,
`Authorization: Bearer annh_...`; a page of the hub makes them.

Errors are `application/problem+json`: `code` is for programs, `detail` for people, and
neither repeats what was sent. A project that you may not see is answered as one that is
not there. A request has at most {MAX_BODY:,} bytes.

Each answer says the version of the protocol in `{VERSION_HEADER}`, now {VERSION}. A
client may say its own there, and is told if it is too old.
"""

ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "description": text}
    for status, text in {
        401: "`invalid-token`: no token, or one that is not valid.",
        403: "`forbidden`: your role in the project, or the token's scopes, are too low.",
        404: "`not-found`: there is no such thing, or none that you may see.",
        409: "`conflict`: the name is taken, the project is archived, or another person "
        "was faster.",
        413: "`too-large`: the request has too many bytes.",
        422: "`refused`: it cannot be taken as it is; `problems` says why.",
        426: "`client-too-old`: the client must be updated.",
        429: "`throttled`: too many wrong tokens; `Retry-After` says when to come again.",
        500: "`trouble`: the hub's own fault; its log says more.",
    }.items()
}
"""What every route may answer."""


def install(app: FastAPI) -> None:
    """Let an application describe its errors by their own media type."""
    make = app.openapi

    def described() -> dict[str, Any]:
        made = app.openapi_schema is None
        found = make()
        if made:
            _name_media_type(found)
        return found

    app.openapi = described  # type: ignore[method-assign]


def _name_media_type(document: dict[str, Any]) -> None:
    # FastAPI takes the media type of the good answer for all of a route's.
    for methods in document["paths"].values():
        for operation in methods.values():
            for status, answer in operation["responses"].items():
                content = answer.get("content", {})
                if int(status) >= 400:
                    answer["content"] = {MEDIA_TYPE: next(iter(content.values()))}
