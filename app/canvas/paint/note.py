"""Notes: Markdown on a quiet card."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt, QUrl
from PySide6.QtGui import QFont, QPainter, QPen, QTextCharFormat, QTextCursor, QTextDocument

from app.canvas.paint.mix import mixed
from app.theme import metrics

if TYPE_CHECKING:
    from PySide6.QtGui import QColor

    from app.theme.look import Look
    from graph.graph import Note

_INSET = 12.0
_INDENT = 16.0
_LONGEST = 20_000
"""Characters that are laid out: no note shows more."""
_WORDS_ZOOM = 0.35
"""Below this zoom lines stand for words."""


class _Text(QTextDocument):
    """A document that fetches nothing: a note may come from anyone."""

    def loadResource(self, _kind: int, _name: QUrl | str) -> object:
        """Qt: pictures and style sheets that the text names are left out."""
        return None


def note_ground(colour: str, look: Look) -> QColor:
    """Return the ground of a note: the theme's, leaning to the colour that the artist gave."""
    colours = look.colours
    if colour:
        return mixed(colours.node, colour, 0.22)
    return mixed(colours.canvas, colours.text, 0.09 if colours.dark else 0.04)


def draw_note(painter: QPainter, rect: QRectF, note: Note, zoom: float, look: Look) -> None:
    """Draw a note into `rect`, cut where its text does not fit."""
    colours = look.colours
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(mixed(note_ground(note.colour, look), colours.text, 0.1), 1))
    painter.setBrush(note_ground(note.colour, look))
    painter.drawRoundedRect(rect, metrics.CORNER, metrics.CORNER)
    inner = rect.adjusted(_INSET, _INSET - 2, -_INSET, -_INSET + 2)
    if inner.isEmpty():
        return
    painter.setClipRect(inner, Qt.ClipOperation.IntersectClip)
    if zoom < _WORDS_ZOOM:
        _draw_lines(painter, inner, note, look)
        return
    document = _laid_out(note, inner.width(), look)
    painter.translate(inner.topLeft())
    document.drawContents(painter, QRectF(0, 0, inner.width(), inner.height()))


def _draw_lines(painter: QPainter, inner: QRectF, note: Note, look: Look) -> None:
    """Draw a bar for each line: from afar a text is only a texture."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(look.colours.faint)
    y = inner.top() + 4
    for line in note.text.splitlines():
        if y > inner.bottom():
            break
        if line.strip():
            width = min(len(line.strip()) * 6.5, inner.width())
            painter.drawRect(QRectF(inner.left(), y, width, 6))
        y += 18


def _laid_out(note: Note, width: float, look: Look) -> _Text:
    document = _Text()
    document.setDocumentMargin(0)
    document.setDefaultFont(look.fonts.body)
    document.setIndentWidth(_INDENT)
    document.setTextWidth(width)
    features = QTextDocument.MarkdownFeature
    document.setMarkdown(
        note.text[:_LONGEST], features.MarkdownDialectGitHub | features.MarkdownNoHTML
    )
    _colour(document, look)
    return document


def _colour(document: _Text, look: Look) -> None:
    """Give all text the theme's colour, and headings its fonts."""
    cursor = QTextCursor(document)
    cursor.select(QTextCursor.SelectionType.Document)
    plain = QTextCharFormat()
    plain.setForeground(look.colours.text)
    cursor.mergeCharFormat(plain)
    block = document.begin()
    while block.isValid():
        level = block.blockFormat().headingLevel()
        if level:
            head = QTextCharFormat()
            font = QFont(look.fonts.large if level == 1 else look.fonts.strong)
            head.setFont(font, QTextCharFormat.FontPropertiesInheritanceBehavior.FontPropertiesAll)
            cursor.setPosition(block.position())
            cursor.movePosition(
                QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor
            )
            cursor.mergeCharFormat(head)
        block = block.next()
