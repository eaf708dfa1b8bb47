"""What a sync did."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from annotator.annotations.merge import MergeConflict

__all__ = ["SyncResult"]


class SyncResult(str):
    """The address of the copy, as a str, with what was done to make it one.

    Attributes
    ----------
    annotations
        Annotations in the output now.
    uploaded
        Annotations in the file that was uploaded; 0 if none needed to be.
    bytes
        Size of that file, bytes.
    kept_beside
        Address of the copy of a file that could not be merged; None: there
        was no such file.
    seconds
        How long it took, s.
    """

    __slots__ = (
        "annotations",
        "bytes",
        "conflicts_by_id",
        "deleted_ids",
        "kept_beside",
        "merged_ids",
        "seconds",
        "uploaded",
    )

    def __init__(self, address: str) -> None:
        super().__init__()
        self.annotations = 0
        self.uploaded = 0
        self.bytes = 0
        self.seconds = 0.0
        self.conflicts_by_id: dict[str, MergeConflict] = {}
        self.kept_beside: str | None = None
        self.merged_ids: set[str] = set()
        self.deleted_ids: set[str] = set()

    @property
    def merged(self) -> int:
        """Number of annotations that came, new or changed, from others."""
        return len(self.merged_ids)

    @property
    def deleted(self) -> int:
        """Number of annotations that were removed, here or there."""
        return len(self.deleted_ids)

    @property
    def conflicts(self) -> list[MergeConflict]:
        """Annotations that were changed here and there: the kept row, the other."""
        return list(self.conflicts_by_id.values())

    @property
    def summary(self) -> str:
        """One line for a person."""
        total = f"{self.annotations} annotation{'' if self.annotations == 1 else 's'}"
        if not (self.bytes or self.merged_ids or self.deleted_ids):
            return f"Everything is in sync: {total}"
        parts = [f"Synced {total}"]
        if self.merged:
            parts.append(f"{self.merged} from others")
        if self.conflicts:
            parts.append(f"{len(self.conflicts)} changed by both")
        if self.kept_beside:
            name = self.kept_beside.replace("\\", "/").rpartition("/")[2]
            parts.append(f"the former file kept as {name}")
        return ", ".join(parts)

    def __repr__(self) -> str:
        return (
            f"SyncResult({str(self)!r}, uploaded={self.uploaded}, "
            f"merged={self.merged}, deleted={self.deleted}, "
            f"conflicts={len(self.conflicts)}, bytes={self.bytes}, "
            f"seconds={self.seconds:.2f})"
        )
