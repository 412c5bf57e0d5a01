"""The colours applied to Qt's own widgets: a palette and one style sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QColor, QPalette

from app.theme.colours import THEMES
from app.theme.fields import FIELDS
from app.theme.forms import FORMS

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from app.theme.colours import Colours
    from app.theme.look import Look

_SHEET = """
* {{ outline: none; }}
QMainWindow, QStatusBar, QToolBar, QMenuBar {{ background: {chrome}; color: {text}; }}
QMenuBar {{ padding: 2px 4px; }}
QMenuBar::item {{ padding: 4px 8px; border-radius: 4px; background: transparent; }}
QMenuBar::item:selected {{ background: {hover}; }}
QMenu {{ background: {node}; color: {text}; border: 1px solid {edge}; padding: 4px; }}
QMenu::item {{ padding: 6px 32px 6px 12px; border-radius: 4px; }}
QMenu::item:selected {{ background: {fill}; }}
QMenu::item:disabled {{ color: {faint}; }}
QMenu::separator {{ height: 1px; background: {fill}; margin: 4px 8px; }}
QToolBar {{ border: none; border-bottom: 1px solid {edge}; spacing: 8px; padding: 8px; }}
QToolButton {{ color: {text}; background: transparent; border: none; border-radius: 6px;
    padding: 0 12px; height: 32px; }}
QToolButton:hover {{ background: {hover}; }}
QToolButton:pressed {{ background: {fill}; }}
QToolButton:checked {{ background: {hover}; }}
QToolButton:disabled {{ color: {faint}; }}
QToolButton#run {{ background: {accent}; color: {on_accent}; font-weight: 600; padding: 0 16px; }}
QToolButton#run:hover {{ background: {accent_hover}; }}
QToolButton#run:disabled {{ background: {hover}; color: {faint}; }}
QStatusBar {{ border-top: 1px solid {edge}; min-height: 28px; }}
QStatusBar::item {{ border: none; }}
QStatusBar QLabel {{ color: {muted}; padding: 0 8px; }}
QStatusBar QLabel[tone="error"] {{ color: {error}; }}
QSplitter::handle {{ background: {edge}; }}
QToolTip {{ background: {node}; color: {text}; border: 1px solid {edge}; padding: 4px; }}
QLineEdit, QPlainTextEdit {{ background: {well}; color: {text}; border: 1px solid {edge};
    border-radius: 6px; padding: 0 8px; selection-background-color: {accent};
    selection-color: {on_accent}; }}
QPlainTextEdit {{ padding: 0 3px; }}
QLineEdit:focus, QPlainTextEdit:focus {{ border-color: {accent}; }}
QFrame#search {{ background: {node}; border: 1px solid {outline}; border-radius: 8px; }}
QFrame#search QListView {{ background: transparent; border: none; color: {text}; }}
QFrame#search QLabel {{ color: {muted}; }}
QFrame#search QLabel#name {{ color: {text}; font-weight: 600; }}
QFrame#find, QFrame#crumbs {{ background: {node}; border: 1px solid {outline};
    border-radius: 8px; }}
QFrame#find QLabel, QFrame#crumbs QLabel {{ color: {muted}; }}
QFrame#crumbs QLabel#here {{ color: {text}; font-weight: 600; padding: 0 6px; }}
QFrame#crumbs QPushButton {{ background: transparent; color: {muted}; padding: 0 6px;
    min-height: 24px; }}
QFrame#crumbs QPushButton:hover {{ background: {hover}; color: {text}; }}
QWidget#empty QLabel {{ color: {muted}; }}
QFrame#banner {{ background: {title}; border-bottom: 1px solid {edge}; }}
QFrame#banner QLabel {{ color: {text}; }}
QWidget#viewer {{ background: {chrome}; }}
QWidget#viewer QLabel {{ color: {muted}; }}
QWidget#runs {{ background: {chrome}; }}
QWidget#runs QListView {{ background: transparent; border: none; }}
QWidget#runs QLabel {{ color: {muted}; }}
QScrollBar:vertical {{ background: transparent; width: 8px; margin: 0; }}
QScrollBar::handle:vertical {{ background: {fill}; border-radius: 4px; min-height: 24px; }}
QScrollBar::add-line, QScrollBar::sub-line {{ height: 0; width: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
"""


def style_sheet(colours: Colours) -> str:
    """Return the style sheet of `colours`."""
    names = {
        name: getattr(colours, name).name()
        for name in colours.__slots__
        if isinstance(getattr(colours, name), QColor)
    }
    names["accent_hover"] = colours.accent.lighter(108).name()
    names["hover_fill"] = colours.fill.lighter(112).name()
    names["rim"] = colours.fill.name()
    for picture in ("check", "chevron"):
        names[picture] = (THEMES / f"{colours.name}-{picture}.svg").as_posix()
    return (_SHEET + FORMS + FIELDS).format(**names)


def palette(colours: Colours) -> QPalette:
    """Return the palette of `colours`, for what the style sheet does not reach."""
    made = QPalette()
    role = QPalette.ColorRole
    for where, colour in (
        (role.Window, colours.chrome),
        (role.WindowText, colours.text),
        (role.Base, colours.well),
        (role.AlternateBase, colours.node),
        (role.Text, colours.text),
        (role.Button, colours.node),
        (role.ButtonText, colours.text),
        (role.ToolTipBase, colours.node),
        (role.ToolTipText, colours.text),
        (role.PlaceholderText, colours.faint),
        (role.Highlight, colours.accent),
        (role.HighlightedText, colours.on_accent),
    ):
        made.setColor(where, colour)
    for where in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, where, colours.faint)
    return made


def dress(application: QApplication, look: Look) -> None:
    """Give the application its style, font and colours, and keep them in step with `look`."""
    application.setStyle("Fusion")
    application.setFont(look.fonts.body)

    def apply() -> None:
        application.setPalette(palette(look.colours))
        application.setStyleSheet(style_sheet(look.colours))

    apply()
    look.changed.connect(apply)
