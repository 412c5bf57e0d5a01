"""A small checkout with start.py, the real set-up, and an environment whose Python is a fake.

The fake notes every call and plays pip, so that a whole set-up takes a moment and needs no network.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]

LOCK = """# head
# [run] what runs
alpha==1.0
Beta_b==2.0 ; sys_platform == "nowhere"

# [dev] what proves
gamma==3.0

# [held] what stays
delta==4.0
"""

FAKE = """#!{python} -IS
import json, os, sys, time
from pathlib import Path
here = Path({here!r})
arguments = sys.argv[1:]
call = dict(arguments=arguments, cwd=os.getcwd(), environment=dict(os.environ))
with open(here / "calls", "a") as file:
    file.write(json.dumps(call) + "\\n")
if arguments[:2] == ["-m", "pip"]:
    while (here / "hold").exists():
        time.sleep(0.01)
    print((here / "says").read_text(), flush=True)
    sys.exit(int((here / "pip-status").read_text()))
if arguments[0] == "-c" and "pip" in arguments[1]:
    sys.exit(0)
sys.exit(int((here / "status").read_text()))
"""


@dataclass(frozen=True)
class Checkout:
    """The small checkout at `root`, and what its fake Python is to do."""

    root: Path
    notes: Path

    @classmethod
    def make(cls, folder: Path) -> Checkout:
        """Write it below `folder`."""
        self = cls(folder / "a checkout", folder / "notes")
        shutil.copytree(
            ROOT / "installers",
            self.root / "installers",
            ignore=shutil.ignore_patterns("__pycache__"),
        )
        shutil.copy(ROOT / "start.py", self.root)
        (self.root / "installers" / "lock.txt").write_text(LOCK, encoding="utf-8")
        self.lack()
        self.site.mkdir(parents=True)
        self.notes.mkdir()
        for name, content in {"says": "", "pip-status": "0", "status": "0"}.items():
            self.tell(name, content)
        self.python.parent.mkdir()
        self.python.write_text(FAKE.format(python=sys.executable, here=str(self.notes)))
        self.python.chmod(0o755)
        return self

    @property
    def python(self) -> Path:
        """The fake Python of the environment."""
        return self.root / ".venv" / "bin" / "python"

    @property
    def site(self) -> Path:
        """Where packages would be."""
        return self.root / ".venv" / "lib" / "python3.11" / "site-packages"

    def lack(self, *packages: str) -> None:
        """Make the machine lack these packages, and no other, whatever it has."""
        with (self.root / "installers" / "system.py").open("a", encoding="utf-8") as file:
            file.write(f"\nmissing = lambda: {[(name,) for name in packages]!r}\n")

    def tell(self, name: str, content: str) -> None:
        """Set what the fake does: pip's output and status, the program's status."""
        (self.notes / name).write_text(content, encoding="utf-8")

    def hold(self) -> None:
        """Let the fake pip go on for ever."""
        self.tell("hold", "")

    def release(self) -> None:
        """Let the fake pip come to its end."""
        (self.notes / "hold").unlink()

    def wait_for_pip(self) -> None:
        """Return once the fake pip is at work."""
        while not self.installs():
            time.sleep(0.01)

    def begin(self, *arguments: str, cwd: Path | None = None, **env: str) -> subprocess.Popen[str]:
        """Start start.py without waiting; with a display, unless `env` says otherwise."""
        return subprocess.Popen(
            [sys.executable, str(self.root / "start.py"), *arguments],
            cwd=cwd or self.root.parent,
            env={
                **os.environ,
                "DISPLAY": ":7",
                "WAYLAND_DISPLAY": "",
                "QT_QPA_PLATFORM": "",
                **env,
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def start(
        self, *arguments: str, cwd: Path | None = None, **env: str
    ) -> subprocess.CompletedProcess[str]:
        """Run start.py to its end."""
        process = self.begin(*arguments, cwd=cwd, **env)
        out, err = process.communicate()
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def calls(self) -> list[dict[str, Any]]:
        """Every call of the fake Python so far, but for the question whether it works."""
        notes = self.notes / "calls"
        lines = notes.read_text(encoding="utf-8").splitlines() if notes.exists() else []
        found = [json.loads(line) for line in lines]
        return [call for call in found if "pip._internal" not in call["arguments"][1]]

    def installs(self) -> int:
        """How often packages were installed."""
        return sum(call["arguments"][:2] == ["-m", "pip"] for call in self.calls())
