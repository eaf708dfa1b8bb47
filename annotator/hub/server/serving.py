"""Put the hub's server together: `panel serve`'s own, with gate, headers and API."""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import panel as pn
from panel.io.server import get_server
from tornado.web import RedirectHandler, RequestHandler

from annotator.errors import HubError
from annotator.hub.protocol import MAX_BODY
from annotator.hub.server.components import ComponentFiles
from annotator.hub.server.gate import Gate
from annotator.hub.server.headers import SafeHeaders
from annotator.hub.server.login import HOME
from annotator.hub.server.mount import ApiHandler, Mount
from annotator.hub.server.secret import signing_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from annotator.hub.server.options import ServeOptions
    from annotator.hub.store.hub_store import HubStore

__all__ = ["HubServer", "page_files"]

_log = logging.getLogger(__name__)

_PAGES = ("hub", "annotate")
_CHECK_UNUSED = 10_000  # ms between two looks for pages that nobody has open
_KEEP_UNUSED = 60_000  # ms that such a page is kept for one who comes back
_MOST_SECONDS = 600.0  # for the body of a request to come in
_MAX_MESSAGE = 20_000_000  # bytes of one message from a page


class HubServer:
    """Pages, API and log-in on one port.

    Parameters
    ----------
    store
        The hub's database.
    options
        Where and how to listen.
    """

    def __init__(self, store: HubStore, options: ServeOptions) -> None:
        from annotator.hub.api import create_app

        # What Bokeh takes from the environment would widen what is set here.
        os.environ.pop("BOKEH_ALLOW_WS_ORIGIN", None)
        if options.n_threads is not None:
            pn.config.nthreads = options.n_threads  # type: ignore[misc]
        self.gate = Gate(store, is_secure=options.is_secure)
        self._mount = Mount(create_app(store))
        self._options = options
        port = options.port or _free_port(options.address)
        key = signing_key(options.key_file)
        secure = options.is_secure
        self._server = get_server(
            {f"/{name}": str(file) for name, file in page_files().items()},
            port=port,
            address=options.address,
            websocket_origin=options.hosts(port),
            auth_provider=self.gate,
            extra_patterns=[
                (r"/", RedirectHandler, {"url": HOME, "permanent": False}),
                # Panel sends one there who asked for a page with a slash behind it.
                (r"/(?:hub|annotate)/login", RedirectHandler, {"url": "/login"}),
                (r"/health", _Health),
                (r"/api(?:/.*)?", ApiHandler, {"mount": self._mount}),
                (r"/components/(.*)", ComponentFiles, {}),
            ],
            transforms=[SafeHeaders],
            xsrf_cookies=True,
            xsrf_cookie_name="__Host-annotator_xsrf" if secure else "annotator_xsrf",
            xsrf_cookie_kwargs={
                "httponly": True,
                "samesite": "Lax",
                "secure": secure,
            },
            secret_key=key,
            sign_sessions=True,
            # All that Bokeh takes in here, it writes into the page.
            include_cookies=[],
            include_headers=["Accept-Language", "User-Agent"],
            check_unused_sessions_milliseconds=_CHECK_UNUSED,
            unused_session_lifetime_milliseconds=_KEEP_UNUSED,
            websocket_max_message_size=_MAX_MESSAGE,
            use_xheaders=options.behind_proxy,
            ssl_certfile=options.cert_file and str(options.cert_file),
            ssl_keyfile=options.cert_key and str(options.cert_key),
            # Of the pages; the API counts for itself, and answers what is too large.
            http_server_kwargs={
                "max_body_size": MAX_BODY,
                "body_timeout": _MOST_SECONDS,
            },
        )

    @property
    def url(self) -> str:
        """Where it is to be seen from this machine."""
        scheme = "https" if self._options.cert_file else "http"
        return f"{scheme}://{self._options.address}:{self._server.port}{HOME}"

    def run(self, announce: Callable[[str], Any]) -> None:
        """Serve until the process is interrupted or asked to end.

        Parameters
        ----------
        announce
            Called with the address as soon as it answers.
        """
        loop: Any = self._server.io_loop
        if sys.platform != "win32":
            loop.asyncio_loop.add_signal_handler(signal.SIGTERM, loop.stop)
        self._server.start()
        self.gate.start()
        loop.add_callback(announce, self.url)
        try:
            loop.start()
        finally:
            self.gate.stop()
            self._server.stop()
            self._mount.stop()
            _log.info("The hub has stopped")


class _Health(RequestHandler):
    """Says whether this process can work: for proxies and supervisors."""

    async def get(self) -> None:
        gate: Gate = self.application.auth_provider  # type: ignore[attr-defined]
        await gate.look_up(gate.store.users.n)
        self.set_header("Cache-Control", "no-store")
        self.write({"status": "ok"})


def _free_port(address: str) -> int:
    with socket.create_server((address, 0)) as probe:
        return int(probe.getsockname()[1])


def page_files() -> dict[str, Path]:
    """Return the files of the pages, by name.

    Raises
    ------
    HubError
        They are neither in the installed package nor beside it.
    """
    here = Path(__file__)
    for folder in (here.parent / "apps", here.parents[3] / "apps"):
        files = {name: folder / f"{name}.py" for name in _PAGES}
        if all(file.is_file() for file in files.values()):
            return files
    msg = "The pages hub.py and annotate.py are missing; install the package again."
    raise HubError(msg)
