"""A runs file of a test's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from graph.runs.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger(tmp_path / "runs")
    ledger.open()
    assert ledger.database.wait_open()
    yield ledger
    ledger.close()
