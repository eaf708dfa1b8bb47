"""What is wrong with a request, in words of our own.

Pydantic's sentences hold pieces of what was sent, and so do the names of keys that are
not known. Here is said what is expected, and where.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["NO_JSON", "reasons"]

NO_JSON = "The body is no JSON that can be read."

_OBJECT = "an object is expected; send JSON with Content-Type: application/json"
_NUMBER = "a finite number is expected"
_WHOLE = "a whole number is expected"
_SWITCH = "true or false is expected"
_EXPECTED = {
    "bool_parsing": _SWITCH,
    "bool_type": _SWITCH,
    "dict_type": _OBJECT,
    "extra_forbidden": "there is a name here that is not known",
    "finite_number": _NUMBER,
    "float_parsing": _NUMBER,
    "float_type": _NUMBER,
    "greater_than": "more than {gt} is expected",
    "greater_than_equal": "{ge} or more is expected",
    "int_from_float": _WHOLE,
    "int_parsing": _WHOLE,
    "int_parsing_size": _WHOLE,
    "int_type": _WHOLE,
    "less_than": "less than {lt} is expected",
    "less_than_equal": "{le} or less is expected",
    "list_type": "a list is expected",
    "literal_error": "one of {expected} is expected",
    "missing": "this is missing",
    "model_attributes_type": _OBJECT,
    "model_type": _OBJECT,
    "string_too_long": "a text of at most {max_length} characters is expected",
    "string_too_short": "a text of at least {min_length} characters is expected",
    "string_type": "a text is expected",
    "string_unicode": "a text of valid Unicode is expected",
    "too_long": "a list of at most {max_length} is expected",
    "too_short": "a list of at least {min_length} is expected",
    "value_error": "{error}",  # of validators of our own
}
_ELSE = "something else is expected; see /api/openapi.json"


def reasons(errors: Sequence[Mapping[str, Any]]) -> list[tuple[int | None, str]]:
    """Say what is wrong with a request.

    Parameters
    ----------
    errors
        As pydantic tells them.

    Returns
    -------
    list of pair
        The number of the item, or None for the whole, and a sentence; see
        `annotator.errors.Refused`.
    """
    return [_reason(error) for error in errors] or [(None, NO_JSON)]


def _reason(error: Mapping[str, Any]) -> tuple[int | None, str]:
    kind, parts = error["type"], list(error["loc"])
    if kind == "json_invalid":  # whose place is one in the text
        return None, NO_JSON
    if kind == "extra_forbidden":
        parts.pop()  # a name that somebody made up
    index = next((part for part in parts if isinstance(part, int)), None)
    expected = _EXPECTED.get(kind, _ELSE).format_map(error.get("ctx") or {})
    return index, f"{'.'.join(map(str, parts))}: {expected}."
