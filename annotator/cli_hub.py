"""The command `annotator hub`: serve a team's hub, and keep its people and tokens."""

from __future__ import annotations

import getpass
import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from annotator.errors import HubError, MissingDependency
from annotator.hub.protocol import SCOPES

if TYPE_CHECKING:
    import argparse

    from annotator.hub.permissions import User
    from annotator.hub.store.hub_store import HubStore

__all__ = ["add_hub"]

_PORT = 5006
_TOKEN_SCOPES = tuple(scope for scope in SCOPES if scope != "admin")


def add_hub(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `hub` and its own commands to the command line."""
    hub = commands.add_parser(
        "hub", help="a team's projects and annotations in one place"
    )
    parts = hub.add_subparsers(required=True, metavar="COMMAND")
    _add_serve(parts.add_parser("serve", help="serve pages and REST API"))

    user = parts.add_parser("user", help="people who may sign in")
    users = user.add_subparsers(required=True, metavar="COMMAND")
    added = users.add_parser("add", help="add a person")
    added.set_defaults(command=_user_add)
    added.add_argument("name", metavar="NAME")
    added.add_argument("--admin", action="store_true", help="may manage the hub")
    changed = users.add_parser("password", help="set a person's password")
    changed.set_defaults(command=_user_password)
    changed.add_argument("name", metavar="NAME")
    for parser in (added, changed):
        parser.add_argument(
            "--password-stdin",
            action="store_true",
            help="read it from standard input, not from the terminal",
        )
        _add_database(parser)
    closed = users.add_parser("deactivate", help="sign a person out for good")
    closed.set_defaults(command=_user_deactivate)
    closed.add_argument("name", metavar="NAME")
    _add_database(closed)

    _add_tokens(parts.add_parser("token", help="what scripts sign in with"))

    backup = parts.add_parser("backup", help="copy the database while it is in use")
    backup.set_defaults(command=_backup)
    backup.add_argument("file", metavar="FILE", type=Path, help="must not be there yet")
    _add_database(backup)


def _add_serve(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=_serve)
    parser.add_argument(
        "--port", type=int, default=_PORT, help="0: a free one (default: %(default)s)"
    )
    parser.add_argument(
        "--address", default="localhost", help="to listen on (default: %(default)s)"
    )
    parser.add_argument(
        "--behind-proxy",
        action="store_true",
        help="a proxy speaks TLS, and says in X-Forwarded headers who asks",
    )
    parser.add_argument(
        "--origin",
        action="append",
        default=[],
        metavar="HOST",
        help="name under which browsers reach the hub; may be given again",
    )
    parser.add_argument(
        "--tls-cert", type=Path, metavar="FILE", help="certificate chain, PEM"
    )
    parser.add_argument("--tls-key", type=Path, metavar="FILE", help="its key, PEM")
    parser.add_argument(
        "--num-threads", type=int, metavar="N", help="for what people do on pages"
    )
    _add_database(parser)


def _add_tokens(parser: argparse.ArgumentParser) -> None:
    tokens = parser.add_subparsers(required=True, metavar="COMMAND")
    create = tokens.add_parser("create", help="make a token and print it, once")
    create.set_defaults(command=_token_create)
    create.add_argument("user", metavar="USER")
    create.add_argument("name", metavar="NAME", help="what it is for")
    create.add_argument(
        "--scopes",
        default=",".join(_TOKEN_SCOPES),
        help="with commas between (default: %(default)s)",
    )
    create.add_argument(
        "--days", type=int, default=90, help="it lasts (default: %(default)s)"
    )
    listed = tokens.add_parser("list", help="list a person's tokens")
    listed.set_defaults(command=_token_list)
    listed.add_argument("user", metavar="USER")
    deleted = tokens.add_parser("delete", help="make a token invalid at once")
    deleted.set_defaults(command=_token_delete)
    deleted.add_argument("key_id", metavar="KEY_ID", help="as `list` shows it")
    for command in (create, listed, deleted):
        _add_database(command)


def _add_database(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--db",
        metavar="URL",
        help="database: sqlite:////srv/hub.db, a path, or postgresql://user@host/name "
        "(default: ANNOTATOR_HUB_DB, or hub.db in your data folder)",
    )


# ------------------------------------------------------------- the commands


def _open(arguments: argparse.Namespace) -> HubStore:
    """Open the database, made if it is not there; only its owner may read it."""
    try:
        from annotator.hub.server.places import database_url, sqlite_file
        from annotator.hub.store.hub_store import HubStore

        url = database_url(arguments.db)
        file = sqlite_file(url)
    except ImportError as error:
        msg = (
            f"The hub needs {error.name}. Install it with: "
            'pip install "bioacoustic-annotator[hub]"'
        )
        raise MissingDependency(msg) from error
    before = os.umask(0o077)
    try:
        if file is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
        return HubStore.open(url)
    finally:
        os.umask(before)


def _serve(arguments: argparse.Namespace) -> int:
    from annotator.hub.server.options import ServeOptions
    from annotator.hub.server.places import database_url, key_file

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
    store = _open(arguments)
    if not store.users.n():
        _add_first_admin(store)
    from annotator.hub.server.serving import HubServer

    logging.basicConfig(
        level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    logging.getLogger("annotator").setLevel(logging.INFO)
    HubServer(store, options).run(
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


def _user_add(arguments: argparse.Namespace) -> int:
    store = _open(arguments)
    password = _password(arguments)
    user = store.users.add(arguments.name, password, is_admin=arguments.admin)
    print(f"Added {user.name}")
    return 0


def _user_password(arguments: argparse.Namespace) -> int:
    store = _open(arguments)
    user = _user(store, arguments.name)
    store.users.set_password(user, _password(arguments))
    store.web_sessions.delete_all(user)
    print(f"{user.name} has a new password, and must sign in again")
    return 0


def _user_deactivate(arguments: argparse.Namespace) -> int:
    store = _open(arguments)
    user = _user(store, arguments.name)
    store.users.deactivate(user)
    store.web_sessions.delete_all(user)
    print(f"{user.name} can no longer sign in; all that was recorded stays")
    return 0


def _token_create(arguments: argparse.Namespace) -> int:
    scopes = [scope.strip() for scope in arguments.scopes.split(",") if scope.strip()]
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown or not scopes:
        msg = (
            f"--scopes {arguments.scopes!r}: choose among {', '.join(SCOPES)}, "
            "with commas between."
        )
        raise HubError(msg)
    store = _open(arguments)
    user = _user(store, arguments.user)
    made = store.tokens.create(user, arguments.name, scopes=scopes, days=arguments.days)
    print(made.secret)
    return 0


def _token_list(arguments: argparse.Namespace) -> int:
    store = _open(arguments)
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


def _token_delete(arguments: argparse.Namespace) -> int:
    store = _open(arguments)
    store.tokens.delete(None, arguments.key_id)
    print(f"The token {arguments.key_id} is invalid from now on")
    return 0


def _backup(arguments: argparse.Namespace) -> int:
    from annotator.hub.server.backup import backup
    from annotator.hub.server.places import database_url

    backup(database_url(arguments.db), arguments.file)
    print(f"The database is copied to {arguments.file}")
    return 0


def _user(store: HubStore, name: str) -> User:
    user = store.users.by_name(name)
    if user is None:
        msg = f"There is no user {name!r}; add one with: annotator hub user add {name}"
        raise HubError(msg)
    return user


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
