"""What is to be seen of one node: gathered by the scene, read by the painters."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.runstate import NOT_KNOWN, NodeRun
from graph.graph import Mode

if TYPE_CHECKING:
    from PySide6.QtGui import QPixmap

    from app.canvas.face import Face, Side
    from app.canvas.pictures import Pictures
    from graph.graph import Node
    from graph.params import Param
    from graph.spec import NodeSpec


@dataclass(slots=True)
class NodeState:
    """The visible state of one node; a copy of truth that lives elsewhere."""

    node: Node
    spec: NodeSpec
    face: Face
    known: bool = True
    """Whether its type is installed."""
    run: NodeRun = NOT_KNOWN
    pictures: Pictures | None = None
    """Where `picture` is looked up: not all of them are kept ready."""
    selected: bool = False
    hovered: bool = False
    hot: str = ""
    """Name of the control under the pointer."""
    live: dict[str, Param] = field(default_factory=dict)
    """Values while they are dragged, before they become an edit."""
    editing: str = ""
    """Name of the control that an editor covers."""
    fits: frozenset[tuple[Side, str]] | None = None
    """While a wire is dragged: the sockets that it may end in."""
    outputs_wired: frozenset[str] = frozenset()

    carried: str = ""
    """Of a dot on a wire: the type of what it hands on."""

    @property
    def picture(self) -> QPixmap | None:
        """The picture that the node made last."""
        return None if self.pictures is None else self.pictures.get(self.node.id)

    @property
    def small(self) -> QPixmap | None:
        """The same picture in a size for the view from afar."""
        return None if self.pictures is None else self.pictures.small(self.node.id)

    @property
    def pictured(self) -> bool:
        """Whether there is a picture."""
        return self.pictures is not None and self.node.id in self.pictures

    @property
    def title(self) -> str:
        """The artist's title, or the type's."""
        return self.node.title or self.spec.title

    @property
    def off(self) -> bool:
        """Whether it takes no part in a run: muted or bypassed."""
        return self.node.mode is not Mode.ON

    def value(self, name: str) -> Param:
        """Return the value of the widget `name` as it is to be shown."""
        if name in self.live:
            return self.live[name]
        item = self.spec.input(name)
        return self.node.params.get(name, item.default if item else None)

    def is_wired(self, side: Side, name: str) -> bool:
        """Say whether a wire ends at that socket."""
        return name in (self.node.wires if side == "input" else self.outputs_wired)
