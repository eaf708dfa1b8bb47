"""A project on this machine alone, for whoever is not logged in to a hub.

Its annotations are those of the outputs that annotators with the project's name wrote;
their addresses and the snapshots are in a folder of the user's own data.
"""

from __future__ import annotations

import datetime as dt
import getpass
import hashlib
import json
import re
import unicodedata
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from annotator.errors import FormatError, HubConflict, ParameterError, StorageError
from annotator.hub.client.remote import missing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["LocalSide", "local_name", "local_projects", "this_user"]

Json = dict[str, Any]
_FOLDER = "bioacoustic-annotator"
_ABOUT = "project.json"
_LOCK_TIMEOUT = 10.0  # s
_LONGEST = 120  # characters of a name, as at a hub


def this_user() -> str:
    """Name of the person at this machine."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""


def local_name(name: object) -> str:
    """Return a project's name without blanks around it.

    Raises
    ------
    ParameterError
        It is no text of one line.
    """
    text = unicodedata.normalize("NFC", name).strip() if isinstance(name, str) else ""
    if not 0 < len(text) <= _LONGEST or not text.isprintable():
        msg = f"A project's name is a text of 1 to {_LONGEST} characters in one line."
        raise ParameterError(msg)
    return text


def local_projects() -> list[str]:
    """Names of the projects that were opened on this machine, sorted."""
    names = [_read(path).get("name") for path in _root().glob(f"*/{_ABOUT}")]
    return sorted(name for name in names if isinstance(name, str))


def _root() -> Path:
    import platformdirs

    return Path(platformdirs.user_data_dir(_FOLDER, appauthor=False)) / "projects"


class LocalSide:
    """What a `Project` asks of this machine.

    Parameters
    ----------
    name
        Of the project.
    outputs
        Addresses of outputs that belong to it, beside those noted before.
    """

    def __init__(self, name: str, outputs: Iterable[Path] = ()) -> None:
        self.name = name
        key = name.casefold()
        plain = re.sub(r"[^a-z0-9]+", "-", key, flags=re.ASCII).strip("-")[:40]
        mark = hashlib.blake2b(key.encode(), digest_size=5).hexdigest()
        self._folder = _root() / f"{plain}-{mark}".strip("-")
        self._outputs = [str(path) for path in outputs]

    @property
    def is_known(self) -> bool:
        """Whether it was opened before, or an annotator here has its name."""
        return bool(self._outputs) or (self._folder / _ABOUT).is_file()

    def keep(self) -> None:
        """Note the project and its outputs in the user's folder."""
        with self._locked():
            known = _read(self._folder / _ABOUT)
            name = known.get("name") or self.name
            about = {"name": name, "outputs": self._known_outputs(known)}
            if about != known:
                _write(self._folder / _ABOUT, json.dumps(about, ensure_ascii=False))

    def _known_outputs(self, known: Json) -> list[str]:
        before = known.get("outputs")
        before = before if isinstance(before, list) else []
        return list(dict.fromkeys([*map(str, before), *self._outputs]))

    def rows(self) -> list[Json]:
        """Give the annotations of all its outputs."""
        found: dict[str, Json] = {}
        for output in self._known_outputs(_read(self._folder / _ABOUT)):
            for row in _rows_of(Path(output)):
                found.setdefault(row["annotation_id"], row)
        return list(found.values())

    def snapshots(self) -> list[Json]:
        """Give what is known of each snapshot, newest first."""
        paths = sorted(self._folder.glob("snapshot-*.jsonl"), reverse=True)
        return [_head(path) for path in paths]

    def snapshot(self, which: int | str) -> Json:
        """Give what is known of one, by number or name."""
        text = str(which).strip()
        for one in self.snapshots():
            if text == str(one["number"]) or text.casefold() == one["name"].casefold():
                return one
        raise missing(text)

    def create(self, name: str | None, message: str) -> Json:
        """Keep the annotations as they are now."""
        if name is not None and local_name(name).isdecimal():
            msg = "A snapshot's name of digits would be taken for a number; add a word."
            raise ParameterError(msg)
        from annotator.annotations.cells import dumps

        self.keep()
        body = "".join(dumps(row) + "\n" for row in self.rows())
        with self._locked():
            before = self.snapshots()
            number = max((one["number"] for one in before), default=0) + 1
            name = f"Snapshot {number}" if name is None else local_name(name)
            if name.casefold() in {one["name"].casefold() for one in before}:
                msg = f"The project has a snapshot {name!r}; choose another name."
                raise HubConflict(msg)
            head = {
                "number": number,
                "name": name,
                "message": str(message),
                "n_rows": body.count("\n"),
                "sha256": hashlib.sha256(body.encode()).hexdigest(),
                "by": this_user(),
                "created_at": _now(),
            }
            _write(self._path(number), dumps(head) + "\n" + body)
        return head

    def snapshot_rows(self, number: int) -> list[Json]:
        """Give the annotations of a snapshot; FormatError if the file was changed."""
        path = self._path(number)
        head, _, body = path.read_bytes().partition(b"\n")
        if hashlib.sha256(body).hexdigest() != json.loads(head).get("sha256"):
            msg = (
                f"{path} was changed after it was made, so it is no snapshot any more."
            )
            raise FormatError(msg)
        return [json.loads(line) for line in body.split(b"\n") if line]

    def _path(self, number: int) -> Path:
        return self._folder / f"snapshot-{number:06d}.jsonl"

    @contextmanager
    def _locked(self) -> Iterator[None]:
        import filelock

        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            with filelock.FileLock(self._folder / ".lock", timeout=_LOCK_TIMEOUT):
                yield
        except filelock.Timeout as err:
            msg = f"Another program has held {self._folder} for {_LOCK_TIMEOUT:.0f} s."
            raise StorageError(msg) from err


def _rows_of(output: Path) -> Iterator[Json]:
    """Read an output's log: the annotations that stand, with the clip of each."""
    from annotator.annotations.ledger import Ledger
    from annotator.annotations.tail import LogTail

    tail = LogTail(output)
    end, _ = tail.look()
    ledger = Ledger(event for event, _ in tail.events(0, end))
    for key, row in ledger.rows.items():
        yield {"clip": ledger.clip_of(key) or "", **row}


def _head(path: Path) -> Json:
    with path.open("rb") as file:
        found = json.loads(file.readline())
    return dict(found)


def _read(path: Path) -> Json:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _write(path: Path, text: str) -> None:
    from annotator.audio.atomic import atomic_file

    with atomic_file(path) as file:
        file.write(text.encode())


def _now() -> str:
    moment = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
    return moment.replace("+00:00", "Z")
