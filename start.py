#!/usr/bin/env python3
"""Set up Sfumato on this machine, then run it: `python3 start.py`.

    python3 start.py                    open the app
    python3 start.py run text-to-image  any command of `sfumato`; see `python3 start.py --help`
    python3 start.py test [--full] ...  prove it: the whole test suite; the rest goes to pytest
    python3 start.py check              lint, formatting, types, import contracts
    python3 start.py benchmark ...      measure it

Every command sets up what is missing first and asks nothing; a second start finds a stamp and costs
nothing. Standard library only, and in words that an old Python understands, so that it can say so.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

TYPE_CHECKING = False  # a second start pays for each import here: typing and others come later
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from installers.lock import Part

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
LOCK = ROOT / "installers" / "lock.txt"
STAMP = VENV / "sfumato.stamp"
LIBRARIES = VENV / "sfumato.libraries"  # there once no system library was missing
PYTHON = VENV / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
OLDEST, NEWEST = (3, 11), (3, 13)
TEMPLATE = "text-to-image"
MOST_WORKERS = 4  # each holds torch and a model or two
LINT_IMPORTS = "from importlinter.cli import lint_imports_command; lint_imports_command()"
CHECKS = (
    ("-m", "ruff", "check"),
    ("-m", "ruff", "format", "--check"),
    ("-m", "mypy"),
    ("-c", LINT_IMPORTS),
)


def main(arguments: Sequence[str]) -> int:
    """Set up, then do what the arguments say; the exit status is that of what ran."""
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        return restart(arguments)
    name, rest = (arguments[0], arguments[1:]) if arguments else ("", [])
    command = COMMANDS.get(name)
    if not ready("dev" if command else "run") and (status := set_up("dev" if command else "run")):
        return status
    if command is None:
        return app(arguments)
    os.chdir(ROOT)
    return command(rest)


def app(arguments: Sequence[str]) -> int:
    """The program itself; without a display, the template from words to a picture."""
    if not arguments and not has_display(os.environ):
        print("No display here (neither DISPLAY nor WAYLAND_DISPLAY is set), so no window opens.")
        print(f"Running the template {TEMPLATE} instead.", flush=True)
        arguments = ["run", TEMPLATE]
    return become(["-m", "sfumato", *arguments])


def test(arguments: Sequence[str]) -> int:
    """The whole suite, without a screen, on up to four cores; what is named runs in one process."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    workers = min(MOST_WORKERS, os.cpu_count() or 1)
    # A file stays in one process: what its tests share is made once.
    shared = ["-n", str(workers), "--dist", "loadfile"] if workers > 1 and not arguments else []
    return become(["-m", "pytest", "-m", "not benchmark", *shared, *arguments])


def check(arguments: Sequence[str]) -> int:
    """Lint, formatting, types and import contracts: all of them, even after one failed."""
    if arguments:
        print(f"start.py check takes no arguments, but got: {' '.join(arguments)}", file=sys.stderr)
        return 2
    from subprocess import call

    worst = 0
    for tool in CHECKS:
        print(f"--- {' '.join(tool[1:]) if tool[0] == '-m' else 'import contracts'}", flush=True)
        worst = max(worst, abs(call([str(PYTHON), *tool])))
    return worst


def benchmark(arguments: Sequence[str]) -> int:
    """The measurements."""
    return become(["-m", "tests.benchmarks", *arguments])


COMMANDS: Mapping[str, Callable[[Sequence[str]], int]] = {
    "test": test,
    "check": check,
    "benchmark": benchmark,
}


def has_display(environment: Mapping[str, str]) -> bool:
    """Whether a window can open; only Linux has to name its display, or a Qt platform."""
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return not sys.platform.startswith("linux") or any(environment.get(name) for name in names)


def become(command: Sequence[str]) -> int:
    """Go on as the environment's Python; on Windows, where exec returns at once, wait for it."""
    # The folder that this was called from may hold a graph.py or an app/ of its own.
    os.environ["PYTHONSAFEPATH"] = "1"
    sys.stdout.flush()
    if os.name != "nt":
        os.execv(PYTHON, [str(PYTHON), *command])  # noqa: S606 - no shell is wanted
    from subprocess import call

    return call([str(PYTHON), *command])


def stamp(part: Part) -> str:
    """What a whole environment is stamped with: its parts, its interpreter, the lock itself."""
    return f"{part} {os.path.realpath(PYTHON)}\n{LOCK.read_text(encoding='utf-8')}"


def whole(part: Part) -> bool:
    """Whether the environment has all that `part` needs; `dev` holds all of `run`."""
    try:
        found = STAMP.read_text(encoding="utf-8")
    except OSError:
        return False
    return found in {stamp(part), stamp("dev")} and os.access(PYTHON, os.X_OK)


def ready(part: Part) -> bool:
    """Whether nothing is to be set up."""
    return LIBRARIES.exists() and whole(part)


def set_up(part: Part) -> int:
    """Bring system libraries and the environment to the state that the lock file names."""
    sys.path.insert(0, str(ROOT))
    from installers import environment, guard, system
    from installers.errors import SetupError

    try:
        with guard.alone(ROOT / ".venv.lock"):
            if ready(part):  # another process was quicker
                return 0
            print(f"Setting up Sfumato in {ROOT}", flush=True)
            complete = system.supply()
            if not whole(part):
                environment.prepare(ROOT, part, STAMP, PYTHON)
                STAMP.write_text(stamp(part), encoding="utf-8")
            if complete:
                LIBRARIES.touch()
    except SetupError as error:
        print(error, file=sys.stderr)
    except OSError as error:
        where = error.filename or ROOT
        print(f"Set-up cannot write or read {where}: {error.strerror}.", file=sys.stderr)
        print("Free some space or mend its permissions, then run this again.", file=sys.stderr)
    except KeyboardInterrupt:
        print("\nStopped. Running this again continues.", file=sys.stderr)
        return 130
    else:
        print("Set up.", flush=True)
        return 0
    return 1


def restart(arguments: Sequence[str]) -> int:
    """Start again with a Python that fits, if this machine has one."""
    from shutil import which
    from subprocess import call

    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        found = which(f"python3.{minor}")
        if found:
            return call([found, str(ROOT / "start.py"), *arguments])
    print(
        "Sfumato needs Python 3.11, 3.12 or 3.13; {} is {}.{}. Install one of them"
        " (Debian and Ubuntu: apt-get install python3.12 python3.12-venv) and run"
        " start.py with it.".format(sys.executable, *sys.version_info[:2]),
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
