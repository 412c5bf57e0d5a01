"""The lock file `installers/lock.txt`, read without any library."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal, TypeAlias

Part: TypeAlias = Literal["run", "dev", "held"]

LOCK = Path(__file__).with_name("lock.txt")
PARTS: dict[Part, tuple[str, ...]] = {"run": ("run",), "dev": ("run", "dev"), "held": ("held",)}


def sections(text: str) -> dict[str, list[str]]:
    """The pinned requirements under each `# [name]` heading."""
    found: dict[str, list[str]] = {}
    current: list[str] = []
    for raw in text.splitlines():
        line = raw.strip()
        if line.startswith("# ["):
            current = found.setdefault(line[3 : line.index("]")], [])
        elif line and not line.startswith("#"):
            current.append(line)
    return found


def pins(part: Part, lock: Path = LOCK) -> list[str]:
    """Every requirement of `part` on this platform; `dev` needs those of `run` as well."""
    found = sections(lock.read_text(encoding="utf-8"))
    lines = [line for section in PARTS[part] for line in found[section]]
    # The only markers in the file name platforms, each as sys.platform has it.
    return [line for line in lines if ";" not in line or f'"{sys.platform}"' in line]
