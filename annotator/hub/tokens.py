"""Tokens: what a program shows to a hub in place of a password.

``annh_`` + 10 characters of key id + ``_`` + 32 of secret + 6 of checksum, all base 62.
The key id may be shown and logged; the checksum (CRC-32 of what stands before it) lets
junk be refused without a look-up, and secret scanners find tokens that leaked. A hub
keeps the key id and the SHA-256 of the whole.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import string
import zlib

__all__ = ["ALPHABET", "PREFIX", "digest", "key_id_of", "make"]

PREFIX = "annh_"
ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase

_KEY, _SECRET, _SUM = 10, 32, 6  # characters; 62**6 is more than 2**32
_FORM = re.compile(rf"annh_([0-9A-Za-z]{{{_KEY}}})_[0-9A-Za-z]{{{_SECRET + _SUM}}}")


def make() -> str:
    """Return a new token; nobody guesses its 190 random bits."""
    body = f"{PREFIX}{_random(_KEY)}_{_random(_SECRET)}"
    return body + _checksum(body)


def key_id_of(token: object) -> str | None:
    """Return the public part of a token; None if this cannot be one.

    Examples
    --------
    >>> key_id_of("annh_junk") is None
    True
    >>> len(key_id_of(make()))
    10
    """
    if not isinstance(token, str):
        return None
    match = _FORM.fullmatch(token)
    if match is None or _checksum(token[:-_SUM]) != token[-_SUM:]:
        return None
    return match[1]


def digest(token: str) -> str:
    """Return what a hub keeps of a token: its SHA-256, hexadecimal.

    A fast hash is enough: there is nothing to guess.
    """
    return hashlib.sha256(token.encode()).hexdigest()


def _random(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def _checksum(text: str) -> str:
    number, places = zlib.crc32(text.encode()), ""
    for _ in range(_SUM):
        number, place = divmod(number, len(ALPHABET))
        places = ALPHABET[place] + places
    return places
