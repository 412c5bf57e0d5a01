"""`sfumato run` writes its runs down, `sfumato history` tells of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import PIL.Image
import pytest

from graph.runs.ledger import Ledger, runs_folder
from sfumato.__main__ import main

if TYPE_CHECKING:
    from collections.abc import Callable

COPY = {
    "sfumato": 1,
    "nodes": [
        {"id": "load", "type": "sfumato/load_image", "params": {"image": {"file": "in.png"}}},
        {"id": "save", "type": "sfumato/save_image", "title": "Kept",
         "inputs": {"image": "load.image"}},
    ],
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder with a graph that copies a picture, and a user who never ran anything."""
    pixels = np.arange(8 * 8 * 3, dtype=np.uint8).reshape(8, 8, 3)
    PIL.Image.fromarray(pixels).save(tmp_path / "in.png")
    (tmp_path / "copy.json").write_text(json.dumps(COPY))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    def run(*argv: str) -> tuple[int, str, str]:
        status = main(argv)
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return run


@pytest.mark.usefixtures("folder")
def test_a_run_is_told_with_its_nodes_their_reasons_and_files(
    call: Callable[..., tuple[int, str, str]],
) -> None:
    assert call("history") == (0, "No runs yet.\n", "")
    _, written, _ = call("run", "copy.json", "--out", "made")
    status, out, err = call("history")
    lines = out.splitlines()
    assert (status, err) == (0, "")
    assert " copy: done in " in lines[0]
    assert lines[0].endswith("s, 2 of 2 nodes ran")
    assert lines[1].startswith("  - Load Image: ran in ")
    assert lines[1].endswith(": first run")
    assert lines[2].startswith("  - Kept: ran in ")
    assert lines[3] == f"  {written.strip()}"


@pytest.mark.usefixtures("folder")
def test_runs_as_json_the_newest_first_with_reasons_as_data(
    call: Callable[..., tuple[int, str, str]],
) -> None:
    call("run", "copy.json", "--out", "made")
    call("run", "copy.json", "--out", "made", "--set", "Kept.name=other")
    status, out, _ = call("history", "--json")
    rows: list[dict[str, Any]] = json.loads(out)
    assert status == 0
    assert [(row["ran"], row["looked_at"], row["outcome"]) for row in rows] == [
        (1, 2, "done"),
        (2, 2, "done"),
    ]
    saved = rows[0]["nodes"][-1]
    assert (saved["title"], saved["status"]) == ("Kept", "ran")
    assert saved["reasons"][0]["type"] == "first-run"
    assert saved["why"] == "first run"
    assert Path(saved["files"][0]).name.startswith("other")
    status, out, _ = call("history", "--json", "--limit", "1")
    assert json.loads(out) == rows[:1]


@pytest.mark.usefixtures("folder")
def test_a_run_is_not_written_down_when_that_is_not_wanted(
    call: Callable[..., tuple[int, str, str]],
) -> None:
    assert call("run", "copy.json", "--no-history")[0] == 0
    assert not runs_folder().exists()
    assert call("history")[1] == "No runs yet.\n"


@pytest.mark.usefixtures("folder")
def test_costs_of_the_command_line_are_learned(call: Callable[..., tuple[int, str, str]]) -> None:
    call("run", "copy.json")
    ledger = Ledger(runs_folder())
    ledger.open()
    assert ledger.database.flush()
    keys = [key for (key,) in ledger.database.rows("select key from costs")]
    assert any(key.endswith("sfumato/load_image") for key in keys)
    assert len(keys) == 4, "each node, and each type"
    ledger.close()


def test_where_nothing_can_be_kept_the_run_is_done_and_that_is_told(
    folder: Path, call: Callable[..., tuple[int, str, str]]
) -> None:
    (folder / "data").write_text("in the way")
    status, out, err = call("run", "copy.json", "--out", "made")
    assert status == 0
    assert Path(out.strip()).exists()
    assert "Runs are not kept" in err
    status, _, err = call("history")
    assert status == 2
    assert "Runs are not kept" in err
