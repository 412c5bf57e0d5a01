"""What is dropped on the canvas: node types from the library, and files that nodes can hold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF

from app.filing import GRAPH, PICTURE, carries_graph
from app.panels.library import MIME
from app.widgets.file import named, takes
from app.words import translate
from graph.spec import FileWidget

if TYPE_CHECKING:
    from PySide6.QtCore import QMimeData

    from app.canvas.canvas import Canvas
    from graph.files import FileIndex
    from graph.spec import NodeSpec

_APART = 32.0
_HEADER = 8
_LONGEST_HEADER = 100 << 20
_LORA = ("lora_", ".lora.", "hada_", "lokr_")
_CONTROL = ("control_model.", "controlnet_", "zero_convs.")

_PIPELINES = {"MarigoldDepthPipeline": "depth", "MarigoldNormalsPipeline": "normal"}
_NETWORKS = {
    "ControlNetModel": "controlnet",
    "dpt": "depth",
    "depth_anything": "depth",
    "vitpose": "pose",
    "rt_detr": "detection",
    "rt_detr_v2": "detection",
}


class Drops:
    """Takes what is dropped on one canvas."""

    def __init__(self, canvas: Canvas, files: FileIndex) -> None:
        self._canvas = canvas
        self._files = files

    def takes(self, data: QMimeData) -> bool:
        """Say whether there is something for the canvas; graphs are for the window."""
        if data.hasFormat(MIME):
            return True
        return any(self._holders(path) for path in _paths(data) if not is_graph(path))

    def drop(self, data: QMimeData, at: QPointF) -> list[str]:
        """Add nodes for what was dropped at `at` of the scene; return their ids."""
        if data.hasFormat(MIME):
            kind = data.data(MIME).toStdString()
            node = self._canvas.add_node(kind, at)
            return [node] if node else []
        added: list[str] = []
        for path in _paths(data):
            if is_graph(path):
                continue
            node = self._add_file(path, at + QPointF(_APART, _APART) * len(added))
            if node:
                added.append(node)
        return added

    def _add_file(self, path: Path, at: QPointF) -> str:
        """Give a file to the value under it, another of that node, or a new node; return its id."""
        item = self._canvas.scene.node_at(at)
        if item is not None:
            face = item.state.face
            meant = face.control_at(item.mapFromScene(at))
            for control in sorted(face.controls, key=lambda control: control is not meant):
                if self._canvas.desk.take_file(item, control, path):
                    return item.node_id
        holders = self._holders(path)
        if not holders:
            words = translate("Canvas", "No node takes {0}").format(path.name)
            self._canvas.refused.emit(words)
            return ""
        spec, name, widget = holders[0]
        return self._canvas.add_node(spec.id, at, {name: named(widget, path, self._files)})

    def _holders(self, path: Path) -> list[tuple[NodeSpec, str, FileWidget]]:
        """Return the node types that can hold a file, the likeliest first."""
        kind = kind_of(path)
        found = [
            (spec, item.name, item.widget)
            for spec in self._canvas.addable()
            for item in spec.inputs
            if isinstance(item.widget, FileWidget) and takes(item.widget, path)
        ]
        found.sort(key=lambda row: (row[2].kind != kind, not _loads(row[0]), row[0].id))
        return found


def _loads(spec: NodeSpec) -> bool:
    """Say whether a type is there to open a file: it needs nothing else."""
    return not any(item.required for item in spec.inputs)


def _paths(data: QMimeData) -> list[Path]:
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]


def is_graph(path: Path) -> bool:
    """Say whether a file is a graph, or a picture with one inside: these are to be opened."""
    suffix = path.suffix.lower()
    return suffix == GRAPH or (suffix == PICTURE and carries_graph(path))


def kind_of(path: Path) -> str:
    """Return the kind of file that `path` is, as `FileWidget.kind` calls it; empty for unsure."""
    suffix = path.suffix.lower()
    if suffix in (".png", ".jpg", ".jpeg", ".webp"):
        return "mask" if "mask" in path.stem.casefold() else "image"
    if suffix in (".mp4", ".mov", ".webm", ".mkv", ".avi", ".gif"):
        return "video"
    if path.is_dir():
        return _kind_of_folder(path)
    if suffix != ".safetensors":
        return ""
    names = " ".join(_tensor_names(path)).casefold()
    if any(part in names for part in _LORA):
        return "lora"
    return "controlnet" if any(part in names for part in _CONTROL) else "checkpoint"


def _kind_of_folder(path: Path) -> str:
    """Return what a folder that is one model is used as: what its own description tells."""
    pipeline = str(_told(path / "model_index.json").get("_class_name", ""))
    if pipeline:
        return _PIPELINES.get(pipeline, "checkpoint")
    config = _told(path / "config.json")
    said = (config.get("_class_name"), config.get("model_type"))
    return next((_NETWORKS[name] for name in said if name in _NETWORKS), "checkpoint")


def _told(path: Path) -> dict[str, object]:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _tensor_names(path: Path) -> list[str]:
    """Return what the tensors in a safetensors file are called; nothing when it is damaged."""
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(_HEADER), "little")
            if length > _LONGEST_HEADER:
                return []
            header = json.loads(file.read(length))
    except (OSError, ValueError):
        return []
    return list(header) if isinstance(header, dict) else []
