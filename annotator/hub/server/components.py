"""Files of the pages' own components: only for those who are signed in."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from panel.io.server import ComponentResourceHandler
from tornado.web import HTTPError

if TYPE_CHECKING:
    from annotator.hub.server.gate import Gate

__all__ = ["ComponentFiles"]


class ComponentFiles(ComponentResourceHandler):
    """Panel's handler, which imports whatever module an address names; this one does not."""

    async def prepare(self) -> None:
        """Refuse strangers, and modules that no page has loaded."""
        gate: Gate = self.application.auth_provider  # type: ignore[attr-defined]
        if await gate.user_of(self) is None:
            raise HTTPError(403)
        module = self.path_args[0].partition("/")[0] if self.path_args else ""
        if module not in sys.modules:
            raise HTTPError(404)
