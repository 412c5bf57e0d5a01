"""The tree that the proofs of this folder walk: its packages, modules and tracked files."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("app", "graph", "installers", "nodes", "plugins", "resources", "sfumato")


def modules(package: str) -> list[str]:
    """Every module below `package`, found on disk so that a new one is covered; none imported."""
    paths = sorted((ROOT / package).rglob("*.py"))
    names = (path.relative_to(ROOT).with_suffix("").as_posix() for path in paths)
    return [name.removesuffix("/__init__").replace("/", ".") for name in names]


def tracked() -> list[Path]:
    """The files that git tracks; safe.directory as a container's checkout has another owner."""
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
    files = [ROOT / name for name in os.fsdecode(listed).split("\0") if name]
    return [file for file in files if file.is_file()]


def fresh(code: str) -> str:
    """What `code` prints in a new interpreter; a warning there is an error too."""
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert not done.stderr, done.stderr
    return done.stdout
