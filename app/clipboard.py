"""Parts of a graph as text on the clipboard: the same JSON as a graph file, readable, mailable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QGuiApplication

from app.words import translate
from graph.errors import FormatError, SfumatoError
from graph.format import dump, parse

if TYPE_CHECKING:
    from graph.catalog import Catalog
    from graph.graph import Graph

_MOST = 64 << 20
"""Characters of pasted text that are looked at."""
_MARK = '"sfumato"'


class NothingToPasteError(SfumatoError):
    """The clipboard holds nothing that can be pasted; the text says why."""


def copy_parts(part: Graph) -> bool:
    """Put `part` on the clipboard; say whether there was anything in it."""
    if not (part.nodes or part.frames or part.notes):
        return False
    QGuiApplication.clipboard().setText(dump(part).decode())
    return True


def pasted_parts(catalog: Catalog) -> Graph:
    """Return the graph on the clipboard.

    Raises:
        NothingToPasteError: What is there is no graph, or not a sound one.
    """
    text = QGuiApplication.clipboard().text()
    if len(text) > _MOST:
        words = translate("Canvas", "The clipboard holds {0} MB: too much to paste")
        raise NothingToPasteError(words.format(len(text) >> 20))
    if _MARK not in text:
        raise NothingToPasteError(translate("Canvas", "The clipboard holds no nodes"))
    try:
        return parse(text.encode(errors="replace"), file="clipboard", catalog=catalog)
    except FormatError as error:
        words = translate("Canvas", "Not pasted: {0}")
        raise NothingToPasteError(words.format(error)) from None
