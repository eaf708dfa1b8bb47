"""Sync: the remote copy equals the output, and nothing that others wrote is lost."""

from annotator.annotations.sync.result import SyncResult
from annotator.annotations.sync.run import OnConflict, sync

__all__ = ["OnConflict", "SyncResult", "sync"]
