"""The frame of every test: a home of its own, no network, no screen, and silence.

The environment is set before anything of ours, Qt or torch is imported; torch never is, here.
"""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

HOME = Path(tempfile.mkdtemp(prefix="sfumato-tests-"))


def _isolate() -> None:
    """Point whatever a program may read or write of its user's to a folder of this session."""
    places = {
        "HOME": "",
        "HF_HOME": "huggingface",
        "HYPOTHESIS_STORAGE_DIRECTORY": "hypothesis",
        "TORCH_HOME": "torch",
        "XDG_CACHE_HOME": "cache",
        "XDG_CONFIG_HOME": "config",
        "XDG_DATA_HOME": "data",
        "XDG_RUNTIME_DIR": "runtime",
        "XDG_STATE_HOME": "state",
    }
    for name, folder in places.items():
        place = HOME / folder
        place.mkdir(mode=0o700, exist_ok=True)
        os.environ[name] = str(place)
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    os.environ["OMP_NUM_THREADS"] = "2"  # torch and its kernels, in child processes too
    os.environ["OMP_WAIT_POLICY"] = "PASSIVE"  # threads that spin while they wait slow the others
    os.environ["TOKENIZERS_PARALLELISM"] = "false"


_isolate()

import hypothesis  # noqa: E402 - the environment comes first
import pytest  # noqa: E402

from app.garbage import collect_due  # noqa: E402
from tests.architecture.silence import Belongings, Ear  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

EAR = Ear()

hypothesis.settings.register_profile(
    "sample", max_examples=50, derandomize=True, deadline=None, database=None, print_blob=True
)
hypothesis.settings.register_profile(
    "full", max_examples=2000, deadline=None, database=None, print_blob=True
)


class Amount(Protocol):
    """How much of a long proof this session does."""

    def __call__(self, sample: int, full: int) -> int:
        """The count for this session: `full` with --full, else `sample`."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """One switch for the long proofs."""
    parser.addoption("--full", action="store_true", help="run the long proofs at full count")


def pytest_configure(config: pytest.Config) -> None:
    """Start to listen, and set how hard hypothesis works."""
    patch = pytest.MonkeyPatch()
    EAR.listen(patch, config.getini("qt_log_ignore"))
    config.add_cleanup(patch.undo)
    # As in the program: a Qt object must not end on another thread.
    gc.disable()
    config.add_cleanup(lambda: shutil.rmtree(HOME, ignore_errors=True))
    hypothesis.settings.load_profile("full" if config.getoption("--full") else "sample")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the long proofs out without --full."""
    if config.getoption("--full"):
        return
    for item in items:
        if item.get_closest_marker("full"):
            item.add_marker(pytest.mark.skip(reason="a long proof: start.py test --full"))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Fail a module of tests that says something when it is imported."""
    report = yield
    if isinstance(collector, pytest.Module) and (found := EAR.complaints()):
        report.outcome = "failed"
        report.longrepr = "Importing it was not silent:\n  " + "\n  ".join(found)
    return report


@pytest.fixture(autouse=True)
def silence() -> Iterator[None]:
    """Fail a test that says something nobody expected or leaves something behind."""
    before = Belongings.now()
    yield
    collect_due()
    if found := before.leftovers() + EAR.complaints():
        pytest.fail("The test was not silent:\n  " + "\n  ".join(found), pytrace=False)


@pytest.fixture
def expect_log() -> Callable[[str], None]:
    """Expect a log record, as `log LEVEL of NAME: message`, by a regular expression."""
    return EAR.expected.append


@pytest.fixture
def amount(pytestconfig: pytest.Config) -> Amount:
    """How much of a long proof this session does: `amount(sample=20, full=1000)`."""

    def count(sample: int, full: int) -> int:
        return full if pytestconfig.getoption("--full") else sample

    return count
