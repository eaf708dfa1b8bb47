"""What the tests of reviews in the browser speak of."""

from __future__ import annotations

from annotator.errors import InvalidToken
from tests.unit.hub.pages.samples import Visitor

__all__ = ["FORM", "OWL", "Leaving"]

FORM = """
form_config:
  select: {label: Species, column: species, items: [owl, nightjar], required: true}
"""
OWL = {"species": "owl"}


class Leaving(Visitor):
    """Somebody who may sign out."""

    is_gone = False

    @property
    def caller(self):
        if self.is_gone:
            msg = "Your sign-in has ended; sign in again."
            raise InvalidToken(msg)
        return super().caller
