"""Execution: compute what is missing, in order, and tell every step.

A run is a generator of events. Whoever drives it may stop between any two events by closing it:
the running body is closed too, so that its `finally` runs, and all that was finished stays known.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from graph.cache import Cache, Recent
from graph.job import Job
from graph.lanes import Lanes
from graph.subgraphs import require_path

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graph.actions import Entry, Ingredients
    from graph.bodies import Events
    from graph.files import FileIndex
    from graph.graph import Graph
    from graph.pack import Loaded


class Engine:
    """Runs graphs with the nodes that were loaded, and keeps what is known between runs."""

    def __init__(self, loaded: Loaded, files: FileIndex, cache: Cache | None = None) -> None:
        """Start with `cache`, or with nothing known."""
        self.loaded = loaded
        self.files = files
        self.cache = cache or Cache()
        self.lanes = Lanes()
        self.last: Recent[Ingredients] = Recent()
        """What each node of each document was last made of, to say why it runs."""

    def run(
        self,
        graph: Graph,
        *,
        targets: Iterable[str] | None = None,
        output_folder: Path = Path("output"),
        force: bool = False,
        run_id: int = 0,
        document: str = "",
    ) -> Events:
        """Compute `targets` (see `natural_targets` when None) and yield what happens.

        With `force` nothing that is known is used. `document` keeps apart what was last done in
        which document, for the reasons. Errors of nodes are events, not exceptions.
        """
        folder = output_folder.absolute()
        job = Job(self, graph, folder, force=force, run=run_id, document=document)
        if targets is None:
            yield from job.events(None)
            return
        wanted = list(targets)
        for target in wanted:
            require_path(graph, target)
        yield from job.events(wanted)

    def value(self, entry: Entry) -> object:
        """Return a value by its content digest, of a list all; raise `KeyError` when not held."""
        if isinstance(entry, str):
            return self.cache.value(entry)
        return tuple(self.cache.value(digest) for digest in entry)

    def close(self) -> None:
        """Let what is being kept on disk be written."""
        self.cache.close()
