"""The environment `.venv`: made once, repaired after an interruption, stamped when it is whole.

The stamp is written last and taken away first, so a stamp that fits means a whole environment.
`start.py` reads it before anything else: a second start costs one small file.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from installers import lock, packages
from installers.errors import SetupError, failure

if TYPE_CHECKING:
    from pathlib import Path


def prepare(root: Path, part: lock.Part, stamp: Path, python: Path) -> None:
    """Bring the environment of the checkout `root` to the state that the lock file names."""
    venv = root / ".venv"
    stamp.unlink(missing_ok=True)
    _repair(venv)
    if not _works(python):
        print("Making the environment .venv", flush=True)
        _make(venv)
    pins = lock.pins(part)
    print(f"Installing {len(pins)} packages", flush=True)
    packages.install(python, pins, lock.pins("held"), venv)
    _link(root, venv)


def site_packages(venv: Path) -> Path | None:
    """The folder that holds the environment's packages, if there is one yet."""
    pattern = "Lib/site-packages" if sys.platform == "win32" else "lib/python3.*/site-packages"
    return next(venv.glob(pattern), None)


def _works(python: Path) -> bool:
    """Whether this environment's interpreter is one we support and has a working pip."""
    if not python.exists():
        return False
    code = "import sys, pip._internal.cli.main; sys.exit(not (3, 11) <= sys.version_info < (3, 14))"
    return subprocess.run([python, "-c", code], capture_output=True, check=False).returncode == 0


def _make(venv: Path) -> None:
    base = getattr(sys, "_base_executable", sys.executable)
    command = [base, "-m", "venv", "--clear", str(venv)]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    if made.returncode:
        shutil.rmtree(venv, ignore_errors=True)
        detail = (made.stdout + made.stderr).strip()
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        otherwise = (
            f"The environment {venv} could not be made. On Debian and Ubuntu, install"
            f" python{version}-venv; elsewhere use a Python with venv and ensurepip."
        )
        raise failure(detail, venv.parent, otherwise)


def _repair(venv: Path) -> None:
    """Forget packages that an interrupted pip left half: it writes RECORD last."""
    site = site_packages(venv)
    for info in site.glob("*.dist-info") if site else ():
        if not (info / "RECORD").is_file():
            shutil.rmtree(info)


def _link(root: Path, venv: Path) -> None:
    """Let the project be imported from anywhere, by a path that survives moving the checkout."""
    site = site_packages(venv)
    if site is None:
        raise SetupError(f"{venv} has no site-packages folder: remove {venv} and run this again.")
    line = os.path.relpath(root, site)
    (site / "sfumato.pth").write_text(line + "\n", encoding="utf-8")
