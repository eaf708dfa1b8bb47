"""The boto3 clients of one set of credentials: with a signature and without.

Reading tries once more without a signature where the credentials are missing
or refused: many collections of sounds are public, and boto3 refuses even those
to somebody without an account.
"""

from __future__ import annotations

import threading
from typing import Any

from annotator._optional import require
from annotator.audio.backends.base import shown
from annotator.audio.backends.quiet import keep_secrets_from_logs
from annotator.audio.backends.s3_errors import client_error, is_refusal, is_stale
from annotator.errors import ParameterError

__all__ = ["Clients"]

ATTEMPTS = 3  # of a request that meets 5xx, a timeout or a broken connection
CONNECT_SECONDS = 10
READ_SECONDS = 60


class Clients:
    """Makes the clients when they are needed, and keeps them."""

    def __init__(self, **auth: Any) -> None:
        self._auth = {name: value for name, value in auth.items() if value is not None}
        self._given = self._auth.pop("client", None)
        self._clients: dict[bool, Any] = {}
        self._lock = threading.Lock()
        self._public: set[str] = set()
        if self._given is not None:
            keep_secrets_from_logs()

    def fetch(self, operation: str, **arguments: Any) -> Any:
        """Call an operation that reads; without a signature where one is refused."""
        bucket = arguments["Bucket"]
        if self._given is not None:
            return getattr(self._given, operation)(**arguments)
        refusals = {}
        first = bucket not in self._public
        for signed in (first, not first):
            try:
                client = self.get(signed=signed)
                answer = getattr(client, operation)(**arguments)
            except client_error() as err:
                if not is_refusal(err):
                    raise
                refusals[signed] = err
            else:
                if not signed:
                    self._public.add(bucket)
                return answer
        if is_stale(refusals[True]):
            self.forget()
        raise refusals[True]

    def get(self, *, signed: bool) -> Any:
        """Return the client; made once: that takes as long as 15 requests."""
        if self._given is not None:
            return self._given
        with self._lock:
            if signed not in self._clients:
                self._clients[signed] = self._new(signed)
            return self._clients[signed]

    def _new(self, signed: bool) -> Any:
        boto3 = require("boto3", why="for s3:// addresses")
        from botocore import UNSIGNED
        from botocore.config import Config

        options = dict(self._auth)
        endpoint = options.pop("endpoint_url", None)
        profile = options.pop("profile", None)
        options.setdefault("profile_name", profile)
        config = Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
            max_pool_connections=16,
            signature_version=None if signed else UNSIGNED,
            # Other servers than Amazon's often know no checksum trailers.
            request_checksum_calculation="when_required" if endpoint else None,
        )
        session = boto3.session.Session(**options)
        try:
            client = session.client("s3", endpoint_url=endpoint, config=config)
        except ValueError as err:
            msg = f"endpoint_url={shown(endpoint)!r} is not an address; use https://host[:port]."
            raise ParameterError(msg) from err
        keep_secrets_from_logs()
        return client

    def forget(self) -> None:
        """Let the next call look for credentials anew: somebody may log in."""
        with self._lock:
            self._clients.pop(True, None)

    def close(self) -> None:
        """Close the clients made here; the next call makes new ones."""
        with self._lock:
            for client in self._clients.values():
                client.close()
            self._clients.clear()
