"""The one table of flat and old spellings of the keys.

A notebook writes ``audio_column="path"`` where the YAML may say
``audio: {column: path}``; both are the Parameter `column` of `AudioConfig`.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["SPELLINGS", "Spelling", "near_parameter"]

_MIN_LENGTH = 5  # shorter names are too near to each other to be called typos


class Spelling(NamedTuple):
    """Which Parameter a spelling means; `note` tells users of an old one."""

    section: str  # "" for the top level
    key: str
    note: str = ""


_FLAT = {  # section -> keys; "data_path" is `path` of section `data`
    "data": "api duration end_time index_column path secrets source_type sql"
    " start_time uri url value",
    "audio": "api column fallback path prefix property response_index secrets"
    " source_type sql suffix uri url value",
    "output": "index_column on_conflict path provenance recursive secrets sync_button"
    " uri url",
    "description": "height open path text title",
}
_VIEW = (  # written without a prefix
    "audio_codec autoplay bandwidth"
    " capture capture_dir capture_height clip_table_height default_buffer"
    " display_columns duplicate_entries form_panel_height height info_card_height"
    " info_card_text info_card_title partial_download player_height sort sort_order"
    " spectrogram_resolution visualizations width"
)
_OLD = {
    "app_title": Spelling("", "project_name", "is now 'project_name'"),
    "audio_src": Spelling("audio", "value", "is now 'audio'"),
    "data_columns": Spelling("data", "columns", "is now 'display_columns'"),
    "form": Spelling("", "form_config"),
    "ident_column": Spelling(
        "view", "info_card_title", "is now 'info_card_title: \"[[column]]\"'"
    ),
}

SPELLINGS: Mapping[str, Spelling] = MappingProxyType(
    {
        **{
            f"{section}_{key}": Spelling(section, "uri" if key == "url" else key)
            for section, keys in _FLAT.items()
            for key in keys.split()
        },
        **{key: Spelling("view", key) for key in _VIEW.split()},
        **_OLD,
    }
)


def near_parameter(name: str, known: list[str]) -> str:
    """Return the known name that `name` is a slip of the keyboard away from, or "".

    One wrong, missing, doubled or swapped letter; two in names of eight letters
    or more.

    Examples
    --------
    >>> near_parameter("heigth", ["height", "width"]), near_parameter("site", ["sort"])
    ('height', '')
    """
    if len(name) < _MIN_LENGTH:
        return ""
    allowed = 1 if len(name) < 8 else 2
    best = min(known, key=lambda item: _distance(name.lower(), item), default="")
    return best if best and _distance(name.lower(), best) <= allowed else ""


def _distance(first: str, second: str) -> int:
    """Count the edits between two words (Damerau: a swap is one edit)."""
    before: list[int] = []
    row = list(range(len(second) + 1))
    for i, left in enumerate(first, 1):
        older, before, row = before, row, [i]
        for j, right in enumerate(second, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (left != right))
            swapped = (
                i > 1 and j > 1 and left == second[j - 2] and first[i - 2] == right
            )
            row.append(min(cost, older[j - 2] + 1) if swapped else cost)
    return row[-1]
