"""The frame of the tests must bite: each stray noise, made on purpose, fails its test."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

PROBES = """
import logging, subprocess, sys, threading, warnings
import pytest
from PySide6.QtCore import qWarning
from PySide6.QtWidgets import QWidget

KEPT = []

def test_warning():
    warnings.warn("stray")

def test_log():
    logging.getLogger("some.library").warning("stray")

def test_log_kept_from_the_root():
    logger = logging.getLogger("apart")
    logger.propagate = False
    logger.addHandler(logging.NullHandler())
    logger.error("stray")

def test_qt_message():
    qWarning("stray")

@pytest.fixture
def qt_message_late():
    yield
    qWarning("stray, late")

def test_qt_message_in_teardown(qt_message_late):
    pass

def test_thread():
    threading.Thread(target=threading.Event().wait, daemon=True, name="stray").start()

def test_process():
    KEPT.append(subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE))

def test_widget(qapp):
    KEPT.append(QWidget(objectName="stray"))

def test_expected_log_that_never_comes(expect_log):
    expect_log("never")

def test_clean_end():
    KEPT[0].kill()
    KEPT[0].communicate()

def test_clean_log(expect_log):
    expect_log("log WARNING of some.library: wanted")
    logging.getLogger("some.library").warning("wanted")

def test_clean_widget(qtbot):
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.show()

def test_clean_size_hints(qtbot):
    qWarning("This plugin does not support propagateSizeHints()")

def test_clean_home(tmp_path):
    import platformdirs
    from pathlib import Path
    places = (Path.home(), platformdirs.user_config_dir(), platformdirs.user_cache_dir())
    for place in places:
        assert "sfumato-tests-" in str(place), place

@pytest.mark.full
def test_long():
    raise AssertionError

def test_amount(amount):
    assert amount(sample=2, full=9) == 2
"""


LOUD = """
import logging
logging.getLogger("module").warning("stray")

def test_in_a_loud_module():
    pass
"""


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What became of each probe, under the very configuration and frame of this suite."""
    folder = tmp_path_factory.mktemp("probes")
    (folder / "test_probes.py").write_text(PROBES, encoding="utf-8")
    (folder / "test_loud.py").write_text(LOUD, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-c", str(ROOT / "pyproject.toml"), "-rA"]
    command += ["-p", "tests.conftest", "-p", "no:cacheprovider", "--tb=line", "--color=no"]
    command += ["--continue-on-collection-errors"]
    run = subprocess.run(
        [*command, str(folder)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    found: dict[str, str] = {}
    for outcome, name in re.findall(
        r"^([A-Z]+) \S*?(\w+)(?:\.py)?(?: |$)", run.stdout, re.MULTILINE
    ):
        # A test that passes and errs at its teardown is listed twice: the worse counts.
        if found.get(name) in {None, "PASSED"}:
            found[name] = outcome
    assert found, run.stdout + run.stderr
    return found


@pytest.mark.parametrize(
    ("probe", "outcome"),
    [
        ("test_warning", "FAILED"),
        ("test_log", "ERROR"),
        ("test_log_kept_from_the_root", "ERROR"),
        ("test_qt_message", "FAILED"),
        ("test_qt_message_in_teardown", "ERROR"),
        ("test_thread", "ERROR"),
        ("test_process", "ERROR"),
        ("test_widget", "ERROR"),
        ("test_expected_log_that_never_comes", "ERROR"),
        ("test_loud", "ERROR"),
        ("test_clean_end", "PASSED"),
        ("test_clean_log", "PASSED"),
        ("test_clean_widget", "PASSED"),
        ("test_clean_home", "PASSED"),
        ("test_clean_size_hints", "PASSED"),
        ("test_amount", "PASSED"),
    ],
)
def test_noise_fails_and_silence_passes(outcomes: dict[str, str], probe: str, outcome: str) -> None:
    assert outcomes[probe] == outcome


def test_long_proofs_stay_out_of_the_short_suite(outcomes: dict[str, str]) -> None:
    assert outcomes["test_clean_end"] == "PASSED"
    assert "test_long" not in outcomes
