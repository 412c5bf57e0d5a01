"""The report of a run: what the command line writes for machines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graph.edits import describe
from graph.events import Outcome
from tests.graph.build import Session, build, n

if TYPE_CHECKING:
    from pathlib import Path


def test_tells_every_node(tmp_path: Path) -> None:
    graph = build(
        n("w", "write", text="hello"),
        n("bad", "fail"),
        n("behind", "fold", {"a": "bad.int"}),
    )
    graph = describe(graph, "w", title="Keep").graph
    session = Session()
    session.run(graph, "w", "behind", folder=tmp_path)
    found = session.report.as_dict()
    assert found["outcome"] == "partial"
    assert found["files"] == [str(tmp_path / "out.txt")]
    assert found["ms"] > 0
    rows = {
        node: {k: v for k, v in row.items() if k != "ms"} for node, row in found["nodes"].items()
    }
    assert rows == {
        "w": {"title": "Keep", "type": "test/write", "status": "ran", "reason": "first run"},
        "bad": {
            "title": "Fail",
            "type": "test/fail",
            "status": "failed",
            "reason": "Fail: ValueError: no luck",
        },
        "behind": {
            "title": "Fold",
            "type": "test/fold",
            "status": "skipped",
            "reason": "waits for Fail",
        },
    }
    assert session.report.errors == ["Fail: ValueError: no luck"]
    assert session.report.ran() == ["w"]


def test_a_run_that_was_not_heard_to_its_end_is_cancelled() -> None:
    assert Session().report.outcome is Outcome.CANCELLED


def test_cached_files_are_not_told_as_written(tmp_path: Path) -> None:
    session, graph = Session(), build(n("w", "write"))
    session.run(graph, folder=tmp_path)
    session.run(graph, folder=tmp_path)
    assert session.report.as_dict()["files"] == []
    assert session.report.as_dict()["nodes"]["w"]["status"] == "cached"
    assert session.report.remarks == ["Write: wrote 0 letters"]
