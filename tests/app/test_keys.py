"""Keys and commands: each has the other, and no two want the same."""

from __future__ import annotations

from collections import Counter

from PySide6.QtGui import QKeySequence

from app.commands import all_commands
from app.editing_commands import ON_SELECTION
from app.keys import Where, bindings


def test_each_command_has_a_binding_and_each_binding_a_command() -> None:
    commands = {command.name for command in all_commands()}
    listed = {name for name, found in bindings().items() if found.where is not Where.HELD}
    assert commands == listed
    assert set(ON_SELECTION) <= commands


def test_no_key_means_two_things() -> None:
    keys = Counter(QKeySequence(key).toString() for b in bindings().values() for key in b.keys)
    assert [key for key, count in keys.items() if count > 1] == []
    assert "" not in keys


def test_each_says_what_it_does() -> None:
    for binding in bindings().values():
        assert binding.title[0].isupper()
        assert binding.section
