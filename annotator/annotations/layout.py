"""Which columns the output has, and in what order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from annotator.annotations.events import PROVENANCE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["Layout"]


class Layout:
    """The output's columns: index, the form's, others found, provenance."""

    def __init__(
        self, index_column: str, columns: Sequence[str], *, provenance: bool
    ) -> None:
        self.index_column = index_column
        self._last = PROVENANCE if provenance else ()
        self._own = dict.fromkeys(
            name for name in (index_column, *columns) if name not in self._last
        )
        self._others: dict[str, None] = {}

    def learn(self, names: Iterable[str]) -> None:
        """Add columns that a row or the file has and the form has not."""
        for name in names:
            if name not in self._own and name not in PROVENANCE:
                self._others[name] = None

    @property
    def columns(self) -> list[str]:
        """All columns, in the output's order."""
        return [*self._own, *self._others, *self._last]
