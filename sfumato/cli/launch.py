"""Opening the app."""

from __future__ import annotations

from pathlib import Path

from resources import templates
from sfumato.cli.source import no_such_graph


def launch(graph: str | None) -> int:
    """Open the app with a graph file or template (text-to-image when None)."""
    if graph is not None and graph not in templates.names() and not Path(graph).exists():
        raise no_such_graph(graph)
    from app.main import main

    if graph is None or graph in templates.names():
        return main(template=graph)
    return main(path=Path(graph))
