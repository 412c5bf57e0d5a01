"""start.py as its users meet it: real processes on a small checkout with a fake environment."""

from __future__ import annotations

import ast
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import start

if TYPE_CHECKING:
    from pathlib import Path

    from tests.installers.checkout import Checkout

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the fake Python is a script")


WORKERS = min(4, os.cpu_count() or 1)
SHARED = ["-n", str(WORKERS), "--dist", "loadfile"] if WORKERS > 1 else []


@pytest.mark.parametrize(
    ("given", "becomes"),
    [
        ([], ["-m", "sfumato"]),
        (["run", "text-to-image"], ["-m", "sfumato", "run", "text-to-image"]),
        (["run", "x", "--set", "A.b=a c"], ["-m", "sfumato", "run", "x", "--set", "A.b=a c"]),
        (["--help"], ["-m", "sfumato", "--help"]),
        (["test"], ["-m", "pytest", "-m", "not benchmark", *SHARED]),
        (["test", "--full", "-x"], ["-m", "pytest", "-m", "not benchmark", "--full", "-x"]),
        (["benchmark", "plan"], ["-m", "tests.benchmarks", "plan"]),
    ],
)
def test_arguments_reach_what_they_mean(
    checkout: Checkout, given: list[str], becomes: list[str]
) -> None:
    done = checkout.start(*given)
    assert done.returncode == 0, done.stderr
    assert checkout.calls()[-1]["arguments"] == becomes


def test_without_a_display_it_says_so_and_makes_the_picture(checkout: Checkout) -> None:
    done = checkout.start(DISPLAY="")
    assert "No display here" in done.stdout
    assert checkout.calls()[-1]["arguments"] == ["-m", "sfumato", "run", "text-to-image"]


def test_a_command_needs_no_display(checkout: Checkout) -> None:
    done = checkout.start("nodes", DISPLAY="")
    assert "display" not in done.stdout
    assert checkout.calls()[-1]["arguments"] == ["-m", "sfumato", "nodes"]


