"""Documents from files, templates and pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.document import Document
from graph import png
from graph.errors import FormatError
from graph.format import load, parse, read_bytes
from resources import templates

if TYPE_CHECKING:
    from pathlib import Path

    from graph.catalog import Catalog

PICTURE = ".png"
GRAPH = ".json"
FIRST_TEMPLATE = "text-to-image"


def read_document(path: Path, catalog: Catalog) -> Document:
    """Return the document in `path`: a graph file, or a picture that carries its graph.

    Raises:
        OSError: The file cannot be read.
        FormatError: It holds no graph; the text says where and why.
    """
    if path.suffix.lower() != PICTURE:
        return Document(catalog, load(path, catalog), path.absolute())
    data = png.read_graph(read_bytes(path))
    if data is None:
        raise FormatError("carries no graph: it was not made by Sfumato", file=path.name)
    document = Document(catalog, parse(data, file=path.name, catalog=catalog))
    document.template = path.stem
    return document


def template_document(name: str, catalog: Catalog) -> Document:
    """Return a new document that begins as the template `name`.

    Raises:
        KeyError: There is no such template.
        FormatError: The template is damaged.
    """
    document = Document(catalog, parse(templates.read(name), file=name, catalog=catalog))
    document.template = name
    return document


def can_open(path: Path) -> bool:
    """Say whether `path` may be dropped on the window."""
    return path.suffix.lower() in (GRAPH, PICTURE) and path.is_file()
