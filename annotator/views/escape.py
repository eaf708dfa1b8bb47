"""The one place where text from data or configuration becomes HTML.

Everything a table, a recording's name or a YAML holds is hostile until it
passed here. Views never build HTML from a value by themselves.
"""

from __future__ import annotations

import html

import nh3

__all__ = ["error_html", "markdown_html", "plain"]

_UNSEEN = dict.fromkeys(
    # Controls, and the marks that turn the reading direction around.
    [*range(9), 11, 12, *range(14, 32), 127, *range(8234, 8239), *range(8294, 8298)]
)


def plain(value: object) -> str:
    """Escape a value so that it reads as itself in any place of a page."""
    return html.escape(str(value).translate(_UNSEEN), quote=True)


def markdown_html(text: str) -> str:
    """Turn Markdown into HTML; HTML written in it is shown as text."""
    from markdown_it import MarkdownIt

    return nh3.clean(MarkdownIt("commonmark", {"html": False}).render(text))


def error_html(error: BaseException) -> str:
    """One sentence, and the rest folded under "Details".

    Parameters
    ----------
    error
        What happened. Its first line is the sentence.

    Returns
    -------
    str
        HTML, escaped.
    """
    sentence, _, rest = str(error).strip().partition("\n")
    cause = error.__cause__
    details = "\n".join(
        part
        for part in (
            rest,
            type(error).__name__,
            # The name alone: a library's own message may quote a signed address.
            f"caused by {type(cause).__name__}" if cause is not None else "",
        )
        if part
    )
    sentence = sentence or f"Something went wrong ({type(error).__name__})."
    return (
        f'<span class="annotator-error">{plain(sentence)}</span> '
        f"<details><summary>Details</summary><pre>{plain(details)}</pre></details>"
    )
