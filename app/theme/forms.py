"""The style of what forms, lists, bars and tabs are made of."""

from __future__ import annotations

FORMS = """
QDialog {{ background: {chrome}; color: {text}; }}
QLabel[tone="muted"] {{ color: {muted}; }}
QPushButton {{ background: {fill}; color: {text}; border: none; border-radius: 6px;
    padding: 0 14px; min-height: 28px; }}
QPushButton:hover {{ background: {hover_fill}; }}
QPushButton:pressed {{ background: {hover}; }}
QPushButton:disabled {{ background: {hover}; color: {faint}; }}
QPushButton:focus {{ border: 1px solid {accent}; padding: 0 13px; min-height: 26px; }}
QPushButton[usual="true"] {{ background: {accent}; color: {on_accent}; font-weight: 600; }}
QPushButton[usual="true"]:hover {{ background: {accent_hover}; }}
QPushButton[usual="true"]:focus {{ border: 1px solid {text}; }}
QPushButton[usual="true"]:disabled {{ background: {hover}; color: {faint}; }}
QLineEdit, QSpinBox, QKeySequenceEdit QLineEdit {{ min-height: 26px; }}
QSpinBox, QComboBox {{ background: {well}; color: {text}; border: 1px solid {rim};
    border-radius: 6px; padding: 0 8px; min-height: 26px; min-width: 96px;
    selection-background-color: {accent}; selection-color: {on_accent}; }}
QSpinBox QLineEdit {{ background: transparent; border: none; padding: 0 6px; min-height: 0; }}
QSpinBox::up-button, QSpinBox::down-button {{ width: 0; border: none; }}
QSpinBox:focus, QComboBox:focus {{ border-color: {accent}; }}
QComboBox::drop-down {{ border: none; width: 24px; }}
QComboBox::down-arrow {{ image: url({chevron}); width: 12px; height: 12px; }}
QComboBox QAbstractItemView {{ background: {node}; color: {text}; border: 1px solid {edge};
    selection-background-color: {fill}; selection-color: {text}; }}
QCheckBox {{ color: {text}; spacing: 8px; min-height: 24px; }}
QCheckBox::indicator {{ width: 14px; height: 14px; border: 1px solid {faint}; border-radius: 4px;
    background: {well}; }}
QCheckBox::indicator:hover, QCheckBox::indicator:focus {{ border-color: {accent}; }}
QCheckBox::indicator:checked {{ background: {accent}; border-color: {accent};
    image: url({check}); }}
QListView#list, QTreeView#list {{ background: {well}; color: {text}; border: 1px solid {edge};
    border-radius: 6px; padding: 4px; }}
QDockWidget QListView#list {{ border: none; border-radius: 0; background: {chrome}; }}
QListView#list::item, QTreeView#list::item {{ min-height: 24px; padding: 0 8px; }}
QListView#list::item:hover, QTreeView#list::item:hover {{ background: {hover}; }}
QListView#list::item:selected, QTreeView#list::item:selected {{ background: {fill};
    color: {text}; }}
QTreeView#list {{ show-decoration-selected: 1; }}
QTreeView#list::branch {{ background: transparent; }}
QTreeView#list::branch:selected {{ background: {fill}; }}
QTreeView#list::branch:hover:!selected {{ background: {hover}; }}
QHeaderView {{ background: transparent; border: none; }}
QHeaderView::section {{ background: {well}; color: {muted}; border: none;
    border-bottom: 1px solid {edge}; padding: 4px 8px; }}
QListWidget#pages {{ background: {well}; border: none; border-right: 1px solid {edge};
    padding: 12px 8px; }}
QListWidget#pages::item {{ min-height: 32px; padding: 0 12px; border-radius: 6px;
    color: {text}; }}
QListWidget#pages::item:hover {{ background: {hover}; }}
QListWidget#pages::item:selected {{ background: {fill}; color: {text}; }}
QFrame#notice {{ background: {title}; border: none; border-bottom: 1px solid {edge}; }}
QFrame#notice QLabel {{ color: {text}; }}
QTabBar {{ background: {chrome}; }}
QTabBar::tab {{ background: transparent; color: {muted}; border: none; padding: 0 4px 0 12px;
    height: 34px; }}
QTabBar::tab:hover {{ background: {hover}; color: {text}; }}
QTabBar::tab:selected {{ background: {canvas}; color: {text}; }}
QToolButton#small {{ padding: 0; height: 20px; border-radius: 4px; color: {muted}; font-size: 15px;
    min-width: 20px; max-width: 20px; min-height: 20px; max-height: 20px; }}
QToolButton#small:hover {{ background: {fill}; color: {text}; }}
QWidget#dock-title {{ background: {chrome}; border-bottom: 1px solid {edge}; }}
QWidget#dock-title QLabel {{ color: {text}; font-weight: 600; }}
QMainWindow::separator {{ background: {edge}; width: 1px; height: 1px; }}
QMessageBox {{ background: {chrome}; }}
"""
