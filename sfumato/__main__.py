"""The program: `sfumato` opens the app, `sfumato COMMAND` works without a window.

Exit status: 0, 2 for a bad graph or argument, 1 for a failed run, 130 when interrupted.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line `argv` (that of the process when None) and return the exit status."""
    # The engine process imports this module again under another name: nothing may happen then.
    from sfumato.cli.main import run_command_line

    return run_command_line(sys.argv[1:] if argv is None else argv)


if __name__ == "__main__":
    sys.exit(main())
