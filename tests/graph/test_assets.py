"""Files that travel with a document: pinned by content, pictures beside it, never a path."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import pytest

from graph.assets import asset_folder, document_folders, save_document
from graph.declare import node
from graph.edits import add_node
from graph.files import FileIndex
from graph.format import load
from graph.graph import Graph
from graph.hints import File
from graph.pack import Pack, assemble
from graph.params import FileRef

if TYPE_CHECKING:
    from pathlib import Path


@node("Picture", category="Test")
def picture(file: Annotated[str | None, File("image", (".png",))] = None) -> str:
    """Name a picture."""
    return str(file)


CATALOG = assemble((Pack(name="assets", modules=(__name__,)),)).catalog


def naming(*refs: FileRef) -> Graph:
    graph = Graph()
    for ref in refs:
        graph = add_node(graph, CATALOG, "assets/picture", params={"file": ref}).graph
    return graph


def refs(graph: Graph) -> list[FileRef]:
    found = (graph.nodes[node_id].params["file"] for node_id in sorted(graph.nodes))
    return [ref for ref in found if isinstance(ref, FileRef)]


def reopened(document: Path) -> tuple[Graph, FileIndex]:
    """The document as another machine reads it: nothing is remembered there."""
    return load(document, CATALOG), FileIndex({"": document_folders(document)})


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "project").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "p.png").write_bytes(b"picture")
    return tmp_path / "project"


def test_a_picture_from_elsewhere_is_carried(project: Path) -> None:
    files = FileIndex()
    ref = files.remember(project.parent / "elsewhere" / "p.png", "image")
    document = project / "a.json"
    save_document(naming(ref), document, CATALOG, files)
    graph, there = reopened(document)
    [found] = refs(graph)
    assert there.find(found, "image") == asset_folder(document) / "p.png"
    assert there.find(found, "image").read_bytes() == b"picture"
    assert found.sha256 == there.fingerprint(asset_folder(document) / "p.png")
    assert str(project.parent) not in document.read_text()


def test_saving_as_another_document_beside_it_keeps_the_picture(project: Path) -> None:
    files = FileIndex()
    ref = files.remember(project.parent / "elsewhere" / "p.png", "image")
    save_document(naming(ref), project / "a.json", CATALOG, files)
    graph, there = reopened(project / "a.json")
    save_document(graph, project / "b.json", CATALOG, there)
    again, fresh = reopened(project / "b.json")
    [found] = refs(again)
    assert fresh.find(found, "image").read_bytes() == b"picture"


def test_a_picture_in_a_folder_below_can_be_found_again(project: Path) -> None:
    (project / "pictures").mkdir()
    (project / "pictures" / "q.png").write_bytes(b"below")
    files = FileIndex()
    ref = files.remember(project / "pictures" / "q.png", "image")
    save_document(naming(ref), project / "a.json", CATALOG, files)
    graph, there = reopened(project / "a.json")
    assert there.find(refs(graph)[0], "image").read_bytes() == b"below"


def test_a_picture_beside_the_document_is_not_copied(project: Path) -> None:
    (project / "near.png").write_bytes(b"near")
    document = project / "a.json"
    save_document(naming(FileRef("near.png")), document, CATALOG, FileIndex({"": [project]}))
    assert not asset_folder(document).exists()
    assert refs(load(document, CATALOG))[0].name == "near.png"


def test_two_pictures_of_one_name_are_both_kept(project: Path) -> None:
    (project.parent / "other").mkdir()
    (project.parent / "other" / "p.png").write_bytes(b"other picture")
    files = FileIndex()
    both = [files.remember(project.parent / f / "p.png", "image") for f in ("elsewhere", "other")]
    save_document(naming(*both), project / "a.json", CATALOG, files)
    graph, there = reopened(project / "a.json")
    contents = {there.find(ref, "image").read_bytes() for ref in refs(graph)}
    assert contents == {b"picture", b"other picture"}


def test_a_file_that_is_not_found_is_kept_as_it_is_named(project: Path) -> None:
    ref = FileRef("lost.png", "ab" * 32)
    save_document(naming(ref), project / "a.json", CATALOG, FileIndex())
    assert refs(load(project / "a.json", CATALOG)) == [ref]
