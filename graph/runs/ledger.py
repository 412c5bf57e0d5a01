"""The runs file and all that is read from it and written to it, opened and closed together."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import platformdirs

from graph.runs.costs import Costs
from graph.runs.database import RunDatabase
from graph.runs.history import History
from graph.runs.lease import Lease
from graph.runs.waiting import WaitingRuns

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from pathlib import Path

_LOG = logging.getLogger(__name__)


def runs_folder() -> Path:
    """Return where this user's runs are kept."""
    return platformdirs.user_data_path("sfumato", appauthor=False) / "runs"


class Ledger:
    """What one instance of the program keeps of its runs."""

    def __init__(self, folder: Path, trouble: Callable[[str], None] | None = None) -> None:
        """Prepare to keep runs in `folder`; `trouble` is told what people should know."""
        self.database = RunDatabase(folder / "runs.db", trouble)
        self._lease = Lease(folder)
        self.waiting = WaitingRuns(self.database, self._lease)
        self.history = History(self.database, self._lease)
        self.costs = Costs(self.database)

    def open(self) -> None:
        """Open the file and take in what it holds; returns at once."""
        self.database.start()
        self.database.submit(self._hold)
        self.costs.load()
        self.history.close_old()

    def _hold(self, _connection: sqlite3.Connection) -> None:
        try:
            self._lease.hold()
        except OSError as error:
            # Others may take over what is queued here while it still runs: twice is not lost.
            _LOG.info("no lease on %s: %s", self.database.path, error)

    def close(self) -> None:
        """Write what waits, and let go."""
        self.database.close()
        self._lease.end()
