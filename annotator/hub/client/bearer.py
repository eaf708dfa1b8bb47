"""The token as the client holds it: in memory, in one place, and never to be seen.

A verbose traceback shows the local variables of each call, a log the objects that it was
given; both ask for `repr`. So the text of a token is in no variable of ours but one of a
`Bearer`, and in the header of a request it is a text that does not show itself.
"""

from __future__ import annotations

from typing import Any, NoReturn

from annotator.errors import InvalidToken
from annotator.hub.tokens import key_id_of

__all__ = ["Bearer", "hide"]

_MASK = "***"


class _Hidden(str):
    """A text that is sent, but not shown."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"'{_MASK}'"


def hide(token: object) -> str | None:
    """Make a token a text that is not shown; None stays None, what is no text is none."""
    if token is None:
        return None
    return _Hidden(token) if isinstance(token, str) else _Hidden("not a text")


class Bearer:
    """A token; put as `auth` into requests, which then bear it.

    Parameters
    ----------
    text
        The token, `annh_<key id>_<secret>`.

    Raises
    ------
    InvalidToken
        The text is no token; it is not shown.
    """

    __slots__ = ("_text", "key_id")

    def __init__(self, text: str) -> None:
        self.key_id = ""  # before anything fails: a traceback shows this object too
        self._text: _Hidden | None = None
        text = _Hidden(text.strip())
        key_id = key_id_of(text)
        if key_id is None:
            msg = (
                "This is no token of a hub: one begins with annh_ and has 54 characters. "
                "Make one on the hub's page Tokens, and copy it whole."
            )
            raise InvalidToken(msg)
        self.key_id = key_id
        self._text = text

    def __repr__(self) -> str:
        return f"<Bearer of token {self.key_id}>"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        msg = "A token cannot be pickled or copied: it lives in this process alone."
        raise TypeError(msg)

    def __call__(self, request: Any) -> Any:
        """Let a request of the package requests bear the token."""
        if self._text is None:
            msg = (
                "You are logged out of this hub; log in and open the project again: "
                "annotator.login(url, token)."
            )
            raise InvalidToken(msg)
        request.headers["Authorization"] = _Hidden(f"Bearer {self._text}")
        return request

    def forget(self) -> None:
        """Forget the token; requests fail from now on."""
        self._text = None

    def mask(self, text: str) -> str:
        """Give a text that came from outside, without the token in it."""
        return text if self._text is None else text.replace(self._text, _MASK)
