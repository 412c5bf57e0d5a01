"""Imports run one way: by contract in the source, and by what a fresh interpreter ends up with."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.metadata import packages_distributions

import pytest

import start
from tests.architecture.tree import PACKAGES, ROOT, fresh, modules

HEAVY = {"accelerate", "diffusers", "peft", "torch", "transformers"}
QT = {"PySide6", "qasync", "qtawesome", "qtpy", "shiboken6"}

LOAD = """
import importlib, json, sys
for name in {names}:
    importlib.import_module(name)
print(json.dumps(sorted(name for name in sys.modules if "." not in name)))
"""


def loaded(package: str) -> set[str]:
    """The top-level modules that loading all of `package` brings."""
    found: list[str] = json.loads(fresh(LOAD.format(names=modules(package))))
    return set(found)


def test_every_import_contract_is_kept() -> None:
    command = [sys.executable, "-c", start.LINT_IMPORTS]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_has_modules_to_check(package: str) -> None:
    assert package in modules(package)


@pytest.mark.parametrize("package", ["app", "graph", "sfumato"])
def test_the_window_the_graph_and_the_command_line_load_no_torch(package: str) -> None:
    assert loaded(package) & HEAVY == set()


@pytest.mark.parametrize("package", ["graph", "nodes", "plugins"])
def test_the_engine_loads_no_qt(package: str) -> None:
    assert loaded(package) & QT == set()


def test_the_set_up_loads_nothing_that_is_not_there_yet() -> None:
    names = [name for name in modules("installers") if name != "installers.relock"]
    bare = LOAD.format(names=["start", *names])
    # -S: no site-packages, as on a machine where nothing is installed.
    done = subprocess.run(
        [sys.executable, "-S", "-c", bare],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert set(json.loads(done.stdout)) - sys.stdlib_module_names <= {
        "__main__",
        "installers",
        "start",
    }


def test_no_dependency_installs_a_module_under_one_of_our_names() -> None:
    # The checkout stands last on the path of the environment, so such a module would hide ours.
    owners = packages_distributions()
    taken = {name: owners[name] for name in (*PACKAGES, "start", "tests") if name in owners}
    assert {name for name, by in taken.items() if set(by) != {"sfumato"}} == set()
