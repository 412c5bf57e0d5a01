"""Plain pip: the wheel holds all that the program needs, and gives the console script."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

from tests.architecture.tree import PACKAGES, ROOT, tracked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[zipfile.ZipFile]:
    """The wheel that pip builds from what git tracks."""
    folder = tmp_path_factory.mktemp("wheel")
    for file in tracked():
        copy = folder / "source" / file.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, copy)
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation"]
    command += ["--no-index", "--quiet", "--wheel-dir", str(folder), str(folder / "source")]
    # The backend warns of its own affairs; only what comes out is ours.
    subprocess.run(command, check=True, capture_output=True, stdin=subprocess.DEVNULL)
    (built,) = folder.glob("*.whl")
    with zipfile.ZipFile(built) as opened:
        yield opened


def test_the_wheel_holds_every_file_of_every_package(wheel: zipfile.ZipFile) -> None:
    wanted = {
        file.relative_to(ROOT).as_posix()
        for file in tracked()
        if file.relative_to(ROOT).parts[0] in PACKAGES
    }
    assert wanted - set(wheel.namelist()) == set()


def test_the_wheel_holds_nothing_else(wheel: zipfile.ZipFile) -> None:
    folders = {name.partition("/")[0] for name in wheel.namelist()}
    assert {name for name in folders if not name.endswith(".dist-info")} <= set(PACKAGES)


def test_the_wheel_gives_the_console_script_and_the_license(wheel: zipfile.ZipFile) -> None:
    (entry,) = (name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    assert b"sfumato = sfumato.__main__:main" in wheel.read(entry)
    assert any(name.endswith("licenses/LICENSE") for name in wheel.namelist())


def test_the_wheel_installs_and_is_found_from_elsewhere(
    wheel: zipfile.ZipFile, tmp_path: Path
) -> None:
    wheel.extractall(tmp_path / "site")
    code = "import installers.lock as lock; assert lock.pins('run'); print(lock.__file__)"
    done = subprocess.run(
        [sys.executable, "-S", "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "site")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith(str(tmp_path / "site"))
