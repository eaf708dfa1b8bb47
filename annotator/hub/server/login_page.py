"""The pages for signing in and out, as HTML: no script, light and dark."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

from annotator.views import theme

__all__ = ["login_page", "logout_page"]

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="/favicon.ico">
<style>
{style}</style>
</head>
<body>
<main>
{content}
</main>
</body>
</html>
"""

_LOGIN = """<h1>Annotator hub</h1>
<p>Sign in to see your projects.</p>
{problem}<form method="post" action="/login">
<input type="hidden" name="_xsrf" value="{xsrf}">
<input type="hidden" name="next" value="{target}">
<label>Name
<input name="name" value="{name}" autocomplete="username" autocapitalize="none"
 spellcheck="false" maxlength="80" required{name_focus}></label>
<label>Password
<input name="password" type="password" autocomplete="current-password"
 maxlength="1000" required{password_focus}></label>
<button type="submit">Sign in</button>
</form>"""

_LOGOUT = """<h1>Sign out?</h1>
<p>You are signed in as {name}. Your open pages are closed; what was saved stays.</p>
<form method="post" action="/logout">
<input type="hidden" name="_xsrf" value="{xsrf}">
<button type="submit">Sign out</button>
</form>
<p class="back"><a href="/hub">Back to the hub</a></p>"""


def _colours(mode: str) -> str:
    palette: dict[str, Any] = theme.MATERIAL[mode]["palette"]
    key = palette["primary"]
    return (
        f":root {{ --page: {palette['background']['default']}; "
        f"--card: {palette['background']['paper']}; --key: {key['main']}; "
        f"--on-key: {key.get('contrastText', '#ffffff')}; }}\n"
    )


_STYLE = (
    (Path(__file__).parent / "login.css").read_text(encoding="utf-8")
    + _colours("light")
    + f"@media (prefers-color-scheme: dark) {{ {_colours('dark')} }}\n"
)


def login_page(xsrf: str, target: str, name: str = "", problem: str = "") -> str:
    """Return the page that asks for name and password.

    Parameters
    ----------
    xsrf
        The field that a form must bring back.
    target
        Where to go afterwards.
    name
        As it was given before.
    problem
        What went wrong, or nothing.
    """
    said = f'<p class="problem" role="alert">{escape(problem)}</p>\n' if problem else ""
    content = _LOGIN.format(
        problem=said,
        xsrf=escape(xsrf),
        target=escape(target),
        name=escape(name[:80]),
        name_focus="" if name else " autofocus",
        password_focus=" autofocus" if name else "",
    )
    return _PAGE.format(style=_STYLE, title="Sign in", content=content)


def logout_page(xsrf: str, name: str) -> str:
    """Return the page that asks whether to sign out.

    Parameters
    ----------
    xsrf
        The field that a form must bring back.
    name
        Of the person.
    """
    content = _LOGOUT.format(xsrf=escape(xsrf), name=escape(name))
    return _PAGE.format(style=_STYLE, title="Sign out", content=content)
