"""Write a configuration without what is secret in it."""

from __future__ import annotations

from typing import Any

from annotator.config.layers import SECTIONS
from annotator.config.secrets import MASK

__all__ = ["drop_literals", "mask_secrets"]


def mask_secrets(found: dict[str, Any], mask: str | None) -> dict[str, Any]:
    """Replace what `to_dict` says of secrets by `mask`; None: leave them out."""
    masked = dict(found)
    for name in SECTIONS:
        if name in masked:
            masked[name] = _mask_part(masked[name], mask)
    return _mask_part(masked, mask)


def _mask_part(part: dict[str, Any], mask: str | None) -> dict[str, Any]:
    if "secrets" not in part:
        return part
    kept = {key: value for key, value in part.items() if key != "secrets"}
    if mask is not None:
        secrets = part["secrets"]
        kept["secrets"] = secrets and dict.fromkeys(secrets, mask)
    return kept


def drop_literals(found: dict[str, Any]) -> dict[str, Any]:
    """Leave literal secrets out of what `to_dict` says, and keep references."""
    kept = dict(found)
    for name in SECTIONS:
        if name in kept:
            kept[name] = _drop_part(kept[name])
    return _drop_part(kept)


def _drop_part(part: dict[str, Any]) -> dict[str, Any]:
    secrets = part.get("secrets")
    if not secrets:
        return part
    kept = {key: value for key, value in secrets.items() if value != MASK}
    rest = {key: value for key, value in part.items() if key != "secrets"}
    return {**rest, "secrets": kept} if kept else rest
