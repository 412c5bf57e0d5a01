"""Arguments of the command line, and errors turned into one line and an exit status."""

from __future__ import annotations

import argparse
import os
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from graph.errors import SfumatoError

if TYPE_CHECKING:
    from collections.abc import Sequence

BAD_ARGUMENT = 2
INTERRUPTED = 130


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, with the way to the help."""

    def error(self, message: str) -> NoReturn:
        self.exit(BAD_ARGUMENT, f"{self.prog}: {message} (see {self.prog} --help)\n")


def run_command_line(argv: Sequence[str]) -> int:
    """Run `argv`; print errors on stderr in a line or two; return the exit status."""
    arguments = _parser().parse_args(argv)
    try:
        return int(arguments.command(arguments))
    except SfumatoError as error:
        print(f"sfumato: {error}", file=sys.stderr)
        return BAD_ARGUMENT
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader, such as `head`, has seen enough; what Python still holds must go nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        print(f"sfumato: {error.filename or 'system'}: {error.strerror or error}", file=sys.stderr)
        return BAD_ARGUMENT


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="sfumato", description="A node editor for diffusion models.")
    parser.add_argument("--version", action="version", version=_version())
    parser.set_defaults(command=_app, graph=None)
    commands = parser.add_subparsers(metavar="COMMAND", parser_class=_Parser)
    _add_app(commands)
    _add_run(commands)
    _add_check(commands)
    _add_nodes(commands)
    _add_templates(commands)
    _add_models(commands)
    _add_cache(commands)
    _add_history(commands)
    return parser


def _version() -> str:
    try:
        return version("sfumato")
    except PackageNotFoundError:
        return "not installed"


_Commands = argparse._SubParsersAction  # noqa: SLF001 - argparse gives its type no public name


def _add_app(commands: _Commands[_Parser]) -> None:
    parser = commands.add_parser("app", help="open the app (also what no command does)")
    parser.add_argument("graph", nargs="?", metavar="GRAPH|TEMPLATE")
    parser.set_defaults(command=_app)


def _add_run(commands: _Commands[_Parser]) -> None:
    parser = commands.add_parser("run", help="run a graph without a window")
    parser.add_argument("graph", metavar="GRAPH|TEMPLATE")
    parser.add_argument(
        "--set",
        dest="values",
        action="append",
        default=[],
        metavar="NODE.PARAM=VALUE",
        help="set a value; NODE is an id or a title",
    )
    parser.add_argument("--out", type=Path, default=Path("output"), metavar="DIR")
    parser.add_argument("--report", type=Path, metavar="FILE.json")
    parser.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda", "mps"))
    parser.add_argument("--no-cache", action="store_true", help="use nothing that is known")
    parser.add_argument("--explain", action="store_true", help="print why each node ran")
    parser.add_argument("--no-history", action="store_true", help="do not write this run down")
    parser.set_defaults(command=_run)


def _add_check(commands: _Commands[_Parser]) -> None:
    parser = commands.add_parser("check", help="validate a graph file")
    parser.add_argument("graph", metavar="GRAPH|TEMPLATE")
    parser.set_defaults(command=_check)


def _add_nodes(commands: _Commands[_Parser]) -> None:
    parser = commands.add_parser("nodes", help="list nodes with sockets, values and docs")
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.add_argument("--publish", type=Path, metavar="FILE", help=argparse.SUPPRESS)
    parser.set_defaults(command=_nodes)


def _add_templates(commands: _Commands[_Parser]) -> None:
    parser = commands.add_parser("templates", help="list the template graphs")
    parser.set_defaults(command=_templates)


def _add_models(commands: _Commands[_Parser]) -> None:
    parser = commands.add_parser("models", help="list model files and their folders")
    parser.add_argument("--add", type=Path, metavar="DIR", help="look in this models folder too")
    parser.add_argument(
        "--fetch-tokenizer",
        action="store_true",
        help="fetch the tokenizer of Stable Diffusion 1.x (2 MB) from the Hugging Face hub, once; "
        "asking for it is your consent",
    )
    parser.set_defaults(command=_models)


def _add_cache(commands: _Commands[_Parser]) -> None:
    parser = commands.add_parser("cache", help="what finished work is kept on disk, or clear it")
    parser.add_argument("action", nargs="?", choices=("stats", "clear"), default="stats")
    parser.set_defaults(command=_cache)


def _add_history(commands: _Commands[_Parser]) -> None:
    parser = commands.add_parser("history", help="what ran, when, and why")
    parser.add_argument("--limit", type=int, default=20, metavar="N", help="how many runs (20)")
    parser.add_argument("--json", action="store_true", help="as JSON, reasons as data")
    parser.set_defaults(command=_history)


# Each command imports what it needs when it is called: `sfumato templates` loads no engine, and
# the app loads none of the others.


def _app(arguments: argparse.Namespace) -> int:
    from sfumato.cli.launch import launch

    return launch(arguments.graph)


def _run(arguments: argparse.Namespace) -> int:
    from sfumato.cli.run import run

    return run(arguments)


def _check(arguments: argparse.Namespace) -> int:
    from sfumato.cli.check import check

    return check(arguments.graph)


def _nodes(arguments: argparse.Namespace) -> int:
    from sfumato.cli.nodes import nodes

    return nodes(as_json=arguments.json, publish=arguments.publish)


def _models(arguments: argparse.Namespace) -> int:
    from sfumato.cli.models import models

    return models(arguments.add, fetch=arguments.fetch_tokenizer)


def _cache(arguments: argparse.Namespace) -> int:
    from sfumato.cli.cache import cache

    return cache(arguments.action)


def _history(arguments: argparse.Namespace) -> int:
    from sfumato.cli.history import history

    return history(arguments.limit, as_json=arguments.json)


def _templates(_arguments: argparse.Namespace) -> int:
    from resources import templates

    print("\n".join(templates.names()))
    return 0
