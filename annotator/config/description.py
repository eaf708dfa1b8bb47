"""Section `description`: a text above the review, for those who do it."""

from __future__ import annotations

from typing import Any

import param

from annotator.config.base import Config

__all__ = ["DescriptionConfig"]


class DescriptionConfig(Config):
    """Instructions in Markdown; a plain text instead of the section is `text`."""

    SECTION = "description"
    SHORTHAND = "text"

    height = param.Integer(
        default=0, bounds=(0, None), doc="Height in pixels; 0: as much as it needs."
    )
    open = param.Boolean(default=True, doc="Show it unfolded at first.")
    path = param.String(default="", doc="Markdown file with the text.")
    text = param.String(default="", doc="Markdown text.")
    title = param.String(default="", doc="Heading.")

    @classmethod
    def shorthand_key(cls, value: Any) -> str:
        """Tell whether a plain text is the text itself or a file that holds it."""
        is_file = isinstance(value, str) and value.lower().endswith((".md", ".txt"))
        return "path" if is_file and "\n" not in value else cls.SHORTHAND
