"""What each answer says about how a browser may use it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tornado.web import OutputTransform

if TYPE_CHECKING:
    from tornado.httputil import HTTPHeaders, HTTPServerRequest

__all__ = ["HEADERS", "HSTS", "SafeHeaders"]

HEADERS = {
    # Panel's pages carry scripts of their own; what text from data could do is ruled out:
    # handlers in attributes, plugins, another base for links, forms sent elsewhere.
    "Content-Security-Policy": (
        "script-src-attr 'none'; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'self'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
}
"""On each answer, unless the one who answers has a stricter one."""

HSTS = "max-age=31536000"
"""Over TLS: for a year, without TLS no more."""


class SafeHeaders(OutputTransform):
    """Adds `HEADERS` to what Tornado answers, errors and files included."""

    def __init__(self, request: HTTPServerRequest) -> None:
        self._is_secure = request.protocol == "https"

    def transform_first_chunk(
        self, status_code: int, headers: HTTPHeaders, chunk: bytes, finishing: bool
    ) -> tuple[int, HTTPHeaders, bytes]:
        """Add them to the head of an answer."""
        for name, value in HEADERS.items():
            headers.setdefault(name, value)
        if self._is_secure:
            headers["Strict-Transport-Security"] = HSTS
        headers["Server"] = "annotator"  # not which version of what
        return status_code, headers, chunk

    def transform_chunk(self, chunk: bytes, finishing: bool) -> bytes:
        """Leave the rest as it is."""
        return chunk
