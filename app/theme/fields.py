"""The style sheet of fields: what holds a value, in the inspector and over the canvas."""

from __future__ import annotations

from typing import Final

FIELDS: Final = """
QLineEdit#number {{ background: transparent; border: none; padding: 0 8px; }}
QWidget[over="true"] {{ background: {node}; border-radius: 6px; }}
QWidget#paragraph {{ background: {well}; border: 1px solid {edge}; border-radius: 6px; }}
QWidget#paragraph QPlainTextEdit {{ background: transparent; border: none; }}
QWidget#paragraph QLabel#tokens {{ color: {muted}; }}
QToolButton#word {{ padding: 0 8px; height: 22px; border-radius: 4px; color: {muted}; }}
QToolButton#mend {{ padding: 0 10px; height: 24px; border-radius: 4px; background: {fill};
    color: {text}; }}
QToolButton#mend:hover, QToolButton#mend:focus {{ background: {hover_fill}; }}
QToolButton#word:hover, QToolButton#word:focus {{ color: {text}; background: {hover}; }}
QPushButton#end {{ background: transparent; border: none; padding: 0 4px; min-height: 24px;
    border-radius: 4px; color: {text}; text-align: left; }}
QPushButton#end:hover, QPushButton#end:focus {{ background: {hover}; }}
QPushButton#more {{ background: transparent; border: none; padding: 0; min-height: 20px;
    color: {muted}; text-align: left; }}
QPushButton#more:hover, QPushButton#more:focus {{ color: {accent}; }}
QToolButton#icon {{ padding: 0; height: 28px; }}
QToolButton#icon:focus {{ border: 1px solid {accent}; }}
QToolButton#icon[locked="true"] {{ background: {hover}; }}
QFrame#popup {{ background: {node}; border: 1px solid {outline}; border-radius: 8px; }}
QFrame#popup QListView#picks {{ background: transparent; border: none; color: {text}; }}
QFrame#popup QLabel {{ color: {muted}; }}
QFrame#popup QLabel[tone="error"] {{ color: {error}; }}
QLabel#bubble {{ background: {node}; color: {muted}; border: 1px solid {outline};
    border-radius: 6px; padding: 4px 8px; }}
QLabel#bubble[tone="error"] {{ color: {error}; }}
QFrame#mask-head, QFrame#mask-tools, QFrame#mask-foot, QWidget#mask-options {{
    background: {chrome}; }}
QFrame#mask-head {{ border-bottom: 1px solid {edge}; }}
QFrame#mask-foot {{ border-top: 1px solid {edge}; }}
QFrame#mask-tools {{ border-right: 1px solid {edge}; }}
QWidget#mask-options {{ border-left: 1px solid {edge}; }}
QFrame#mask-tools QToolButton#icon {{ height: 40px; border-radius: 6px; }}
QFrame#mask-tools QToolButton#icon:checked {{ background: {fill}; }}
QDialog#mask-editor QPushButton {{ padding: 0 8px; }}
QDialog#mask-editor QPushButton:checked {{ background: {hover_fill}; border: 1px solid {faint};
    padding: 0 7px; min-height: 26px; }}
QWidget#mask-options QLabel[tone="heading"] {{ color: {muted}; font-weight: 600; }}
QWidget#mask-options QLabel[tone="quiet"] {{ color: {muted}; }}
QWidget#mask-options QFrame#rule {{ background: {edge}; }}
QWidget#inspector {{ background: {chrome}; }}
QWidget#inspector QLabel {{ color: {text}; }}
QWidget#inspector QLabel[tone="quiet"] {{ color: {muted}; }}
QWidget#inspector QLabel[tone="error"] {{ color: {error}; }}
QWidget#inspector QLabel[tone="heading"] {{ color: {muted}; font-weight: 600; }}
QWidget#inspector QLabel[tone="title"] {{ font-weight: 600; font-size: 16px; }}
QWidget#inspector QFrame#rule {{ background: {edge}; }}
"""
