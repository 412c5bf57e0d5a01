"""Documents from files, templates, pictures and journals."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from app.document import Document
from graph import png
from graph.errors import FormatError
from graph.format import parse, read_bytes
from resources import templates

if TYPE_CHECKING:
    from pathlib import Path

    from app.journal.replay import Remembered
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
    data = read_bytes(path)
    if path.suffix.lower() != PICTURE:
        document = Document(catalog, parse(data, file=path.name, catalog=catalog), path.absolute())
        document.digest = sha256(data).hexdigest()
        return document
    inside = png.read_graph(data)
    if inside is None:
        raise FormatError("carries no graph: it was not made by Sfumato", file=path.name)
    return document_from(inside, path.stem, catalog)


def document_from(data: bytes, name: str, catalog: Catalog) -> Document:
    """Return a new document, called `name`, of the graph in `data`; raise `FormatError`."""
    document = Document(catalog, parse(data, file=name, catalog=catalog))
    document.template = name
    return document


def template_document(name: str, catalog: Catalog) -> Document:
    """Return a new document that begins as the template `name`.

    Raises:
        KeyError: There is no such template.
        FormatError: The template is damaged.
    """
    return document_from(templates.read(name), name, catalog)


def remembered_document(remembered: Remembered, catalog: Catalog) -> Document:
    """Return the document that a journal gave, with its undo history."""
    document = Document(catalog, remembered.graph, remembered.path)
    document.digest, document.template = remembered.digest, remembered.template
    document.remember(remembered.history, remembered.saved)
    return document


def carries_graph(path: Path) -> bool:
    """Say whether the picture `path` has a graph inside, whether or not it can be opened."""
    try:
        return png.read_graph(read_bytes(path)) is not None
    except (OSError, FormatError):
        return False


def can_open(path: Path) -> bool:
    """Say whether `path` may be dropped on the window."""
    return path.suffix.lower() in (GRAPH, PICTURE) and path.is_file()
