"""The command `annotator hub`: serve a team's hub, and keep its people and tokens."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from annotator.cli_hub import commands
from annotator.hub.protocol import SCOPES

if TYPE_CHECKING:
    import argparse

__all__ = ["add_hub"]

_PORT = 5006
_TOKEN_SCOPES = tuple(scope for scope in SCOPES if scope != "admin")


def add_hub(parents: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `hub` and its own commands to the command line."""
    hub = parents.add_parser(
        "hub", help="a team's projects and annotations in one place"
    )
    parts = hub.add_subparsers(required=True, metavar="COMMAND")
    _add_serve(parts.add_parser("serve", help="serve pages and REST API"))

    user = parts.add_parser("user", help="people who may sign in")
    users = user.add_subparsers(required=True, metavar="COMMAND")
    added = users.add_parser("add", help="add a person")
    added.set_defaults(command=commands.user_add)
    added.add_argument("name", metavar="NAME")
    added.add_argument("--admin", action="store_true", help="may manage the hub")
    changed = users.add_parser("password", help="set a person's password")
    changed.set_defaults(command=commands.user_password)
    changed.add_argument("name", metavar="NAME")
    for parser in (added, changed):
        parser.add_argument(
            "--password-stdin",
            action="store_true",
            help="read it from standard input, not from the terminal",
        )
        _add_database(parser)
    closed = users.add_parser("deactivate", help="sign a person out for good")
    closed.set_defaults(command=commands.user_deactivate)
    closed.add_argument("name", metavar="NAME")
    _add_database(closed)

    _add_tokens(parts.add_parser("token", help="what scripts sign in with"))

    backup = parts.add_parser("backup", help="copy the database while it is in use")
    backup.set_defaults(command=commands.backup)
    backup.add_argument("file", metavar="FILE", type=Path, help="must not be there yet")
    _add_database(backup)


def _add_serve(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=commands.serve)
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
    create.set_defaults(command=commands.token_create)
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
    listed.set_defaults(command=commands.token_list)
    listed.add_argument("user", metavar="USER")
    deleted = tokens.add_parser("delete", help="make a token invalid at once")
    deleted.set_defaults(command=commands.token_delete)
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
