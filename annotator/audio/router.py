"""Which store, with whose credentials, an address belongs to."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from annotator.audio.backends.base import Backend, backend_class, scheme_of

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["backend_for"]

KEPT = 32
_BUILT_IN = ("s3", "gs", "https")


def backend_for(uri: str | Path, **auth: Any) -> Backend:
    """Return the store behind an address; the same one for the same `auth`.

    Raises
    ------
    ParameterError
        The scheme, or a name in `auth`, is not known. Names that another store
        knows are left out, since one table may have recordings in several.
    """
    scheme = scheme_of(uri)
    kind = backend_class(scheme)
    known = {name: value for name, value in auth.items() if _is_for(kind, name)}
    key = (kind, _frozen(known), _environment(kind))
    with _lock:
        if key not in _kept:
            # `auth` is kept along: the key may hold the id of an object of it.
            _kept[key] = (kind(**known), auth)
        _kept.move_to_end(key)
        if len(_kept) > KEPT:
            _kept.popitem(last=False)
        return _kept[key][0]


_kept: OrderedDict[Any, tuple[Backend, Mapping[str, Any]]] = OrderedDict()
_lock = threading.Lock()


def _is_for(kind: type[Backend], name: str) -> bool:
    if name in kind.OPTIONS:
        return True
    return not any(name in backend_class(other).OPTIONS for other in _BUILT_IN)


def _frozen(value: Any) -> Any:
    """Return something hashable that is equal for equal options."""
    if isinstance(value, Mapping):
        return frozenset((name, _frozen(item)) for name, item in value.items())
    if isinstance(value, list | tuple):
        return tuple(_frozen(item) for item in value)
    try:
        hash(value)
    except TypeError:
        return id(value)
    return value


def _environment(kind: type[Backend]) -> frozenset[tuple[str, str]]:
    """Return the variables that its SDK reads: a new AWS_PROFILE is another user."""
    prefixes = cast("tuple[str, ...]", getattr(kind, "ENVIRONMENT", ()))
    return frozenset(
        (name, value) for name, value in os.environ.items() if name.startswith(prefixes)
    )
