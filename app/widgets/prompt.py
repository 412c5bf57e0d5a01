"""The prompt editor: weights by key and in colour, tokens counted, styles and wildcards at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QColor, QSyntaxHighlighter, QTextCursor
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QToolButton

from app.widgets.styles import read_styles, with_style
from app.widgets.text import Paragraph, ParagraphField
from app.words import translate
from graph.promptmarks import Kind, marks, reweigh
from graph.wildcards import KIND as WILDCARD
from graph.wildcards import SUFFIX, spans

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from PySide6.QtGui import QKeyEvent, QTextDocument
    from PySide6.QtWidgets import QWidget

    from app.theme.look import Look
    from app.tokens import Count
    from app.widgets.field import Surroundings
    from graph.promptmarks import Mark
    from graph.spec import InputSpec

_STEP = 0.1
_MOST_LIT = 2000
"""Parts of a prompt that are lit; a text with more is no prompt."""
_COUNT_MS = 150
_STRONGEST = 0.6
"""How far above (or below) 1 a weight is shown in full colour."""


Counter: TypeAlias = "Callable[[str], Count | None]"


class PromptEdit(Paragraph):
    """Ctrl+Up and Ctrl+Down change the weight of the word, the selection or the bracket."""

    def __init__(self, look: Look, parent: QWidget, *, wildcards: bool = False) -> None:
        super().__init__(parent)
        self._marker = WeightMarker(look, self.document(), wildcards=wildcards)
        look.changed.connect(self.light)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt: see above."""
        steps = {Qt.Key.Key_Up: _STEP, Qt.Key.Key_Down: -_STEP}
        ctrl = event.modifiers() == Qt.KeyboardModifier.ControlModifier
        if ctrl and event.key() in steps:
            self.weigh(steps[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    def weigh(self, change: float) -> None:
        """Add `change` to the weight of what is selected."""
        cursor, text = self.textCursor(), self.toPlainText()
        # Qt counts in UTF-16: an emoji is two places there, and one character here.
        start, end = (_to_character(text, at) for at in
                      (cursor.selectionStart(), cursor.selectionEnd()))  # fmt: skip
        found = reweigh(text, start, end, change)
        if found is None:
            return
        self.replace(found.text)
        cursor = self.textCursor()
        cursor.setPosition(_to_place(found.text, found.start))
        cursor.setPosition(_to_place(found.text, found.end), QTextCursor.MoveMode.KeepAnchor)
        self.setTextCursor(cursor)

    def replace(self, text: str) -> None:
        """Write `text` in the place of what is there, as one step."""
        cursor = self.textCursor()
        cursor.beginEditBlock()
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.insertText(text)
        cursor.endEditBlock()

    def light(self) -> None:
        """Show weights as they are now."""
        self._marker.rehighlight()


class WeightMarker(QSyntaxHighlighter):
    """Shows brackets quietly, what they weigh in colour, and wildcards where they are filled in.

    A bracket may open on one line and close on another: the whole text is read for each change.
    """

    def __init__(self, look: Look, document: QTextDocument, *, wildcards: bool) -> None:
        super().__init__(document)
        self._look = look
        self._wildcards = wildcards
        self._text: str | None = None
        """What `_lit` was read from; None when that does not hold any more."""
        self._lit: list[tuple[int, int, QColor]] = []
        """Start and end, as Qt counts characters, and colour of each part that is lit."""
        self._shown: list[tuple[int, int, QColor]] = []
        """The same, when all lines were coloured last."""
        document.contentsChanged.connect(self._follow)

    def highlightBlock(self, text: str) -> None:
        """Qt: colour one line."""
        self._read()
        start = self.currentBlock().position()
        end = start + len(text.encode("utf-16-le")) // 2
        for first, last, colour in self._lit:
            if first < end and last > start:
                self.setFormat(max(0, first - start), min(last, end) - max(first, start), colour)

    def rehighlight(self) -> None:
        """Qt: colour all of it, in the colours of the theme as it is now."""
        self._text = None
        super().rehighlight()

    def _follow(self) -> None:
        """Colour the other lines too, when what was typed on one weighs what is on them."""
        self._read()
        if self._lit != self._shown:
            self._shown = self._lit
            if self.document().blockCount() > 1:
                super().rehighlight()

    def _read(self) -> None:
        text = self.document().toPlainText()
        if text == self._text:
            return
        self._text = text
        lit = [*self._weights(text)]
        if self._wildcards:
            lit += [(start, end, self._look.colours.accent) for start, end in spans(text)]
        plain = len(text.encode("utf-16-le")) == 2 * len(text)
        self._lit = lit if plain else [
            (_to_place(text, start), _to_place(text, end), colour) for start, end, colour in lit
        ]  # fmt: skip

    def _weights(self, text: str) -> Iterator[tuple[int, int, QColor]]:
        if not any(bracket in text for bracket in "([\\"):
            return
        for mark in marks(text)[:_MOST_LIT]:
            colour = self._colour(mark)
            if colour is not None:
                yield mark.start, mark.end, colour

    def _colour(self, mark: Mark) -> QColor | None:
        colours = self._look.colours
        if mark.kind is not Kind.TEXT:
            return colours.muted
        if mark.weight == 1:
            return None
        share = min(1.0, abs(mark.weight - 1) / _STRONGEST) * 0.75 + 0.25
        towards = colours.accent if mark.weight > 1 else colours.faint
        return _between(colours.text, towards, share)


def _to_place(text: str, character: int) -> int:
    return len(text[:character].encode("utf-16-le")) // 2


def _to_character(text: str, place: int) -> int:
    return len(text.encode("utf-16-le")[: 2 * place].decode("utf-16-le", "ignore"))


def _between(one: QColor, other: QColor, share: float) -> QColor:
    return QColor.fromRgbF(
        one.redF() + (other.redF() - one.redF()) * share,
        one.greenF() + (other.greenF() - one.greenF()) * share,
        one.blueF() + (other.blueF() - one.blueF()) * share,
    )


class PromptField(ParagraphField):
    """A prompt, with a line under it: tokens at the left, styles and wildcards at the right."""

    text: PromptEdit

    def __init__(
        self, item: InputSpec, around: Surroundings, parent: QWidget | None = None
    ) -> None:
        super().__init__(item, around, parent)
        self._counter: Counter | None = None
        self.tokens = QLabel(self)
        self.tokens.setObjectName("tokens")
        self.styles = self._button(translate("Prompt", "Styles"), self._show_styles)
        self.styles.setToolTip(translate("Prompt", "Pieces of prompts that you keep"))
        self.wildcards = self._button(translate("Prompt", "Wildcards"), self._show_wildcards)
        self.wildcards.setToolTip(translate("Prompt", "Words that the seed chooses"))
        self.wildcards.setVisible(getattr(self.widget, "wildcards", False))
        foot = QHBoxLayout()
        foot.setContentsMargins(8, 0, 4, 2)
        foot.setSpacing(0)
        foot.addWidget(self.tokens, 1)
        foot.addWidget(self.wildcards)
        foot.addWidget(self.styles)
        self.column.addLayout(foot)
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(_COUNT_MS)
        self._wait.timeout.connect(self.count)
        self.text.textChanged.connect(self._wait.start)
        self.watch(self.styles, self.wildcards)

    def _make_edit(self) -> Paragraph:
        wild = getattr(self.widget, "wildcards", False)
        edit = PromptEdit(self.around.look, self, wildcards=wild)
        edit.setToolTip(
            translate("Prompt", "Ctrl+Up and Ctrl+Down change the weight of the word or selection")
        )
        return edit

    def _button(self, words: str, show: Callable[[], None]) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName("word")
        button.setText(words)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(show)
        return button

    def refresh(self) -> None:
        """Show the value."""
        super().refresh()
        self._wait.start()

    # Tokens

    def count_with(self, counter: Counter) -> None:
        """Count tokens with `counter` from now on."""
        self._counter = counter
        self.count()

    def count(self) -> None:
        """Write how long the prompt is under it."""
        found = self._counter(self.text.toPlainText()) if self._counter is not None else None
        if found is None or self.mixed:
            self.tokens.clear()
            return
        about = "" if found.exact else "≈ "
        words = f"{about}{found.tokens} / {found.room}"
        chunks = -(-found.tokens // found.room)
        if chunks > 1:
            words += translate("Prompt", "  ·  {0} parts").format(chunks)
        self.tokens.setText(words)
        self.tokens.setToolTip(_explanation(found))

    # Styles and wildcards

    def _show_styles(self) -> None:
        menu = QMenu(self)
        styles = read_styles(self.around.files)
        for style in styles:
            action = menu.addAction(style.name)
            action.setToolTip(style.text)
            action.triggered.connect(lambda *_, text=style.text: self.insert_style(text))
        if not styles:
            none = menu.addAction(translate("Prompt", "No styles yet"))
            none.setEnabled(False)
            where = menu.addAction(
                translate("Prompt", "Put text files into “styles” of a models folder")
            )
            where.setEnabled(False)
        menu.setToolTipsVisible(True)
        self._open_menu(menu, self.styles)

    def insert_style(self, style: str) -> None:
        """Add a style to the prompt: around it where it says `{prompt}`, else at its end."""
        self.text.replace(with_style(self.text.toPlainText(), style))
        self.text.setFocus(Qt.FocusReason.OtherFocusReason)
        self.text.moveCursor(QTextCursor.MoveOperation.End)

    def _show_wildcards(self) -> None:
        menu = QMenu(self)
        names = [n.removesuffix(SUFFIX) for n in self.around.files.names(WILDCARD, (SUFFIX,))]
        for name in names:
            action = menu.addAction(name)
            action.triggered.connect(lambda *_, name=name: self.insert_wildcard(name))
        if not names:
            none = menu.addAction(translate("Prompt", "No wildcards yet"))
            none.setEnabled(False)
            where = menu.addAction(
                translate("Prompt", "Put text files into “wildcards” of a models folder")
            )
            where.setEnabled(False)
        self._open_menu(menu, self.wildcards)

    def insert_wildcard(self, name: str) -> None:
        """Write a wildcard where the cursor is."""
        self.text.insertPlainText(f"__{name}__")
        self.text.setFocus(Qt.FocusReason.OtherFocusReason)

    def _open_menu(self, menu: QMenu, under: QToolButton) -> None:
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(under.mapToGlobal(under.rect().bottomLeft()))


def _explanation(count: Count) -> str:
    words = translate(
        "Prompt", "Tokens; the encoder takes {0} at once, a longer prompt is encoded in parts"
    ).format(count.room)
    if count.exact:
        return words
    guessed = translate("Prompt", "Estimated: no vocabulary of the encoder is at hand")
    return f"{words}\n{guessed}"
