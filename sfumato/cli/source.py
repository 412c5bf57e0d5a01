"""Where the graph of a command comes from: a file, a picture with a graph inside, or a template."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from graph.errors import FormatError, SfumatoError
from graph.format import parse, read_bytes
from graph.png import SIGNATURE, read_graph
from resources import templates

if TYPE_CHECKING:
    from graph.catalog import Catalog
    from graph.graph import Graph


class SourceError(SfumatoError):
    """No graph where one was named."""


def no_such_graph(name: str) -> SourceError:
    """Return the error for a name that is neither a file nor a template."""
    near = get_close_matches(name, templates.names(), n=1)
    known = ", ".join(templates.names())
    hint = f"did you mean {near[0]!r}?" if near else f"templates are: {known}"
    return SourceError(f"{name}: no such file or template; {hint}")


def read_source(name: str, catalog: Catalog) -> Graph:
    """Return the graph called `name`; a file comes before a template of the same name."""
    return parse(read_text(name), file=Path(name).name, catalog=catalog)


def read_text(name: str) -> bytes:
    """Return the text of the graph file called `name`."""
    path = Path(name)
    if path.is_dir():
        raise SourceError(f"{name}: is a folder; name a graph file in it")
    if not path.is_file():
        if name in templates.names():
            return templates.read(name)
        raise no_such_graph(name)
    try:
        data = read_bytes(path)
    except OSError as error:
        raise SourceError(f"{name}: {error.strerror}") from error
    if not data.startswith(SIGNATURE):
        return data
    graph = read_graph(data)
    if graph is None:
        raise FormatError("is a picture with no graph inside", file=path.name)
    return graph
