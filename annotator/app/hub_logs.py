"""The event logs of reviews in the browser: where they are, and what is left in them.

A server that dies between writing an answer and sending it leaves it in a log. It is sent
when the person opens the project again, or when a server with that folder starts.
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from annotator.app.hub_sending import StoreLink, n_unsent
from annotator.errors import AnnotatorError
from annotator.hub.permissions import Caller

if TYPE_CHECKING:
    from annotator.hub.permissions import User
    from annotator.hub.store.hub_store import HubStore
    from annotator.hub.store.projects import ProjectInfo

__all__ = ["FOLDER_VARIABLE", "log_folder", "output_of", "send_left"]

FOLDER_VARIABLE = "ANNOTATOR_HUB_REVIEWS"
"""Environment variable with the folder of the event logs of reviews in the browser."""

_ANNOTATIONS, _ADJUDICATIONS = "annotations.csv", "adjudications.csv"

_log = logging.getLogger(__name__)


def log_folder(store: HubStore) -> Path:
    """Return the folder of all logs: the one that is named, or one beside the database."""
    if named := os.environ.get(FOLDER_VARIABLE):
        return Path(named).expanduser()
    from platformdirs import user_data_path

    database = store.database
    if database.is_sqlite and database.url.database:
        file = Path(database.url.database).absolute()
        return file.with_name(f"{file.name}.reviews")
    return user_data_path("annotator", appauthor=False) / "hub-reviews"


def output_of(folder: Path, uid: str, user: User, *, adjudicates: bool = False) -> Path:
    """Return the private output of one person in one project; its folder is made.

    What a person decides stands beside what they said as one of several.
    """
    own = folder / uid / str(user.id)
    own.mkdir(parents=True, exist_ok=True, mode=0o700)
    return own / (_ADJUDICATIONS if adjudicates else _ANNOTATIONS)


def send_left(store: HubStore, folder: Path | None = None) -> int:
    """Send what servers that died left unsent.

    Parameters
    ----------
    store
        The hub's database.
    folder
        Of the logs; None: `log_folder`.

    Returns
    -------
    int
        Number of events that are in their projects now.
    """
    folder = folder or log_folder(store)
    n_sent = 0
    for log in sorted(folder.glob("*/*/*.csv.log")):
        try:
            n_sent += _send(store, log.with_suffix(""))
        except (AnnotatorError, SQLAlchemyError, OSError) as error:
            _log.warning("What is left in %s could not be sent: %s", log, error)
    return n_sent


@dataclass(frozen=True)
class _Absent:
    """The person whose answers they are; nobody else could have written them here."""

    user: User
    store: HubStore

    @property
    def caller(self) -> Caller:
        return Caller(self.user)


def _send(store: HubStore, output: Path) -> int:
    """Send what is left in one log; give how many events that were."""
    uid, number = output.parts[-3:-1]
    user = store.users.get(int(number)) if number.isdecimal() else None
    # The folder may have logs of another database, and of people who left.
    project = _project(store, user, uid) if user is not None else None
    if user is None or project is None:
        return 0
    n_left = n_unsent(output, uid, user.name)
    if not n_left:
        return 0
    decides = "" if output.name == _ADJUDICATIONS else None
    link = StoreLink(_Absent(user, store), output, project, decides)
    try:
        n_waiting = link.settle()
        reason = link.state.details
    finally:
        link.close()
    if n_waiting:
        _log.warning("%d events wait in %s: %s", n_waiting, output, reason)
    else:
        _log.info("%d events that were left in %s are sent", n_left, output)
    return n_left - n_waiting


def _project(store: HubStore, user: User, uid: str) -> ProjectInfo | None:
    """Return the project, if the person takes part in it."""
    projects = store.projects.list(Caller(user))
    return next((found for found in projects if found.uid == uid), None)
