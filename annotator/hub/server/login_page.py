"""The pages for signing in and out, as HTML: no script, light and dark."""

from __future__ import annotations

from html import escape

__all__ = ["login_page", "logout_page"]

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="/favicon.ico">
<style>
:root {{ color-scheme: light dark; --page: #f4f6f5; --card: #ffffff; --line: #d5dcd8;
  --text: #17211c; --quiet: #55625b; --key: #1f6f4a; --on-key: #ffffff;
  --bad: #a3211b; --bad-page: #fdecea; }}
@media (prefers-color-scheme: dark) {{
  :root {{ --page: #121714; --card: #1b221e; --line: #36413b; --text: #e6ece8;
    --quiet: #a2b0a8; --key: #6fcf9b; --on-key: #0c1a12; --bad: #ffb4ab;
    --bad-page: #3b1816; }}
}}
* {{ box-sizing: border-box; }}
body {{ margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 16px;
  background: var(--page); color: var(--text);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }}
main {{ width: 100%; max-width: 380px; padding: 28px; background: var(--card);
  border: 1px solid var(--line); border-radius: 12px; }}
h1 {{ margin: 0 0 4px; font-size: 22px; }}
p {{ margin: 0 0 18px; color: var(--quiet); }}
p.problem {{ padding: 8px 12px; border-radius: 8px; color: var(--bad);
  background: var(--bad-page); }}
label {{ display: block; margin: 0 0 14px; font-weight: 600; }}
input {{ display: block; width: 100%; margin-top: 4px; padding: 10px 12px; font: inherit;
  color: inherit; background: var(--page); border: 1px solid var(--line);
  border-radius: 8px; }}
button {{ width: 100%; margin-top: 6px; padding: 11px; font: inherit; font-weight: 600;
  color: var(--on-key); background: var(--key); border: 0; border-radius: 8px;
  cursor: pointer; }}
input:focus-visible, button:focus-visible, a:focus-visible {{
  outline: 3px solid var(--key); outline-offset: 2px; }}
a {{ color: var(--key); }}
</style>
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
<p style="margin: 16px 0 0"><a href="/hub">Back to the hub</a></p>"""


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
    return _PAGE.format(title="Sign in", content=content)


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
    return _PAGE.format(title="Sign out", content=content)
