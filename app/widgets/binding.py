"""Joining fields to the document: what they show comes from it, what they tell becomes edits."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.canvas.values import read_value, same
from app.seeds import SeedMemory
from app.tokens import TokenCounter
from app.widgets.field import Field, Formula, Surroundings
from app.widgets.painted import PaintedField
from app.widgets.prompt import PromptField
from app.widgets.seed import SeedField
from app.widgets.size import SizeField
from app.words import translate
from graph import edits
from graph.edits import Edit
from graph.seeds import free_seeds, set_free

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping

    from app.editing import Editing
    from app.shown import Shown
    from app.theme.look import Look
    from graph.files import FileIndex
    from graph.graph import Graph
    from graph.params import Param
    from graph.spec import InputSpec

_VISITS = count()


class Values(QObject):
    """The values of a document, as fields see and change them.

    Signals:
        paintAsked(str, str): the mask that an input (node, name) holds is to be painted on.
    """

    paintAsked = Signal(str, str)

    def __init__(
        self, document: Shown, editing: Editing, look: Look, files: FileIndex, parent: QObject
    ) -> None:
        super().__init__(parent)
        self.document = document
        self.editing = editing
        self.around = Surroundings(look, files)
        self.seeds = SeedMemory(document, self)
        self.tokens = TokenCounter(document, files)
        self.writing = False
        """Whether the document changes because a field said so."""

    def input(self, node_id: str, name: str) -> InputSpec | None:
        """Return the specification of an input that holds a value."""
        node = self.document.graph.nodes.get(node_id)
        spec = self.document.catalog.get(node.type) if node else None
        item = spec.input(name) if spec else None
        return item if item is not None and item.widget is not None else None

    def value(self, node_id: str, name: str) -> Param:
        """Return the value that an input holds."""
        node = self.document.graph.nodes.get(node_id)
        item = self.input(node_id, name)
        if node is None or item is None:
            return None
        return node.params.get(name, item.default)

    def write(
        self,
        step: str,
        changes: Mapping[tuple[str, str], Param],
        merge: Hashable | None = None,
    ) -> bool:
        """Give inputs (node, name) other values as one undo step called `step`; say if done.

        Values that are the same already are no edit. What is refused is told by `Editing.refused`,
        and nothing is changed then.
        """
        wanted = {
            key: value
            for key, value in changes.items()
            if not same(self.value(*key), value) or not self._is_set(*key)
        }
        if not wanted:
            return True
        self.writing = True
        try:
            return self.editing.attempt(step, lambda graph: self._written(graph, wanted), merge)
        finally:
            self.writing = False

    def _is_set(self, node_id: str, name: str) -> bool:
        node = self.document.graph.nodes.get(node_id)
        return node is not None and name in node.params

    def _written(self, graph: Graph, changes: Mapping[tuple[str, str], Param]) -> Edit:
        edit = Edit(graph, edits.Change())
        for (node_id, name), value in changes.items():
            one = edits.set_param(edit.graph, self.document.catalog, node_id, name, value)
            edit = Edit(one.graph, edit.change | one.change)
        return edit

    def reset(self, keys: Iterable[tuple[str, str]]) -> bool:
        """Give inputs (node, name) their defaults again, as one undo step."""
        wanted = {key: item.default for key in keys if (item := self.input(*key)) is not None}
        return self.write(translate("Editing", "Reset {0}").format(self.labels(wanted)), wanted)

    def labels(self, keys: Iterable[tuple[str, str]]) -> str:
        """Return what inputs (node, name) are called, each name once."""
        items = (self.input(*key) for key in keys)
        return ", ".join(dict.fromkeys(item.label for item in items if item is not None))


class Binding(QObject):
    """Joins one field to an input of one or several nodes; a visit to it is one undo step."""

    def __init__(self, values: Values, field: Field, ids: tuple[str, ...]) -> None:
        super().__init__(field)
        self._values = values
        self._visit = next(_VISITS)
        self.field = field
        self.ids = ids
        self.names: tuple[str, ...] = (field.item.name,)
        if isinstance(field, SizeField):
            self.names = (field.item.name, field.partner.name)
            field.swapped.connect(self._swap)
        if isinstance(field, SeedField):
            field.locked.connect(self._lock)
            field.backAsked.connect(self._go_back)
        if isinstance(field, PaintedField):
            field.paintAsked.connect(lambda: values.paintAsked.emit(*self.keys[0]))
        field.meant.connect(lambda value: self._take(value, None))
        field.typed.connect(lambda value: self._take(value, ("visit", self._visit)))
        field.left.connect(self._left)
        field.refused.connect(values.editing.refused)
        self.refresh()
        if isinstance(field, PromptField):
            field.count_with(lambda text: values.tokens.count(ids[0], text) if ids else None)

    @property
    def keys(self) -> list[tuple[str, str]]:
        """All inputs that the field stands for, as (node, name)."""
        return [(node_id, name) for node_id in self.ids for name in self.names]

    @property
    def values_now(self) -> list[Param]:
        """The values that the field stands for."""
        return [self._values.value(*key) for key in self.keys]

    def refresh(self) -> None:
        """Show what the document holds."""
        shown = [self._shown(node_id) for node_id in self.ids]
        if not shown:
            return
        mixed = any(not same(shown[0], other) for other in shown[1:])
        self.field.show_value(shown[0], mixed=mixed)
        if isinstance(self.field, SeedField):
            nodes = [self._values.document.graph.nodes.get(node_id) for node_id in self.ids]
            free = [self.names[0] in free_seeds(node) for node in nodes if node is not None]
            self.field.show_lock(locked=not any(free))
            self.field.back.setEnabled(
                any(self._before(node_id) is not None for node_id in self.ids)
            )

    def _shown(self, node_id: str) -> Param:
        held = [self._values.value(node_id, name) for name in self.names]
        if len(held) == 1:
            return held[0]
        return tuple(part for part in held if not isinstance(part, tuple))

    # What the field tells

    def _take(self, value: Param | Formula, merge: Hashable | None) -> None:
        try:
            changes = self._changes(value)
        except ValueError as error:
            self.field.refused.emit(str(error))
            return
        labels = self._values.labels(self.keys)
        step = translate("Editing", "Change {0}").format(labels)
        self._values.write(step, changes, merge)
        self.refresh()

    def _changes(self, value: Param | Formula) -> dict[tuple[str, str], Param]:
        if isinstance(value, Formula):
            return {
                key: read_value(self.field.widget, value.text, self._values.value(*key))
                for key in self.keys
            }
        if len(self.names) > 1 and isinstance(value, tuple):
            return {
                (node_id, name): part
                for node_id in self.ids
                for name, part in zip(self.names, value, strict=True)
            }
        return dict.fromkeys(self.keys, value)

    def _left(self) -> None:
        self._visit = next(_VISITS)
        self._values.document.seal()

    def reset(self) -> None:
        """Give the default again."""
        self._values.reset(self.keys)

    # Sizes and seeds

    def _swap(self) -> None:
        wide, high = self.names
        changes = {}
        for node_id in self.ids:
            changes[node_id, wide] = self._values.value(node_id, high)
            changes[node_id, high] = self._values.value(node_id, wide)
        self._values.write(translate("Editing", "Swap width and height"), changes)

    def _lock(self, locked: bool) -> None:  # noqa: FBT001 - a signal's argument
        step = (
            translate("Editing", "Keep the seed") if locked
            else translate("Editing", "New seed each run")
        )  # fmt: skip

        def make(graph: Graph) -> Edit:
            edit = Edit(graph, edits.Change())
            for node_id in self.ids:
                one = set_free(edit.graph, node_id, self.names[0], free=not locked)
                edit = Edit(one.graph, edit.change | one.change)
            return edit

        self._values.editing.attempt(step, make)
        self.refresh()

    def _before(self, node_id: str) -> int | None:
        return self._values.seeds.before(node_id, self.names[0])

    def _go_back(self) -> None:
        changes: dict[tuple[str, str], Param] = {
            (node_id, self.names[0]): last
            for node_id in self.ids
            if (last := self._before(node_id)) is not None
        }
        if changes:
            self._values.write(translate("Editing", "Last seed"), changes)
            self.refresh()
