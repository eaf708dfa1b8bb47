"""Secrets stay out of the logs of the libraries beneath.

At DEBUG botocore logs whole requests: the session token, signatures, and in the
answers of a login new keys. urllib3 logs addresses, a warning among them, and an
address may be signed.
"""

from __future__ import annotations

import logging
import re

__all__ = ["keep_secrets_from_logs"]


def keep_secrets_from_logs() -> None:
    """Filter the loggers that botocore, requests and Google's client use by now.

    To be called when a client was made, which loads most of their modules. A
    filter sits at each logger, since one of a parent is not asked. It holds for
    the whole process.
    """
    for name in list(logging.root.manager.loggerDict):
        for prefix, kind in _FILTERS.items():
            if f"{name}.".startswith(f"{prefix}."):
                logging.getLogger(name).addFilter(kind)  # once at most


_QUERY = re.compile(r"\?[^\s'\"]+")


def _without_debug(record: logging.LogRecord) -> bool:
    """Drop details."""
    return record.levelno > logging.DEBUG


def _without_query(record: logging.LogRecord) -> bool:
    """Cut what follows the question mark of addresses."""
    record.msg, record.args = _QUERY.sub("?...", record.getMessage()), ()
    return True


_FILTERS = {
    "boto3": _without_debug,
    "botocore": _without_debug,
    "google.auth": _without_debug,
    "google.cloud.storage": _without_query,
    "requests": _without_query,
    "urllib3": _without_query,
}
