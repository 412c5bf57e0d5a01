"""Words on the screen: each goes through `translate`, which the Qt tools read from the source."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

translate = QCoreApplication.translate
"""`translate(CONTEXT, TEXT)`: both as literals, or the tools do not find them."""
