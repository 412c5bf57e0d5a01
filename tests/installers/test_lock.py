"""The lock file is whole, agrees with pyproject.toml, and is what is installed here."""

from __future__ import annotations

import re
import sys
import tomllib
from importlib.metadata import version

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from installers import lock, relock

TEXT = lock.LOCK.read_text(encoding="utf-8")
PROJECT = tomllib.loads(relock.PROJECT.read_text(encoding="utf-8"))["project"]


def name_of(line: str) -> str:
    return Requirement(line).name


def test_every_line_pins_one_version_of_a_package() -> None:
    lines = [line for lines in lock.sections(TEXT).values() for line in lines]
    assert all(re.fullmatch(r'[\w.-]+==[\w.]+( ; sys_platform == "\w+")?', line) for line in lines)
    names = [canonicalize_name(Requirement(line).name) for line in lines]
    assert len(set(names)) == len(names)


def test_it_is_what_the_tool_writes_from_what_is_installed() -> None:
    # So it holds everything that pyproject.toml brings, on every platform, and nothing else.
    assert relock.render(TEXT) == TEXT


def test_it_satisfies_the_project() -> None:
    pinned = relock.versions(TEXT)
    for text in PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"]:
        need = Requirement(text)
        assert need.specifier.contains(pinned[canonicalize_name(need.name)]), text


def test_nothing_brings_a_second_torch_library() -> None:
    assert not relock.versions(TEXT).keys() & {"torchvision", "torchaudio", "torchtext", "triton"}


def test_what_is_installed_is_what_is_pinned() -> None:
    pinned = relock.versions(TEXT)
    here = {name: version(name) for name in map(canonicalize_name, map(name_of, lock.pins("dev")))}
    # What follows a + names a build, such as cpu.
    assert {name: found.partition("+")[0] for name, found in here.items()} == {
        name: pinned[name] for name in here
    }


def test_dev_holds_run_and_leaves_other_platforms_out() -> None:
    run, dev = lock.pins("run"), lock.pins("dev")
    assert set(run) < set(dev)
    assert all("sys_platform" not in pin or sys.platform in pin for pin in dev)


def test_a_package_that_no_file_knows_must_be_pinned_by_hand() -> None:
    with pytest.raises(SystemExit, match=r"pin it in .* by hand"):
        relock.pin("not-a-package", set(relock.PLATFORMS), {})
