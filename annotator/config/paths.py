"""Look relative paths up beside the file that names them, then from here."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path, PureWindowsPath
from typing import TYPE_CHECKING

from annotator.config.load import is_address

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["PathFinder"]


@dataclass(frozen=True)
class PathFinder:
    """Folders to look in, and the names that were given from here.

    Parameters
    ----------
    beside
        Folders of the files that were read, the first wins.
    given_here
        Paths that came as arguments: these are meant from the working directory.
    """

    beside: tuple[Path, ...] = ()
    given_here: frozenset[str] = field(default=frozenset())

    @property
    def folders(self) -> tuple[Path, ...]:
        """All folders, with the working directory last."""
        return tuple(dict.fromkeys((*self.beside, Path.cwd())))

    def find(self, name: str, *, first: Iterable[Path] = ()) -> str:
        """Return the first place where the path exists, else the path itself.

        A "/" at its end, which means a folder, stays.
        """
        if not name or is_address(name) or PureWindowsPath(name).drive:
            return name  # a drive is absolute here too, where it means nothing
        path = Path(name).expanduser()
        slash = "/" if name.endswith("/") and path.name else ""
        if path.is_absolute():
            return f"{path}{slash}"
        folders = [*first, *self.folders]
        if name in self.given_here:
            folders = [Path.cwd(), *folders]
        for folder in folders:
            if (folder / path).exists():
                return f"{folder / path}{slash}"
        return f"{path}{slash}"

    def place(self, name: str, *, beside: str = "") -> str:
        """Return where to make a file: the folder that has `beside`, else here."""
        if beside and not is_address(beside) and name not in self.given_here:
            for folder in self.beside:
                if (folder / beside).exists():
                    slash = "/" if name.endswith("/") else ""
                    return f"{folder / name}{slash}"
        return name
