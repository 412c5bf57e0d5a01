"""What nodes have made: digests, files, thumbnails, and pictures at full size."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QImage

from app.canvas.face import PICTURES
from app.imaging import Gallery, to_image
from app.outlets import Outlets
from graph.graph import Source
from graph.runs.places import beside, top_of
from graph.runs.record import first_digest

if TYPE_CHECKING:
    from app.document import Document
    from app.frames import Frames
    from graph.actions import Digests
    from graph.events import NodeFinished, NodeProgress, PictureReady, Pixels

THUMBNAIL = 256
"""Longest side of a thumbnail that is asked for, in pixels."""
_THUMBNAILS = 512
_LARGE = 8
_SMALL = 512


class Results(QObject):
    """The results of a document's nodes, as far as the window knows them.

    Signals:
        thumbnailChanged(str, QImage): a node has another small picture; told once a frame.
        pictureArrived(str, QImage): the full picture of that digest is there.
        changed(frozenset): nodes that have other results, with other digests or other files; told
            once a frame.
        wanted(str): a node's result is known, but not how it looks: its digest.
    """

    thumbnailChanged = Signal(str, QImage)
    pictureArrived = Signal(str, QImage)
    changed = Signal(object)
    wanted = Signal(str)

    def __init__(self, document: Document, frames: Frames, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._frames = frames
        self._looks: dict[str, QImage | Pixels] = {}
        """Small pictures of nodes that were not told yet: of many in one frame the last is seen."""
        self._renewed: set[str] = set()
        """Nodes whose other results were not told yet."""
        frames.due.connect(self._tell)
        self._document = document
        self._outlets = Outlets(document)
        self._digests: dict[str, Digests] = {}
        self._written: dict[str, tuple[str, ...]] = {}
        self._thumbnails = Gallery(_THUMBNAILS)
        self._large = Gallery(_LARGE)
        self._shown: dict[str, str] = {}
        """Digest whose thumbnail a node shows; none while it shows a preview."""
        self._asked: set[str] = set()
        self.newest = ""
        """The node that made a picture last."""

    def written(self, node_id: str) -> tuple[str, ...]:
        """Return the paths of the files that a node wrote last."""
        return self._written.get(node_id, ())

    def pictured(self, node_id: str) -> str:
        """Return the digest of the picture that a node makes or, lacking one, takes in.

        A node inside others is known by its path, without the numbers of iterations.
        """
        node, spec = self._outlets.node(node_id), self._outlets.spec(node_id)
        if node is None or spec is None:
            return ""
        for output in spec.outputs:
            if output.type in PICTURES and (digest := self._made(Source(node_id, output.name))):
                return digest
        for item in spec.inputs:
            sources = node.wires.get(item.name, ())
            if spec.effect and item.type in PICTURES and sources:
                return self.taken_in(node_id, item.name)
        return ""

    def taken_in(self, node_id: str, name: str) -> str:
        """Return the digest of what is wired into the input `name` of a node."""
        node = self._outlets.node(node_id)
        sources = node.wires.get(name, ()) if node is not None else ()
        if not sources:
            return ""
        return self._made(Source(beside(node_id, sources[0].node), sources[0].output))

    def _made(self, source: Source) -> str:
        """Return the digest of what is at an output, as far as that is known."""
        maker = self._outlets.maker(source)
        if maker is None:
            return ""
        path, index = maker
        digests = self._digests.get(path, ())
        return first_digest(digests[index]) if index < len(digests) else ""

    def thumbnail(self, node_id: str) -> QImage | None:
        """Return the small picture of a node's result."""
        return self._thumbnails.get(self.pictured(node_id))

    def full(self, digest: str) -> QImage | None:
        """Return the full picture of `digest`, when it was asked for before."""
        return self._large.get(digest)

    def settle(self, path: str, digests: Digests) -> None:
        """Take note that a node's result is `digests`, and show the picture that belongs to it."""
        levels = self._outlets.levels(path)
        if self._digests.get(path) != digests:
            self._digests[path] = self._digests[levels[-1]] = digests
            self._renew(levels[0])
        for level in levels:
            self._show(level)

    def _show(self, node_id: str) -> None:
        digest = self.pictured(node_id)
        image = self._thumbnails.get(digest) if digest else None
        if image is not None:
            self._put_up(node_id, digest, image)
        elif digest and digest not in self._asked:
            self.wanted.emit(digest)

    def note_asked(self, digest: str) -> None:
        """Remember that the picture of `digest` was asked for."""
        self._asked.add(digest)

    def _put_up(self, node_id: str, digest: str, image: QImage) -> None:
        if self._shown.get(node_id) != digest:
            self._shown[node_id] = digest
            self._look(node_id, image)

    def _look(self, node_id: str, picture: QImage | Pixels) -> None:
        self._looks[node_id] = picture
        self._frames.ask()

    def _renew(self, node_id: str) -> None:
        self._renewed.add(node_id)
        self._frames.ask()

    def _tell(self) -> None:
        """Tell what was gathered."""
        looks, self._looks = self._looks, {}
        images: dict[int, QImage] = {}
        for node_id, picture in looks.items():
            image = images.get(id(picture))
            if image is None:
                image = images[id(picture)] = to_image(picture)
            self.thumbnailChanged.emit(node_id, image)
        if self._renewed:
            ids, self._renewed = frozenset(self._renewed), set()
            self.changed.emit(ids)

    def progressed(self, event: NodeProgress) -> None:
        """Show how a node's work looks so far."""
        if event.preview is not None:
            for level in self._outlets.levels(event.node):
                self._show_passing(level, event.preview)

    def _show_passing(self, node_id: str, picture: QImage | Pixels) -> None:
        """Show a picture that is no result."""
        self._shown.pop(node_id, None)
        self._look(node_id, picture)

    def finished(self, event: NodeFinished) -> None:
        """Take a node's result in."""
        levels = self._outlets.levels(event.node)
        top, plain = levels[0], levels[-1]
        before = self._digests.get(event.node), self._written.get(top)
        self._digests[event.node] = self._digests[plain] = event.digests
        if event.files:
            self._written[top] = self._written[plain] = event.files
        if event.preview is not None:
            self.newest = top
            self._keep_preview(levels, to_image(event.preview))
        else:
            for level in levels:
                self._show(level)
        if before != (event.digests, self._written.get(top)):
            self._renew(top)

    def _keep_preview(self, levels: list[str], image: QImage) -> None:
        """Keep how the result of the innermost of `levels` looks; show it where it is made."""
        digest = self._own_picture(levels[-1])
        if digest:
            self._thumbnails.put(digest, image)
        for level in levels:
            self._shown.pop(level, None)
            if digest and digest == self.pictured(level):
                self._put_up(level, digest, image)
            else:
                self._show_passing(level, image)

    def _own_picture(self, path: str) -> str:
        """Return the digest of the first picture that the node at `path` made itself."""
        spec = self._outlets.spec(path)
        for output, entry in zip(
            spec.outputs if spec else (), self._digests.get(path, ()), strict=False
        ):
            if output.type in PICTURES and (digest := first_digest(entry)):
                return digest
        return ""

    def arrived(self, event: PictureReady) -> None:
        """Keep a picture that was asked for: at full size, or small for the nodes that lack it."""
        if event.pixels is None:
            return
        image = to_image(event.pixels)
        self._spread(event.digest, image)
        if not event.side:
            self._large.put(event.digest, image)
            self.pictureArrived.emit(event.digest, image)

    def _spread(self, digest: str, image: QImage) -> None:
        """Show `image` on the nodes whose result it is, where they show no picture of it yet."""
        if self._thumbnails.get(digest) is not None:
            return
        small = image
        if max(image.width(), image.height()) > _SMALL:
            small = image.scaled(
                _SMALL, _SMALL,
                Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation,
            )  # fmt: skip
        self._thumbnails.put(digest, small)
        shown = {level: None for path in self._digests for level in self._outlets.levels(path)}
        for node_id in shown:
            if self.pictured(node_id) == digest:
                self.newest = self.newest or top_of(node_id)
                self._put_up(node_id, digest, small)
