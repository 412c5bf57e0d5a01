"""Properties that a style sheet looks at."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget


def set_mark(widget: QWidget, name: str, value: str | bool) -> None:  # noqa: FBT001 - a property
    """Give `widget` a property, and have it styled by that: a sheet looks only when applied."""
    if widget.property(name) == value:
        return
    widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)
