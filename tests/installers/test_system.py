"""System libraries: found by loading, fetched by the right name, or told in one line."""

from __future__ import annotations

import importlib.util
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from installers import system

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="elsewhere the wheels bring all they need"
)

SCRIPT = """#!/bin/sh
echo "{name} $*" >> "{folder}/calls"
{body}
"""


@dataclass(frozen=True)
class Machine:
    """A machine by its commands: each a tiny script, and nothing else on the path."""

    folder: Path

    def has(self, name: str, body: str = "") -> None:
        """Put a command on the path."""
        script = self.folder / name
        script.write_text(SCRIPT.format(name=name, folder=self.folder, body=body), "utf-8")
        script.chmod(0o755)

    def calls(self, name: str) -> list[str]:
        """What the command was called with."""
        notes = self.folder / "calls"
        lines = notes.read_text(encoding="utf-8").splitlines() if notes.exists() else []
        return [line.removeprefix(name + " ") for line in lines if line.startswith(name + " ")]


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """An apt machine without one library, with `env` as everywhere; nobody is root."""
    monkeypatch.setattr(system, "LIBRARIES", {"libno.so.9": ("libno9t64", "libno9")})
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("PATH", str(tmp_path))
    made = Machine(tmp_path)
    made.has("env", 'shift; exec "$@"')
    made.has("apt-get")
    made.has("apt-cache", f'/bin/grep -qx "$2" "{tmp_path}/known"')
    (tmp_path / "known").write_text("libno9\n", encoding="utf-8")
    return made


def arguments(calls: list[str]) -> list[str]:
    """The calls of apt-get without its options."""
    return [call.split("DPkg::Lock::Timeout=120 ")[1] for call in calls]


def test_what_loads_is_not_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "LIBRARIES", {"libc.so.6": ("libc6",), "libno.so.9": ("libno9",)})
    assert system.missing() == [("libno9",)]


def test_other_systems_miss_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert system.missing() == []


def test_a_python_without_ensurepip_needs_its_venv_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "LIBRARIES", {})
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    assert system.missing() == [(f"python3.{sys.version_info[1]}-venv",)]


def test_a_user_is_told_the_one_line(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    assert not system.supply()
    assert "sudo apt-get install --no-install-recommends libno9\n" in capsys.readouterr().out
    assert machine.calls("apt-get") == []


def test_sudo_that_would_ask_is_not_used(machine: Machine) -> None:
    machine.has("sudo", "exit 1")
    assert not system.supply()
    assert machine.calls("sudo") == ["-n true"]
    assert machine.calls("apt-get") == []


def test_sudo_that_asks_nothing_is_used(machine: Machine) -> None:
    machine.has("sudo", 'shift; exec "$@"')
    (machine.folder / "true").symlink_to("/bin/true")
    system.supply()
    assert "install --yes --no-install-recommends libno9" in arguments(machine.calls("apt-get"))


@pytest.mark.parametrize(
    ("known", "package"), [("libno9\n", "libno9"), ("libno9t64\nlibno9\n", "libno9t64")]
)
def test_root_installs_by_the_name_that_this_release_has(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, known: str, package: str
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    (machine.folder / "known").write_text(known, encoding="utf-8")
    system.supply()
    assert arguments(machine.calls("apt-get")) == [
        f"install --yes --no-install-recommends {package}"
    ]


def test_unknown_packages_are_looked_up_first_and_a_failure_is_tried_again(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    (machine.folder / "known").write_text("", encoding="utf-8")
    machine.has("apt-get", "echo E: no route >&2; exit 100")
    assert not system.supply()
    assert [call.split()[0] for call in arguments(machine.calls("apt-get"))] == [
        "update",
        "install",
        "update",
        "install",
    ]
    out = capsys.readouterr().out
    assert "E: no route" in out
    assert "Install them with this line" in out


def test_a_machine_without_apt_is_told_the_libraries(
    machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    (machine.folder / "apt-get").unlink()
    assert not system.supply()
    assert "libno.so.9" in capsys.readouterr().out
