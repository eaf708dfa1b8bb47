"""The command `annotator`: try the demo, open a project, check a project.

Heavy parts are imported by the command that needs them, so that `--help` is
there at once.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from annotator.cli_hub import add_hub
from annotator.errors import AnnotatorError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from annotator.audio.cache import CacheContent

__all__ = ["main"]

_PORT = 5006
"""Where `panel serve` listens too."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv
        Arguments without the program's name; None: those of the process.

    Returns
    -------
    int
        Exit status: 0 if it went well, 1 if something is wrong with what was
        given, 2 for an argument that nobody knows.
    """
    arguments = _parser().parse_args(argv)
    command: Callable[[argparse.Namespace], int] = arguments.command
    try:
        return command(arguments)
    except AnnotatorError as err:
        print(f"annotator: {err}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0  # how a server is stopped


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="annotator",
        description="Listen to recordings, say what is in them, sync the answers.",
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print it and stop")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    demo = commands.add_parser("demo", help="make a soundscape and review it")
    demo.set_defaults(command=_demo)
    demo.add_argument(
        "--dir",
        type=Path,
        default=Path("demo-data"),
        help="folder for its files and your answers (default: %(default)s)",
    )
    demo.add_argument(
        "--files-only", action="store_true", help="write the files and stop"
    )
    _add_serving(demo)

    opened = commands.add_parser("open", help="review the clips of a project")
    opened.set_defaults(command=_open)
    opened.add_argument("file", metavar="FILE", help="project: YAML or JSON")
    _add_serving(opened)

    validate = commands.add_parser(
        "validate", help="check a project and list all that is wrong with it"
    )
    validate.set_defaults(command=_validate)
    validate.add_argument("file", metavar="FILE", help="project: YAML or JSON")

    cache = commands.add_parser("cache", help="copies of remote recordings kept here")
    cache.set_defaults(command=_cache)
    cache.add_argument(
        "action", choices=["info", "clear"], help="tell what is in it, or delete that"
    )
    add_hub(commands)
    return parser


def _add_serving(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--port", type=int, default=_PORT, help="0: a free one (default: %(default)s)"
    )
    parser.add_argument(
        "--address", default="localhost", help="to listen on (default: %(default)s)"
    )
    parser.add_argument(
        "--no-show", action="store_true", help="do not open a browser tab"
    )


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from annotator import __version__

        print(f"annotator {__version__}")
        parser.exit()


def _demo(arguments: argparse.Namespace) -> int:
    from annotator.demo.project import write_demo

    project = write_demo(arguments.dir)
    print(f"The demo is in {arguments.dir}")
    if arguments.files_only:
        return 0
    return _serve(project, arguments)


def _open(arguments: argparse.Namespace) -> int:
    return _serve(arguments.file, arguments)


def _cache(arguments: argparse.Namespace) -> int:
    from annotator.audio import cache

    if arguments.action == "clear":
        freed = cache.clear_cache()
        print(f"Freed {_size(freed.copy_bytes + freed.note_bytes)}: {_content(freed)}")
        return 0
    content = cache.cache_content()
    print(f"Folder: {cache.cache_folder()}")
    print(f"Holds:  {_content(content)}")
    print(f"Takes:  {_size(content.copy_bytes)} of {_size(cache.cache_limit())}")
    return 0


def _content(content: CacheContent) -> str:
    n_copies, n_notes = content.n_copies, content.n_notes
    return (
        f"{n_copies} {'copy' if n_copies == 1 else 'copies'} of remote files, "
        f"notes on {n_notes} recording{'' if n_notes == 1 else 's'}"
    )


def _size(n_bytes: int) -> str:
    """Return bytes as a person reads them: ``1.2 GB``."""
    number, unit = float(n_bytes), "bytes"
    for larger in ("kB", "MB", "GB", "TB"):
        if number < 999.5:
            break
        number, unit = number / 1000, larger
    return f"{number:.3g} {unit}"


def _serve(project: str | Path, arguments: argparse.Namespace) -> int:
    from annotator.app import serve

    serve(
        project,
        port=arguments.port,
        show=not arguments.no_show,
        address=arguments.address,
    )
    return 0


def _validate(arguments: argparse.Namespace) -> int:
    from annotator.app.checks import problems_of_file

    problems = problems_of_file(arguments.file)
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems:
        n = len(problems)
        print(f"{arguments.file}: {n} problem{'s' if n > 1 else ''}", file=sys.stderr)
        return 1
    print(f"{arguments.file}: all is well")
    return 0
