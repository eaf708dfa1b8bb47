"""Which columns of a project's annotations hold labels that one can count."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from annotator.annotations.events import PROVENANCE
from annotator.errors import AnnotatorError
from annotator.hub.member_config import form_columns, read

if TYPE_CHECKING:
    from annotator.hub.permissions import Caller
    from annotator.hub.store.hub_store import HubStore

__all__ = ["label_columns"]

_LOOKED_AT = 50  # annotations
_OWN = {"clip", "clip_id", "start_time", "end_time", *PROVENANCE}


def label_columns(store: HubStore, caller: Caller, uid: str) -> list[str]:
    """Return the form's columns, and those that other programs' annotations have.

    Parameters
    ----------
    store
        Of the hub.
    caller, uid
        Who asks, and the project's uid.
    """
    try:
        columns = form_columns(read(store.projects.config(caller, uid)), [])
    except AnnotatorError:
        columns = []  # written by hand; the tab "Settings" says what is wrong
    found = dict.fromkeys(columns)
    for row in islice(store.annotations.rows(caller, uid), _LOOKED_AT):
        row.pop("adjudicated", None)  # the hub's own word
        found.update(dict.fromkeys(row))
    return [name for name in found if name not in _OWN]
