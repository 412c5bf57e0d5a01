"""`python -m tests.benchmarks [NAME ...]`: measure all, or those named; list them with `--list`."""

from __future__ import annotations

import argparse
import importlib
import sys
from typing import TYPE_CHECKING

from tests.benchmarks.harness import show

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.benchmarks.harness import Row

NAMES = (
    "chains",
    "cache",
    "durable",
    "format",
    "border",
    "journal",
    "window",
    "canvas",
    "editing",
    "watching",
    "sampling",
    "steering",
)


def main(arguments: list[str]) -> int:
    """Run the benchmarks; the status is 1 when a promise is not kept."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}")
    parser.add_argument("--list", action="store_true", help="print the names and leave")
    options = parser.parse_args(arguments)
    if options.list:
        print("\n".join(NAMES))
        return 0
    unknown = set(options.names) - set(NAMES)
    if unknown:
        parser.error(f"no benchmark {', '.join(sorted(unknown))}; there are: {', '.join(NAMES)}")
    kept = [_run(name) for name in options.names or NAMES]
    return 0 if all(kept) else 1


def _run(name: str) -> bool:
    module = importlib.import_module(f"tests.benchmarks.{name}")
    run: Callable[[], Iterable[Row]] = module.run
    return show(str(module.__doc__).partition("\n")[0], run())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
