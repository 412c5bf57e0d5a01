"""The files that travel with a document: pinned by content, small pictures beside it.

A saved graph names each file by a relative name and the digest of its content. Pictures that lie
outside the models folders are copied into the document's asset folder, `NAME.assets` beside
`NAME.json`, so that the two can be moved or sent together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from graph.atomic import write_atomic
from graph.errors import MissingFileError
from graph.format import dump
from graph.graph import Graph, Node, with_nodes
from graph.params import FileRef
from graph.spec import FileWidget

if TYPE_CHECKING:
    from pathlib import Path

    from graph.catalog import Catalog
    from graph.files import FileIndex
    from graph.params import Param

CARRIED_KINDS = frozenset({"image", "mask"})
CARRIED_BYTES = 64 << 20
"""Pictures above this size are named and not copied."""


def asset_folder(document: Path) -> Path:
    """Return the folder of the files that travel with `document`."""
    return document.with_name(f"{document.stem}.assets")


def document_folders(document: Path) -> tuple[Path, Path]:
    """Return where files that `document` names are looked for beside the user's own folders."""
    return asset_folder(document), document.parent


def save_document(graph: Graph, document: Path, catalog: Catalog, files: FileIndex) -> bytes:
    """Write `graph` to `document` with its pictures beside it; return what was written.

    Raises `OSError` with the old document intact. A file that is not found is kept as it is named.
    """
    data = dump(_pin(graph, document, catalog, files))
    write_atomic(document, data)
    return data


def _pin(graph: Graph, document: Path, catalog: Catalog, files: FileIndex) -> Graph:
    changed = []
    for node in graph.nodes.values():
        params = node.params
        for name, ref, kind in file_params(node, catalog):
            params = params.set(name, _pinned(ref, kind, document, files))
        if params != node.params:
            changed.append(replace(node, params=params))
    return with_nodes(graph, put=changed) if changed else graph


def file_params(node: Node, catalog: Catalog) -> list[tuple[str, FileRef, str]]:
    """Return name, reference and kind of each file that `node` names."""
    spec = catalog.get(node.type)
    found = []
    for item in spec.inputs if spec else ():
        value: Param = node.params.get(item.name, item.default)
        if isinstance(item.widget, FileWidget) and isinstance(value, FileRef):
            found.append((item.name, value, item.widget.kind))
    return found


def _pinned(ref: FileRef, kind: str, document: Path, files: FileIndex) -> FileRef:
    try:
        path = files.find(ref, kind)
        digest = files.fingerprint(path)
    except (MissingFileError, OSError):
        return ref
    if any(folder / ref.name == path for folder in document_folders(document)):
        return FileRef(ref.name, digest)
    carried = kind in CARRIED_KINDS and path.is_file() and path.stat().st_size <= CARRIED_BYTES
    return FileRef(_carry(path, digest, document, files) if carried else ref.name, digest)


def _carry(path: Path, digest: str, document: Path, files: FileIndex) -> str:
    """Copy `path` into the asset folder and return the name it has there."""
    folder = asset_folder(document)
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / path.name
    if target.exists() and files.fingerprint(target) != digest:
        target = folder / f"{path.stem}-{digest[:8]}{path.suffix}"
    if not target.exists() or files.fingerprint(target) != digest:
        write_atomic(target, path.read_bytes())
    return target.name
