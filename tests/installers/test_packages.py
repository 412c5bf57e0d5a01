"""What pip says, in our words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from installers import packages
from installers.errors import failure

if TYPE_CHECKING:
    from pathlib import Path

OTHERWISE = "Look above."


@pytest.mark.parametrize(
    ("line", "remedy"),
    [
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left", "disk"),
        ("NewConnectionError: Temporary failure in name resolution", "Check the network"),
        ("ReadTimeoutError: Read timed out.", "Check the network"),
        ("ERROR: No matching distribution found for alpha==1.0", "Check the network"),
        ("error: subprocess-exited-with-error", OTHERWISE),
    ],
)
def test_a_failure_names_its_remedy(line: str, remedy: str, tmp_path: Path) -> None:
    message = str(failure(f"Collecting alpha\n{line}", tmp_path, OTHERWISE))
    assert line in message
    assert remedy in message.splitlines()[-1]


def test_a_full_disk_is_named_with_its_place(tmp_path: Path) -> None:
    assert str(tmp_path) in str(failure("No space left on device", tmp_path, OTHERWISE))


def test_progress_is_one_short_line_a_package(capsys: pytest.CaptureFixture[str]) -> None:
    said = [
        "Collecting torch==2.13.0 (from -r list (line 1))",
        "  Downloading https://host/a/torch-2.13.0-cp311-cp311-linux.whl (187.6 MB)",
        "Collecting torch-dependency>=1 (from torch==2.13.0)",
        "Requirement already satisfied: typing_extensions==4 in ./x (from -r list)",
        "Processing /wheels/pydantic_core-2.50.4-cp311-manylinux.whl (from -r list)",
        "Installing collected packages: torch",
    ]
    wanted = {"torch", "typing-extensions", "pydantic-core"}
    tail = packages._report([line + "\n" for line in said], wanted)
    assert tail == said
    assert capsys.readouterr().out.splitlines() == [
        "  1/3 torch",
        "    downloading torch-2.13.0-cp311-cp311-linux.whl (187.6 MB)",
        "  3/3 pydantic_core",
        "  unpacking; the large ones take a minute",
    ]
