"""Write `lock.txt` from the packages of the environment that this runs in.

    python -m pip install --upgrade ".[dev]" && python -m installers.relock

A package that another platform alone needs is not installed here: its pin in the old file is kept.
This module is for developers, so unlike the rest of the set-up it may use a library.
"""

from __future__ import annotations

import itertools
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import TypeAlias

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from installers import lock

Needs: TypeAlias = dict[str, set[str]]  # a package's name -> the platforms that need it

PLATFORMS = {"linux": "Linux", "win32": "Windows", "darwin": "Darwin"}
PYTHONS = ("3.11", "3.12", "3.13")
GPU = ("cuda-", "nvidia-", "triton")  # torch's own affair, see the head of the lock file
PROJECT = Path(__file__).parent.parent / "pyproject.toml"
TITLES = {"run": "what the program runs on", "dev": "what proves it, in addition"}


def closure(requirements: list[str], platform: str, python: str) -> set[str]:
    """The canonical names of all that `requirements` bring on one platform and Python."""
    marker = {
        "sys_platform": platform,
        "platform_system": PLATFORMS[platform],
        "os_name": "nt" if platform == "win32" else "posix",
        "python_version": python,
        "python_full_version": f"{python}.0",
    }
    todo = _applying(requirements, [marker])
    done: set[tuple[str, frozenset[str]]] = set()
    while todo:
        need = todo.pop()
        key = (canonicalize_name(need.name), frozenset(need.extras))
        if key not in done:
            done.add(key)
            markers = [{**marker, "extra": extra} for extra in ("", *need.extras)]
            todo += _applying(_requires(need.name), markers)
    return {name for name, _ in done}


def _applying(requirements: list[str], markers: list[dict[str, str]]) -> list[Requirement]:
    found = [Requirement(text) for text in requirements]
    return [
        need
        for need in found
        if not need.name.startswith(GPU)
        and (need.marker is None or any(need.marker.evaluate(values) for values in markers))
    ]


def _requires(name: str) -> list[str]:
    try:
        return distribution(name).requires or []
    except PackageNotFoundError:
        return []  # of another platform


def needs(requirements: list[str]) -> Needs:
    """Every package that `requirements` bring anywhere, with the platforms that need it."""
    found: Needs = {}
    for platform, python in itertools.product(PLATFORMS, PYTHONS):
        for name in closure(requirements, platform, python):
            found.setdefault(name, set()).add(platform)
    return found


def pin(name: str, platforms: set[str], old: dict[str, str]) -> str:
    """The line that pins one package; `old` maps names to the versions of the file before."""
    try:
        found = distribution(name)
    except PackageNotFoundError:
        if name not in old:
            message = f"{name} is not installed here: pin it in {lock.LOCK} by hand, then run this"
            raise SystemExit(message) from None
        shown, version = name, old[name]
    else:
        shown, version = found.metadata["Name"], Version(found.version).public
    if platforms == set(PLATFORMS):
        return f"{shown}=={version}"
    which = " or ".join(f'sys_platform == "{platform}"' for platform in sorted(platforms))
    return f"{shown}=={version} ; {which}"


def versions(text: str) -> dict[str, str]:
    """The version of each package that a lock file pins, by canonical name."""
    found = [Requirement(line) for lines in lock.sections(text).values() for line in lines]
    return {canonicalize_name(need.name): str(need.specifier)[2:] for need in found}


def render(old: str) -> str:
    """The lock file for what is installed; `old` gives head, held packages and foreign pins."""
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    run = needs(project["dependencies"])
    everything = needs(project["dependencies"] + project["optional-dependencies"]["dev"])
    known = versions(old)
    parts: dict[str, Needs] = {"run": {}, "dev": {}}
    for name, platforms in everything.items():
        if name in run:
            parts["run"][name] = run[name]
        if missing := platforms - run.get(name, set()):
            parts["dev"][name] = missing
    text = old[: old.index("# [run]")]
    for part, packages in parts.items():
        lines = [pin(name, packages[name], known) for name in sorted(packages)]
        text += f"# [{part}] {TITLES[part]}\n" + "\n".join(lines) + "\n\n"
    return text + old[old.index("# [held]") :]


if __name__ == "__main__":
    lock.LOCK.write_text(render(lock.LOCK.read_text(encoding="utf-8")), encoding="utf-8")
