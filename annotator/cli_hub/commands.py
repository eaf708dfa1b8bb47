"""What the commands of `annotator hub` do; each returns the exit status."""

from __future__ import annotations

import functools
import getpass
import importlib
import logging
import sys
from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING

from annotator.errors import HubError, MissingDependency
from annotator.hub.permissions import Caller, User
from annotator.hub.protocol import SCOPES

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

    from annotator.hub.store.hub_store import HubStore

    _Command = Callable[[argparse.Namespace], int]

__all__ = [
    "backup",
    "serve",
    "token_create",
    "token_delete",
    "token_list",
    "user_add",
    "user_deactivate",
    "user_password",
]


# Imported before the first page is asked for: behind a proxy another server may have made
# the page whose scripts this one is asked for, and it gives those alone that it knows.
_PAGES = ("panel_material_ui", "annotator.app.hub_review", "annotator.hub.pages.page")


def _needs_extra(command: _Command) -> _Command:
    """Say how to install the hub where a part of it is missing."""

    @functools.wraps(command)
    def run(arguments: argparse.Namespace) -> int:
        try:
            return command(arguments)
        except ModuleNotFoundError as error:
            msg = (
                f"The hub needs {error.name}. Install it with: "
                'pip install "bioacoustic-annotator[hub]"'
            )
            raise MissingDependency(msg) from error

    return run


@contextmanager
def _open(arguments: argparse.Namespace) -> Iterator[HubStore]:
    """Open the database, made if it is not there; only its owner may read it."""
    from annotator.hub.server.locations import database_url, sqlite_file
    from annotator.hub.store.hub_store import HubStore

    url = database_url(arguments.db)
    sqlite_file(url)  # refuses what is no address, or forgets all
    with HubStore.open(url) as store:
        yield store


@_needs_extra
def serve(arguments: argparse.Namespace) -> int:
    """Serve the hub until it is interrupted."""
    from annotator.hub.server.locations import database_url, key_file
    from annotator.hub.server.options import ServeOptions

    options = ServeOptions(  # first: what is not safe touches no database
        key_file=key_file(database_url(arguments.db)),
        port=arguments.port,
        address=arguments.address,
        behind_proxy=arguments.behind_proxy,
        cert_file=arguments.tls_cert,
        cert_key=arguments.tls_key,
        origins=tuple(arguments.origin),
        n_threads=arguments.num_threads,
    )
    with _open(arguments) as store:
        if not store.users.n():
            _add_first_admin(store)
        from annotator.app.hub_logs import send_left
        from annotator.hub.server.serving import HubServer

        for name in _PAGES:
            importlib.import_module(name)
        logging.basicConfig(
            level=logging.WARNING,
            format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        )
        logging.getLogger("annotator").setLevel(logging.INFO)
        server = HubServer(store, options)
        Thread(target=send_left, args=(store,), name="hub-left", daemon=True).start()
        server.run(
            lambda url: print(f"The hub is at {url} - stop with Ctrl+C", flush=True)
        )
    return 0


def _add_first_admin(store: HubStore) -> None:
    if not sys.stdin.isatty():
        msg = (
            "This hub has no user yet. Add the first one, who may manage it: "
            "annotator hub user add NAME --admin --password-stdin"
        )
        raise HubError(msg)
    print("This hub has no user yet. Who is to manage it?")
    name = input("Name: ")
    store.users.add(name, _ask_password(), is_admin=True)


@_needs_extra
def user_add(arguments: argparse.Namespace) -> int:
    """Add a person."""
    with _open(arguments) as store:
        password = _password(arguments)
        user = store.users.add(arguments.name, password, is_admin=arguments.admin)
        print(f"Added {user.name}")
    return 0


@_needs_extra
def user_password(arguments: argparse.Namespace) -> int:
    """Set a person's password, and end where they are signed in."""
    with _open(arguments) as store:
        user = _user(store, arguments.name)
        store.users.set_password(user, _password(arguments))
        print(f"{user.name} has a new password, and must sign in again")
    return 0


@_needs_extra
def user_deactivate(arguments: argparse.Namespace) -> int:
    """Shut a person out."""
    with _open(arguments) as store:
        user = _user(store, arguments.name)
        store.users.deactivate(user)
        print(f"{user.name} can no longer sign in; all that was recorded stays")
    return 0


@_needs_extra
def token_create(arguments: argparse.Namespace) -> int:
    """Make a token and print it, alone."""
    scopes = [scope.strip() for scope in arguments.scopes.split(",") if scope.strip()]
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown or not scopes:
        msg = (
            f"--scopes {arguments.scopes!r}: choose among {', '.join(SCOPES)}, "
            "with commas between."
        )
        raise HubError(msg)
    with _open(arguments) as store:
        user = _user(store, arguments.user)
        made = store.tokens.create(
            user, arguments.name, scopes=scopes, days=arguments.days
        )
        print(made.secret)
    return 0


@_needs_extra
def token_list(arguments: argparse.Namespace) -> int:
    """Print a person's tokens, without what is secret."""
    with _open(arguments) as store:
        rows = [("KEY ID", "NAME", "SCOPES", "LAST USED", "EXPIRES")]
        rows += [
            (
                info.key_id,
                info.name,
                ",".join(info.scopes),
                info.last_used_at or "never",
                info.expires_at or "never",
            )
            for info in store.tokens.list(_user(store, arguments.user))
        ]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            print("  ".join(cells).rstrip())
    return 0


@_needs_extra
def token_delete(arguments: argparse.Namespace) -> int:
    """Make a token invalid."""
    with _open(arguments) as store:
        store.tokens.delete(_owner(store, arguments.key_id), arguments.key_id)
        print(f"The token {arguments.key_id} is invalid from now on")
    return 0


@_needs_extra
def backup(arguments: argparse.Namespace) -> int:
    """Copy the database."""
    from annotator.hub.server.backup import backup as copy
    from annotator.hub.server.locations import database_url

    copy(database_url(arguments.db), arguments.file)
    print(f"The database is copied to {arguments.file}")
    return 0


def _user(store: HubStore, name: str) -> User:
    user = store.users.by_name(name)
    if user is None:
        msg = f"There is no user {name!r}; add one with: annotator hub user add {name}"
        raise HubError(msg)
    return user


def _owner(store: HubStore, key_id: str) -> User:
    operator = Caller(User(0, "operator", is_admin=True))
    for user in store.users.list(operator):
        if any(info.key_id == key_id for info in store.tokens.list(user)):
            return user
    msg = f"There is no token {key_id!r}; `annotator hub token list USER` shows them."
    raise HubError(msg)


def _password(arguments: argparse.Namespace) -> str:
    if arguments.password_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        msg = "There is no terminal to ask for a password; say --password-stdin."
        raise HubError(msg)
    return _ask_password()


def _ask_password() -> str:
    password = getpass.getpass("Password: ")
    if getpass.getpass("Again: ") != password:
        msg = "The two passwords differ; nothing was changed."
        raise HubError(msg)
    return password