def test_only_linux_has_to_name_its_display(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert start.has_display({})
    monkeypatch.setattr(sys, "platform", "linux")
    assert not start.has_display({})
    assert start.has_display({"WAYLAND_DISPLAY": "wayland-0"})


def test_the_program_stays_where_its_user_is_and_the_tests_go_home(
    checkout: Checkout, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").mkdir()
    checkout.start("run", "mine.json", cwd=tmp_path / "elsewhere")
    checkout.start("test", cwd=tmp_path / "elsewhere")
    _, ran, _, tested = checkout.calls()  # each after its set-up
    assert ran["cwd"] == str(tmp_path / "elsewhere")
    # A folder named app or graph beside the user's files must not be taken for ours.
    assert ran["environment"]["PYTHONSAFEPATH"] == "1"
    assert tested["cwd"] == str(checkout.root)
    assert tested["environment"]["QT_QPA_PLATFORM"] == "offscreen"


@pytest.mark.parametrize("command", ["run", "test", "benchmark"])
def test_the_exit_status_passes_through(checkout: Checkout, command: str) -> None:
    checkout.tell("status", "7")
    assert checkout.start(command).returncode == 7


def test_check_runs_every_tool_even_after_one_failed(checkout: Checkout) -> None:
    checkout.tell("status", "1")
    assert checkout.start("check").returncode == 1
    tools = [tuple(call["arguments"]) for call in checkout.calls()]
    assert tools[-len(start.CHECKS) :] == list(start.CHECKS)


def test_check_refuses_what_it_does_not_know(checkout: Checkout) -> None:
    done = checkout.start("check", "--fast")
    assert done.returncode == 2
    assert "--fast" in done.stderr


def test_a_second_start_installs_nothing(checkout: Checkout) -> None:
    first, second = checkout.start("nodes"), checkout.start("nodes")
    assert "Installing 1 packages" in first.stdout
    assert second.stdout == ""
    assert checkout.installs() == 1
    assert len(checkout.calls()) == 3  # pip, and the program twice


def test_either_order_ends_in_the_same_environment(checkout: Checkout) -> None:
    checkout.start("nodes")
    checkout.start("test")
    assert checkout.installs() == 2
    checkout.start("nodes")
    checkout.start("test")
    assert checkout.installs() == 2
    listing = (checkout.root / ".venv" / "requirements.txt").read_text(encoding="utf-8")
    assert listing.split() == ["alpha==1.0", "gamma==3.0"]  # none of another platform


def test_a_changed_lock_installs_again(checkout: Checkout) -> None:
    checkout.start("nodes")
    lock = checkout.root / "installers" / "lock.txt"
    lock.write_text(lock.read_text(encoding="utf-8").replace("1.0", "1.1"), encoding="utf-8")
    checkout.start("nodes")
    assert checkout.installs() == 2


def test_another_interpreter_installs_again(checkout: Checkout) -> None:
    checkout.start("nodes")
    # As a system upgrade does: the link of the environment leads to another Python.
    other = checkout.python.with_name("python3.99")
    checkout.python.rename(other)
    checkout.python.symlink_to(other)
    checkout.start("nodes")
    assert checkout.installs() == 2


def test_a_failed_set_up_says_why_and_the_next_start_goes_on(checkout: Checkout) -> None:
    checkout.tell("pip-status", "1")
    checkout.tell("says", "ERROR: Could not find a version that satisfies the requirement alpha")
    failed = checkout.start("nodes")
    assert failed.returncode == 1
    assert "could not be fetched" in failed.stderr
    assert "Traceback" not in failed.stderr
    assert len(checkout.calls()) == 1  # the program was not run
    checkout.tell("pip-status", "0")
    assert checkout.start("nodes").returncode == 0
    assert checkout.installs() == 2


def test_an_interrupted_set_up_stops_cleanly_and_continues(checkout: Checkout) -> None:
    checkout.hold()
    process = checkout.begin("nodes")
    checkout.wait_for_pip()
    half, whole = (checkout.site / f"{name}-1.0.dist-info" for name in ("half", "whole"))
    half.mkdir()
    whole.mkdir()
    (whole / "RECORD").touch()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate()
    assert process.returncode == 130
    assert "Running this again continues" in err
    checkout.release()
    assert checkout.start("nodes").returncode == 0
    assert not half.exists()  # pip would have taken it for installed
    assert whole.exists()


def test_missing_libraries_are_told_at_each_start_and_stop_nothing(checkout: Checkout) -> None:
    checkout.lack("libno9")
    for _ in range(2):
        done = checkout.start("nodes", PATH="")
        assert "Install what provides" in done.stdout
        assert done.returncode == 0
    assert checkout.installs() == 1
    checkout.lack()
    checkout.start("nodes", PATH="")
    assert checkout.start("nodes", PATH="").stdout == ""


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline()


def test_two_starts_at_once_set_up_once(checkout: Checkout) -> None:
    checkout.hold()
    first = checkout.begin("nodes")
    checkout.wait_for_pip()
    second = checkout.begin("nodes")
    assert "waiting for it" in first_line(second)
    checkout.release()
    first.communicate()
    second.communicate()
    assert (first.returncode, second.returncode) == (0, 0)
    assert checkout.installs() == 1


def test_a_killed_set_up_keeps_others_out_until_its_pip_is_done(checkout: Checkout) -> None:
    checkout.hold()
    killed = checkout.begin("nodes")
    checkout.wait_for_pip()
    killed.kill()
    killed.communicate()
    second = checkout.begin("nodes")
    assert "waiting for it" in first_line(second)
    checkout.release()
    second.communicate()
    assert second.returncode == 0
    assert checkout.installs() == 2  # the first was never stamped


def test_a_moved_checkout_still_finds_itself(checkout: Checkout) -> None:
    checkout.start("nodes")
    link = (checkout.site / "sfumato.pth").read_text(encoding="utf-8").strip()
    moved = checkout.root.rename(checkout.root.with_name("moved"))
    site = moved / checkout.site.relative_to(checkout.root)
    assert (site / link).resolve() == moved


def test_an_old_python_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    assert start.restart(["run"]) == 1
    assert "Sfumato needs Python 3.11, 3.12 or 3.13" in capsys.readouterr().err


def test_an_old_python_starts_a_newer_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    newer = tmp_path / "python3.12"
    newer.write_text(f'#!/bin/sh\necho "$@" > "{tmp_path}/called"\nexit 5\n', encoding="utf-8")
    newer.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert start.restart(["run", "x"]) == 5
    called = (tmp_path / "called").read_text(encoding="utf-8").split()
    assert called == [str(start.ROOT / "start.py"), "run", "x"]


def test_start_reads_like_a_page(tmp_path: Path) -> None:
    # An old Python must be able to read it whole, or it could not say that it is too old.
    source = (start.ROOT / "start.py").read_text(encoding="utf-8")
    compile(source, str(tmp_path), "exec", flags=0, dont_inherit=True)
    ast.parse(source, feature_version=(3, 8))
    assert len(source.splitlines()) < 250


def test_ci_calls_the_one_command() -> None:
    script = start.ROOT / ".ci" / "run"
    assert script.stat().st_mode & 0o111
    assert "exec python3 start.py test\n" in script.read_text(encoding="utf-8")
    subprocess.run(["bash", "-n", str(script)], check=True)
