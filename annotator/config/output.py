"""Section `output`: the file of annotations, and where Sync copies it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import param

from annotator.config.base import Config, Given
from annotator.config.load import is_address
from annotator.config.problems import Problems, show
from annotator.config.secrets import SecretsParameter

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["OutputConfig"]


class OutputConfig(Config):
    """Where annotations are written; a plain text instead of the section is `path`."""

    SECTION = "output"
    SHORTHAND = "path"
    ALIASES: ClassVar[Mapping[str, str]] = {"url": "uri"}

    index_column = param.String(
        default="", doc="Name of the identifying column there; empty: as in the data."
    )
    on_conflict: param.Selector[str] = param.Selector(
        default="merge",
        objects=["merge", "replace", "fail"],
        doc="What Sync does when somebody else changed the copy.",
    )
    path = param.String(
        default="",
        doc=(
            "CSV, Parquet or JSONL file, made with its folders; "
            "with a slash at its end, a folder of Parquet files."
        ),
    )
    provenance = param.Boolean(
        default=True, doc="Write who, when and by which version into the file."
    )
    recursive = param.Boolean(
        default=None,
        allow_None=True,
        doc="Sync the whole folder; None: only if the path is one.",
    )
    secrets = SecretsParameter(default=None, doc="Credentials for the Sync address.")
    sync_button = param.ClassSelector(
        class_=(bool, str),
        default=None,
        allow_None=True,
        doc="Show a Sync button; a text is its label; None: if there is a uri.",
    )
    uri = param.String(default="", doc="Folder or address that Sync copies to.")

    @property
    def sync_label(self) -> str | None:
        """Label of the Sync button, or None where there is none."""
        if isinstance(self.sync_button, str):
            return self.sync_button or None
        shown = bool(self.uri) if self.sync_button is None else self.sync_button
        return "Sync" if shown else None

    def _check(self, given: Mapping[str, Given], problems: Problems) -> None:
        if is_address(self.path):
            item = given["path"]
            problems.add(
                f"'{item.key}' must be a local file, not {show(self.path)}; write"
                " output: {path: outputs/reviews.csv, uri: <that address>}",
                item.where,
            )
        if self.sync_button and not self.uri and "sync_button" in given:
            item = given["sync_button"]
            problems.add(
                f"'{item.key}' is on but there is no address to sync to;"
                " give 'output.uri', or set it to false",
                item.where,
            )
