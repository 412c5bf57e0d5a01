"""Packages into the environment through pip, with one short line of progress each.

No index and no host is named here: pip's own configuration (files, variables) decides.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections import deque
from typing import TYPE_CHECKING

from installers.errors import failure

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

TAIL = 15  # lines of pip's output that a failure shows
# A wheel that lies on this machine is "processed" instead of collected.
_NEXT = re.compile(
    r"(Collecting|Requirement already satisfied:|Processing)"
    r" (?:\S*[/\\](?=[^/\\]+\.whl))?(\w+?(?=-\d)|[\w.-]+)"
)
_DOWNLOAD = re.compile(r"\s*Downloading .*?([^/\s]+) \(([\d.]+ [MG]B)\)")


def install(python: Path, pins: Sequence[str], held: Sequence[str], notes: Path) -> None:
    """Install `pins` with the pip of `python`, and what they bring no newer than `held`.

    The lists are kept for pip, and for whoever looks, in the folder `notes`.
    """
    wanted, limits = notes / "requirements.txt", notes / "constraints.txt"
    wanted.write_text("\n".join(pins) + "\n", encoding="utf-8")
    limits.write_text("\n".join(held) + "\n", encoding="utf-8")
    command = [str(python), "-m", "pip", "install", "--no-input", "--disable-pip-version-check"]
    command += ["--progress-bar", "off", "--requirement", str(wanted)]
    command += ["--constraint", str(limits)]
    # Habits for pip outside environments (--user, --target) would misplace the packages.
    environment = {**os.environ, "PIP_USER": "0", "PYTHONUNBUFFERED": "1"}
    for name in ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_QUIET", "PIP_VERBOSE"):
        environment.pop(name, None)
    with subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        close_fds=False,  # the lock on the set-up goes along, see guard.py
    ) as pip:
        try:
            tail = _report(pip.stdout or (), {_name(pin) for pin in pins})
        except BaseException:
            pip.terminate()
            raise
    if pip.returncode:
        otherwise = "pip stopped, see its last lines above. Running this again continues."
        raise failure("\n".join(tail), notes, otherwise)


def _report(lines: Iterable[str], wanted: set[str]) -> list[str]:
    tail: deque[str] = deque(maxlen=TAIL)
    seen: set[str] = set()
    for line in lines:
        tail.append(line.rstrip())
        if (found := _NEXT.match(line)) and (name := _name(found[2])) in wanted - seen:
            seen.add(name)
            if not found[1].startswith("Requirement"):  # what is there already is not worth a line
                print(f"  {len(seen)}/{len(wanted)} {found[2]}", flush=True)
        elif found := _DOWNLOAD.match(line):
            print(f"    downloading {found[1]} ({found[2]})", flush=True)
        elif line.startswith("Installing collected packages"):
            print("  unpacking; the large ones take a minute", flush=True)
    return list(tail)


def _name(pin: str) -> str:
    return re.split(r"[=<>!~;\s\[]", pin, maxsplit=1)[0].lower().replace("_", "-").replace(".", "-")
