"""The keys of every command, to be changed; keys that two commands share are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
)

from app.keys import bindings
from app.settings.page import Page
from app.words import translate

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.program import Program

_COMMAND = Qt.ItemDataRole.UserRole
_TITLE, _KEYS = 0, 1


class KeysPage(Page):
    """Choose a command, press its new keys."""

    def __init__(self, program: Program, parent: QWidget | None = None) -> None:
        super().__init__(program.look, parent)
        self._keymap = program.keymap
        self.filter = QLineEdit(self)
        self.filter.setPlaceholderText(translate("Settings", "Search commands and keys"))
        self.filter.setClearButtonEnabled(True)
        self.filter.textChanged.connect(self._sift)
        self.tree = QTreeWidget(self)
        self.tree.setObjectName("list")
        self.tree.setHeaderLabels([translate("Settings", "Command"), translate("Settings", "Keys")])
        self.tree.setRootIsDecorated(False)
        self.tree.setIndentation(12)
        self.tree.header().setSectionResizeMode(_TITLE, QHeaderView.ResizeMode.Stretch)
        self.tree.header().setSectionResizeMode(_KEYS, QHeaderView.ResizeMode.ResizeToContents)
        self.tree.currentItemChanged.connect(lambda *_: self._refresh())
        self.edit = QKeySequenceEdit(self)
        self.edit.setMaximumSequenceLength(1)
        self.edit.setClearButtonEnabled(True)
        self.edit.editingFinished.connect(self._bind)
        self.reset = QPushButton(translate("Settings", "Reset"), self)
        self.reset.clicked.connect(lambda: self._keymap.reset(self.command))
        self.reset_all = QPushButton(translate("Settings", "Reset all"), self)
        self.reset_all.clicked.connect(lambda: self._keymap.reset(""))
        line = QHBoxLayout()
        line.addWidget(self.edit, 1)
        line.addWidget(self.reset)
        line.addWidget(self.reset_all)
        self.column.addWidget(self.filter)
        self.column.addWidget(self.tree, 1)
        self.column.addLayout(line)
        self.told = self.hint("")
        self._items: dict[str, QTreeWidgetItem] = {}
        self._sections: dict[str, QTreeWidgetItem] = {}
        self._make_items()
        self._keymap.changed.connect(self._show_keys)
        program.look.changed.connect(self._show_keys)
        self._show_keys()

    @property
    def command(self) -> str:
        """The command that is chosen, or empty."""
        item = self.tree.currentItem()
        found = item.data(_TITLE, _COMMAND) if item is not None else None
        return str(found or "")

    def choose(self, command: str) -> None:
        """Choose `command`."""
        self.tree.setCurrentItem(self._items[command])

    def _make_items(self) -> None:
        for command, binding in bindings().items():
            section = self._sections.get(binding.section)
            if section is None:
                section = self._sections[binding.section] = QTreeWidgetItem([binding.section])
                section.setFont(_TITLE, self._look.fonts.strong)
                section.setFlags(Qt.ItemFlag.ItemIsEnabled)
                self.tree.addTopLevelItem(section)
            item = QTreeWidgetItem([binding.title])
            item.setData(_TITLE, _COMMAND, command)
            section.addChild(item)
            self._items[command] = item
        self.tree.expandAll()

    def _show_keys(self) -> None:
        colours = self._look.colours
        for command, item in self._items.items():
            keys = [key.toString(QKeySequence.SequenceFormat.NativeText)
                    for key in self._keymap.keys(command)]  # fmt: skip
            item.setText(_KEYS, "   ".join(keys))
            shared = bool(self._keymap.sharing(command))
            own = self._keymap.is_own(command)
            front = colours.error if shared else colours.accent if own else colours.muted
            item.setForeground(_KEYS, front)
        self._refresh()

    def _refresh(self) -> None:
        command = self.command
        keys = self._keymap.keys(command) if command else []
        blocked = self.edit.blockSignals(True)  # noqa: FBT003 - Qt's signature
        self.edit.setKeySequence(keys[0] if keys else QKeySequence())
        self.edit.blockSignals(blocked)
        self.edit.setEnabled(bool(command))
        self.reset.setEnabled(bool(command) and self._keymap.is_own(command))
        self.told.setText(self._words(command))

    def _words(self, command: str) -> str:
        if not command:
            return translate("Settings", "Choose a command, then press its new keys.")
        sharing = self._keymap.sharing(command)
        if sharing:
            names = ", ".join(binding.title.rstrip("…") for binding in sharing)
            words = translate("Settings", "Also the keys of: {0}. None of them works now.")
            return words.format(names)
        return translate("Settings", "Click beside it and press the new keys.")

    def _bind(self) -> None:
        if not self.command:
            return
        keys = self._keymap.keys(self.command)
        new = self.edit.keySequence()
        if keys[:1] != [new] and not (new.isEmpty() and not keys):
            self._keymap.bind(self.command, [] if new.isEmpty() else [new])

    def _sift(self, text: str) -> None:
        wanted = text.casefold()
        for item in self._items.values():
            told = f"{item.text(_TITLE)} {item.text(_KEYS)}".casefold()
            item.setHidden(wanted not in told)
        shown = {bindings()[name].section for name, item in self._items.items()
                 if not item.isHidden()}  # fmt: skip
        for name, section in self._sections.items():
            section.setHidden(name not in shown)
