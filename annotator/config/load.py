"""Read a YAML or JSON mapping, and remember in which line each key stands.

YAML is read safely: no objects, no duplicate keys, and no document that grows
(by size, depth or aliases) beyond what a person writes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, cast

import yaml

from annotator.config.problems import redact
from annotator.errors import AnnotatorError, ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Origin", "decode", "is_address", "load_mapping", "parse_text", "read_bytes"]

_MAX_BYTES = 1_048_576  # pure-Python YAML needs some seconds for this much
_MAX_DEPTH = 40
_MAX_NODES = 100_000  # after aliases are followed

KeyPath = tuple[str | int, ...]


@dataclass(frozen=True)
class Origin:
    """Where a mapping was read, and the line of each key path in it."""

    name: str = ""
    lines: Mapping[KeyPath, int] = field(default_factory=dict, repr=False)
    folder: Path | None = None
    root: KeyPath = ()

    def where(self, *path: str | int) -> str:
        """Return "file, line 3" for a key path, or "" if there is no file."""
        if not self.name:
            return ""
        full = self.root + path
        while full:
            if full in self.lines:
                return f"{self.name}, line {self.lines[full]}"
            full = full[:-1]
        return self.name

    def below(self, *path: str | int) -> Origin:
        """Return the origin of a part of the mapping."""
        return Origin(self.name, self.lines, self.folder, self.root + path)


def is_address(text: str) -> bool:
    """Tell whether a text is an address (s3://, https://, …) and not a path."""
    scheme, separator, _ = text.partition("://")
    # A single letter is a Windows drive.
    return bool(separator) and len(scheme) > 1 and scheme.isascii() and scheme.isalnum()


def load_mapping(path_or_uri: str | Path, **auth: Any) -> tuple[dict[str, Any], Origin]:
    """Read a file of keys and values.

    Parameters
    ----------
    path_or_uri
        Local path or address. A name that ends in ``.json`` is read as JSON,
        anything else as YAML.
    **auth
        Credentials for the address, as for `annotator.audio.io.read`.

    Returns
    -------
    tuple
        The mapping (empty for an empty file), and its `Origin`.

    Raises
    ------
    ConfigError
        The file is missing, too large, or not a mapping in good syntax.
    """
    name = str(path_or_uri)
    content = read_bytes(name, auth)
    shown = redact(name)
    folder = None if is_address(name) else Path(name).expanduser().parent.absolute()
    value, lines = parse_text(decode(content, shown), name=shown)
    if value is None:
        value = {}
    if not isinstance(value, dict):
        kind = "a list" if isinstance(value, list) else "a single text or number"
        msg = f"{shown} must hold keys and values ('key: value'), but it is {kind}"
        raise ConfigError(msg)
    return value, Origin(shown, lines, folder)


def parse_text(text: str, *, name: str) -> tuple[Any, dict[KeyPath, int]]:
    """Parse YAML, or JSON by the `name`, into a value and the lines of its keys."""
    is_json = PurePosixPath(name.partition("?")[0]).suffix.lower() == ".json"
    return _parse_json(text, name) if is_json else _parse_yaml(text, name)


def decode(content: bytes, name: str) -> str:
    """Decode UTF-8, with or without a byte order mark."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        msg = f"{name} is not UTF-8 text; save it again with that encoding"
        raise ConfigError(msg) from None


def read_bytes(name: str, auth: Mapping[str, Any], limit: int = _MAX_BYTES) -> bytes:
    """Read a whole small file; the only place of this package that does.

    Parameters
    ----------
    name
        Local path or address.
    auth
        Credentials for the address.
    limit
        Bytes; a larger file is an error.
    """
    from annotator.audio import io  # numpy and all: not for `import annotator`

    shown = redact(name)
    try:
        content = cast("bytes", io.read(name, start_byte=0, end_byte=limit, **auth))
    except FileNotFoundError as err:
        from_here = "" if is_address(name) else f" (looked for from {Path.cwd()})"
        msg = f"There is no file {shown}{from_here}"
        raise ConfigError(msg) from err
    except (AnnotatorError, OSError) as err:
        msg = f"{shown} cannot be read: {err}"
        raise ConfigError(msg) from err
    if len(content) > limit:
        megabytes = limit // 1_048_576
        msg = f"{shown} is larger than {megabytes} MB; move long lists into other files"
        raise ConfigError(msg)
    return content


def _parse_json(text: str, name: str) -> tuple[Any, dict[KeyPath, int]]:
    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in items:
            if key in found:
                msg = f"Key '{key}' stands twice in one mapping of {name}"
                raise ConfigError(msg)
            found[key] = value
        return found

    problem = ""
    try:
        return (json.loads(text, object_pairs_hook=pairs) if text.strip() else {}), {}
    except json.JSONDecodeError as err:
        problem = f"{name} is not valid JSON in line {err.lineno}: {err.msg}"
    except RecursionError:
        problem = f"{name} is nested too deeply"
    # Raised here, without its cause: that one quotes the text, secrets and all.
    raise ConfigError(problem)


def _parse_yaml(text: str, name: str) -> tuple[Any, dict[KeyPath, int]]:
    problem = ""
    try:
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
            if node is None:
                return {}, {}
            walk = _Walk(name)
            walk.visit(node, (), 0)
            return loader.construct_document(node), walk.lines
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as err:
        mark = err.problem_mark or err.context_mark
        line = f" in line {mark.line + 1}" if mark else ""
        problem = f"{name} is not valid YAML{line}: {_reason(err)}"
    except yaml.YAMLError:
        problem = f"{name} is not valid YAML: it holds characters YAML does not allow"
    except RecursionError:
        problem = f"{name} is nested too deeply"
    except ValueError as err:
        if isinstance(err, ConfigError):
            raise
        problem = f"{name} holds a date or number that does not exist"
    raise ConfigError(problem)


class _Loader(yaml.SafeLoader):
    """Refuses deep flow nesting at once: the scanner's time grows with its square."""

    def fetch_flow_collection_start(self, token_class: Any) -> None:
        if self.flow_level > _MAX_DEPTH:
            mark = self.get_mark()
            raise yaml.scanner.ScannerError(None, None, "it is nested too deeply", mark)
        super().fetch_flow_collection_start(token_class)


def _reason(err: yaml.MarkedYAMLError) -> str:
    """Say what is wrong without quoting the document."""
    reason = (err.problem or err.context or "check the indentation").partition("'")[0]
    return reason.strip() or "check the indentation"


class _Walk:
    """Visit each node of a document: lines, duplicate keys, and its real size."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lines: dict[KeyPath, int] = {}
        self._visited = 0

    def visit(self, node: yaml.Node, path: KeyPath, depth: int) -> None:
        self._visited += 1
        if depth > _MAX_DEPTH or self._visited > _MAX_NODES:
            line = node.start_mark.line + 1
            msg = (
                f"{self.name} grows too large around line {line}: it is nested too"
                " deeply, or its aliases (&name, *name) multiply"
            )
            raise ConfigError(msg)
        if isinstance(node, yaml.MappingNode):
            self._visit_mapping(node, path, depth)
        elif isinstance(node, yaml.SequenceNode):
            for index, item in enumerate(node.value):
                self.lines[(*path, index)] = item.start_mark.line + 1
                self.visit(item, (*path, index), depth + 1)

    def _visit_mapping(self, node: yaml.MappingNode, path: KeyPath, depth: int) -> None:
        seen: dict[str, int] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                line = key_node.start_mark.line + 1
                msg = f"A key of {self.name}, line {line}, is not a text"
                raise ConfigError(msg)
            key, line = str(key_node.value), key_node.start_mark.line + 1
            if key in seen and key != "<<":
                msg = (
                    f"Key '{key}' stands twice in one mapping of {self.name}:"
                    f" in line {seen[key]} and in line {line}"
                )
                raise ConfigError(msg)
            seen[key] = line
            self.lines[(*path, key)] = line
            self.visit(value_node, (*path, key), depth + 1)
