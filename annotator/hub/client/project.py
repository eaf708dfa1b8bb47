"""A project and its snapshots, wherever they are: at a hub, or on this machine."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from annotator.errors import HubUnreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pandas as pd

__all__ = ["Project", "Side", "Snapshot", "Snapshots"]

Json = dict[str, Any]
_FIRST = ("clip", "annotator", "annotation_id", "created_at")


class Side(Protocol):
    """Where a project is kept."""

    def rows(self) -> list[Json]:
        """Give the annotations as they are now."""

    def snapshots(self) -> list[Json]:
        """Give what is known of each snapshot, newest first."""

    def snapshot(self, which: int | str) -> Json:
        """Give what is known of one, by number or name; ProjectNotFound if none is."""

    def create(self, name: str | None, message: str) -> Json:
        """Make a snapshot."""

    def snapshot_rows(self, number: int) -> list[Json]:
        """Give the annotations of a snapshot."""


@dataclass(frozen=True)
class Snapshot:
    """An immutable version of a project's annotations.

    Attributes
    ----------
    number
        From 1, in the order of their making.
    name, message
        What its maker called it, and said about it.
    n_rows
        Number of annotations in it.
    sha256
        Of what is in it.
    by
        Who made it.
    created_at
        UTC, ISO 8601.
    """

    number: int
    name: str
    message: str = ""
    n_rows: int = 0
    sha256: str = ""
    by: str = ""
    created_at: str = ""
    _side: Side | None = field(default=None, repr=False, compare=False)

    def to_frame(self) -> pd.DataFrame:
        """Give its annotations as pandas would read them from CSV, integers exact."""
        assert self._side is not None  # noqa: S101 - whoever makes one gives it
        rows = self._side.snapshot_rows(self.number)
        if len(rows) != self.n_rows:
            msg = (
                f"Snapshot {self.number} has {self.n_rows:,} annotations, and "
                f"{len(rows):,} came; ask again."
            )
            raise HubUnreachable(msg)
        return _frame(rows)


class Snapshots:
    """The snapshots of a project.

    Parameters
    ----------
    side
        Where they are.
    before
        Called before one is made, so that it holds what was just submitted.
    """

    def __init__(self, side: Side, before: Callable[[], None]) -> None:
        self._side, self._before = side, before

    def create(self, name: str | None = None, message: str = "") -> Snapshot:
        """Make an immutable version of the project's annotations.

        Parameters
        ----------
        name
            Of the snapshot, a text that is no number; None: "Snapshot 3", by its number.
        message
            What it is for.

        Raises
        ------
        HubConflict
            There is one of that name.
        """
        self._before()
        return self._made(self._side.create(name, message))

    def list(self) -> list[Snapshot]:
        """Give all of them, newest first."""
        return [self._made(found) for found in self._side.snapshots()]

    def get(self, which: int | str) -> Snapshot:
        """Give one by its number or its name.

        Raises
        ------
        ProjectNotFound
            There is none.
        """
        return self._made(self._side.snapshot(which))

    def _made(self, found: Mapping[str, Any]) -> Snapshot:
        texts = ("name", "message", "sha256", "by", "created_at")
        return Snapshot(
            number=int(found["number"]),
            n_rows=int(found.get("n_rows") or 0),
            **{name: str(found.get(name) or "") for name in texts},
            _side=self._side,
        )


class Project:
    """What belongs together: annotations of a team or a person, and their snapshots.

    Attributes
    ----------
    name
        Of the project.
    owner
        Whose it is.
    role
        What you may do there: viewer, annotator, manager or owner.
    description
        What it is about.
    url
        The hub's address; "" for a project on this machine.
    uid
        By which the hub knows it; "" for a project on this machine.
    snapshots
        Its immutable versions.
    """

    def __init__(
        self,
        found: Mapping[str, Any],
        side: Side,
        *,
        url: str = "",
        before: Callable[[], None] = lambda: None,
    ) -> None:
        self.name, self.owner = str(found["name"]), str(found.get("owner") or "")
        self.role = str(found.get("role") or "")
        self.description = str(found.get("description") or "")
        self.uid, self.url = str(found.get("uid") or ""), url
        self.snapshots = Snapshots(side, before)
        self._side, self._before = side, before

    def __repr__(self) -> str:
        where = self.url or "this machine"
        return f"<Project {self.name!r} of {self.owner}, you are {self.role}: {where}>"

    def add_snapshot(self, name: str | None = None, message: str = "") -> Snapshot:
        """Make a snapshot; the same as `snapshots.create`."""
        return self.snapshots.create(name, message)

    def to_frame(self) -> pd.DataFrame:
        """Give the annotations of all its people as they are now.

        What was recorded here and waits is sent before.
        """
        self._before()
        return _frame(self._side.rows())


def _frame(rows: Sequence[Json]) -> pd.DataFrame:
    from annotator.annotations.table import to_frame

    columns = dict.fromkeys(_FIRST)
    columns.update(dict.fromkeys(name for row in rows for name in row))
    return to_frame(list(columns), rows)
