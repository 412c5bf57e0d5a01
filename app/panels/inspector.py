"""The inspector: all that can be said and changed of what is selected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.panels.inspector_facts import Facts
from app.panels.inspector_rows import Line, ValueRow, WireRow
from app.panels.inspector_state import StateBox, plain_label
from app.words import translate
from graph.params import show

if TYPE_CHECKING:
    from PySide6.QtGui import QShowEvent

    from app.canvas.selection import Selection
    from app.session import Session
    from app.shown import Shown
    from app.theme.look import Look
    from app.widgets.binding import Values
    from app.workspace import Workspace
    from graph.edits import Change
    from graph.graph import Node
    from graph.spec import InputSpec, NodeSpec

_WAIT_MS = 30
_MOST = 2000
"""Selected nodes whose values can be changed at once."""


class Inspector(QScrollArea):
    """Follows the selection of one workspace at a time, while it is seen."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("inspector-area")
        self.setAccessibleName(translate("Inspector", "Inspector"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMinimumWidth(260)
        self._look = look
        self._workspace: Workspace | None = None
        self._facts: Facts | None = None
        self.rows: dict[str, ValueRow] = {}
        """The rows of values that are shown, by the names of their inputs."""
        self.state: StateBox | None = None
        self._docs_open = False
        self._drawn: object = None
        """What the rows were made for."""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_WAIT_MS)
        self._timer.timeout.connect(self.build)
        self.build()

    # Following

    def show_workspace(self, workspace: Workspace | None) -> None:
        """Follow `workspace` from now on."""
        if workspace is self._workspace:
            return
        if self._workspace is not None:
            self._unbind(self._workspace)
        self._workspace = workspace
        self._drawn = None
        if workspace is not None:
            self._bind(workspace)
        self._timer.start()

    def _bind(self, workspace: Workspace) -> None:
        found = workspace.session.findChild(Facts)
        self._facts = found if isinstance(found, Facts) else Facts(workspace.session)
        shown = workspace.canvas.desk.values.document
        shown.changed.connect(self._edited)
        shown.catalogChanged.connect(self._anew)
        workspace.canvas.selection.changed.connect(self._later)
        workspace.session.board.changed.connect(self._stand)
        workspace.session.results.changed.connect(self._stand)
        workspace.session.results.thumbnailChanged.connect(self._stand)
        workspace.destroyed.connect(self._gone)
        self._facts.changed.connect(self._stand)

    def _unbind(self, workspace: Workspace) -> None:
        shown = workspace.canvas.desk.values.document
        shown.changed.disconnect(self._edited)
        shown.catalogChanged.disconnect(self._anew)
        workspace.canvas.selection.changed.disconnect(self._later)
        workspace.session.board.changed.disconnect(self._stand)
        workspace.session.results.changed.disconnect(self._stand)
        workspace.session.results.thumbnailChanged.disconnect(self._stand)
        workspace.destroyed.disconnect(self._gone)
        if self._facts is not None:
            self._facts.changed.disconnect(self._stand)
        self._facts = None

    def _gone(self) -> None:
        self._workspace = self._facts = None
        self._anew()

    def _later(self, *_: object) -> None:
        self._timer.start()

    def _anew(self) -> None:
        self._drawn = None
        self._timer.start()

    def _edited(self, change: Change) -> None:
        """Show other values at once, other rows a moment later."""
        if not self.isVisible() or self._workspace is None:
            return
        if self._sketch() != self._drawn:
            self._timer.start()
        elif change.nodes & set(self._ids()):
            for row in self.rows.values():
                row.refresh()

    def _stand(self, *_: object) -> None:
        if self.state is not None and self.isVisible():
            self.state.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        """Qt: what happened meanwhile counts."""
        super().showEvent(event)
        self._anew()

    # What is selected

    @property
    def _values(self) -> Values | None:
        return self._workspace.canvas.desk.values if self._workspace is not None else None

    def _shown(self) -> Shown | None:
        return self._values.document if self._values is not None else None

    def _ids(self) -> tuple[str, ...]:
        """Return the selected nodes; the one that was selected last comes first."""
        if self._workspace is None:
            return ()
        selection: Selection = self._workspace.canvas.selection
        graph = self._workspace.canvas.desk.values.document.graph
        ids = [node_id for node_id in sorted(selection.ids) if node_id in graph.nodes]
        ids.sort(key=lambda node_id: node_id != selection.current)
        return tuple(ids)

    def _nodes(self) -> list[tuple[Node, NodeSpec | None]]:
        shown = self._shown()
        if shown is None:
            return []
        nodes = [shown.graph.nodes[node_id] for node_id in self._ids()]
        return [(node, shown.catalog.get(node.type)) for node in nodes]

    def _sketch(self) -> object:
        """Return all that the rows depend on, besides the values."""
        nodes = self._nodes()
        if len(nodes) > _MOST:
            return len(nodes)
        if len(nodes) != 1:
            return tuple((node.id, spec, frozenset(node.wires)) for node, spec in nodes)
        node, spec = nodes[0]
        ends = {end for sources in node.wires.values() for end in sources}
        titles = tuple(sorted(self._title(end.node) for end in ends))
        return node.id, spec, node.wires, node.title, titles, self._readers(node.id)

    def _title(self, node_id: str) -> str:
        shown = self._shown()
        node = shown.graph.nodes.get(node_id) if shown is not None else None
        if shown is None or node is None:
            return node_id
        spec = shown.catalog.get(node.type)
        return node.title or (spec.title if spec is not None else node.type)

    def _readers(self, node_id: str) -> tuple[tuple[str, str], ...]:
        """Return pairs of an output and the node that reads it."""
        shown = self._shown()
        if shown is None:
            return ()
        found = []
        for reader in sorted(shown.graph.readers.get(node_id, frozenset())):
            for sources in shown.graph.nodes[reader].wires.values():
                found += [(end.output, reader) for end in sources if end.node == node_id]
        return tuple(dict.fromkeys(found))

    # Building

    def build(self) -> None:
        """Make the rows anew, if they are for something else."""
        if self._workspace is not None and not self.isVisible():
            return
        sketch = self._sketch()
        if self._drawn is not None and sketch == self._drawn:
            return
        self._drawn = sketch
        for row in self.rows.values():
            row.field.finish()
        self.rows, self.state = {}, None
        page = QWidget()
        page.setObjectName("inspector")
        column = QVBoxLayout(page)
        column.setContentsMargins(12, 12, 8, 16)
        column.setSpacing(6)
        nodes = self._nodes()
        if not nodes:
            self._hint(column)
        elif len(nodes) == 1:
            self._one(page, column, *nodes[0])
        else:
            self._several(column, nodes)
        column.addStretch(1)
        old = self.takeWidget()
        self.setWidget(page)
        if old is not None:
            old.deleteLater()

    def _hint(self, column: QVBoxLayout) -> None:
        words = translate("Inspector", "Select a node to see and change all of it")
        column.addWidget(plain_label(words, "quiet"))

    def _one(self, page: QWidget, column: QVBoxLayout, node: Node, spec: NodeSpec | None) -> None:
        title = Line(self._title(node.id), page)
        title.setProperty("tone", "title")
        title.setToolTip(show(title.whole, 200))
        column.addWidget(title)
        if spec is None:
            words = translate("Inspector", "{0} is not installed: install the pack that brings it")
            column.addWidget(plain_label(words.format(node.type), "error"))
            return
        kind = f"{spec.title}  ·  {spec.category}" if node.title else spec.category
        column.addWidget(plain_label(kind, "quiet"))
        self._doc(column, spec)
        if self._workspace is not None and self._facts is not None:
            session: Session = self._workspace.session
            self.state = StateBox(session, self._facts, self._workspace.canvas, node.id)
            column.addWidget(self.state)
        unwired = [item for item, _ in spec.widgets if item.name not in node.wires]
        self._value_rows(column, unwired, (node.id,))
        self._wires(column, node, spec)

    def _doc(self, column: QVBoxLayout, spec: NodeSpec) -> None:
        """Show what a node does, in a line; all of it when asked."""
        whole = flowing(spec.doc or spec.summary)
        first = whole.partition("\n")[0]
        doc = plain_label(whole if self._docs_open else first, "")
        column.addWidget(doc)
        if first == whole:
            return
        more = QPushButton()
        more.setObjectName("more")
        more.setCheckable(True)
        more.setChecked(self._docs_open)

        def switch() -> None:
            self._docs_open = more.isChecked()
            doc.setText(whole if self._docs_open else first)
            more.setText(words[self._docs_open])

        words = (translate("Inspector", "More"), translate("Inspector", "Less"))
        more.setText(words[self._docs_open])
        more.clicked.connect(switch)
        column.addWidget(more, 0, Qt.AlignmentFlag.AlignLeft)

    def _several(self, column: QVBoxLayout, nodes: list[tuple[Node, NodeSpec | None]]) -> None:
        title = translate("Inspector", "{0} nodes").format(len(nodes))
        column.addWidget(plain_label(title, "title"))
        if len(nodes) > _MOST:
            words = translate("Inspector", "Select up to {0} to change what they have in common")
            column.addWidget(plain_label(words.format(_MOST), "quiet"))
            return
        shared = common(nodes)
        if not shared:
            words = translate("Inspector", "They have no value in common")
            column.addWidget(plain_label(words, "quiet"))
            return
        words = translate("Inspector", "A change is made to all of them")
        column.addWidget(plain_label(words, "quiet"))
        self._value_rows(column, shared, tuple(node.id for node, _ in nodes))

    def _value_rows(
        self, column: QVBoxLayout, items: list[InputSpec], ids: tuple[str, ...]
    ) -> None:
        values = self._values
        if values is None or not items:
            return
        self._values_heading(column, [(node_id, item.name) for node_id in ids for item in items])
        by_name = {item.name: item for item in items}
        partners = {item.partner for item in items if item.partner in by_name}
        for item in items:
            if item.name in partners:
                continue
            row = ValueRow(values, item, ids, by_name.get(item.partner))
            self.rows[item.name] = row
            column.addWidget(row)

    def _values_heading(self, column: QVBoxLayout, keys: list[tuple[str, str]]) -> None:
        """Write what comes, and beside it the way back to all defaults."""
        values = self._values
        if values is None:
            return
        row = QHBoxLayout()
        row.addWidget(_heading(translate("Inspector", "Values")), 1)
        reset = QPushButton(translate("Inspector", "Reset all"))
        reset.setObjectName("more")
        reset.setToolTip(translate("Inspector", "Give all values their defaults again"))
        reset.clicked.connect(lambda: values.reset(keys))
        row.addWidget(reset, 0, Qt.AlignmentFlag.AlignBottom)
        column.addLayout(row)

    def _wires(self, column: QVBoxLayout, node: Node, spec: NodeSpec) -> None:
        inputs = [i for i in spec.inputs if i.widget is None or i.name in node.wires]
        if inputs:
            column.addWidget(_heading(translate("Inspector", "Inputs")))
        for item in inputs:
            ends = [(end.node, self._title(end.node)) for end in node.wires.get(item.name, ())]
            lacking = (
                translate("Inspector", "wire a {0} to it").format(item.type) + "!"
                if item.required
                else translate("Inspector", "not wired")
            )
            tip = "\n".join(filter(None, (item.type, item.doc)))
            self._wire_row(column, WireRow(item.label, tip, ends, lacking=lacking, incoming=True))
        if spec.outputs:
            column.addWidget(_heading(translate("Inspector", "Outputs")))
        readers = self._readers(node.id)
        for output in spec.outputs:
            ends = [(r, self._title(r)) for name, r in readers if name == output.name]
            tip = "\n".join(filter(None, (output.type, output.doc)))
            row = WireRow(
                output.label, tip, ends,
                lacking=translate("Inspector", "nothing reads it"), incoming=False,
            )  # fmt: skip
            self._wire_row(column, row)

    def _wire_row(self, column: QVBoxLayout, row: WireRow) -> None:
        row.chosen.connect(self._go_to)
        column.addWidget(row)

    def _go_to(self, node_id: str) -> None:
        """Select a node, and bring it into view when it is not seen."""
        if self._workspace is not None:
            canvas = self._workspace.canvas
            canvas.selection.set({node_id}, node_id)


def common(nodes: list[tuple[Node, NodeSpec | None]]) -> list[InputSpec]:
    """Return the values that all `nodes` have: of one name and one kind, and not wired."""
    first, *others = nodes
    if first[1] is None:
        return []
    found = []
    for item, widget in first[1].widgets:
        kin = [None if spec is None else spec.input(item.name) for _, spec in others]
        wired = any(item.name in node.wires for node, _ in nodes)
        if not wired and all(other is not None and other.widget == widget for other in kin):
            found.append(item)
    return found


def flowing(doc: str) -> str:
    """Return `doc` as it is read: without the line breaks of its source, and without backticks."""
    return "\n\n".join(" ".join(part.split()) for part in doc.replace("`", "").split("\n\n"))


def _heading(words: str) -> QLabel:
    label = plain_label(words, "heading")
    label.setContentsMargins(0, 10, 0, 2)
    return label
