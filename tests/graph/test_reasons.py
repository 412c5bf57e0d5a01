"""Reasons in words."""

from __future__ import annotations

from typing import get_args

import pytest

from graph.params import FileRef, show
from graph.reasons import (
    EnvironmentChanged,
    Evicted,
    FileChanged,
    FirstRun,
    Forced,
    InputChanged,
    OutputMissing,
    ParamChanged,
    Reason,
    TypeChanged,
    Volatile,
    explain,
    explain_all,
)

WORDS: list[tuple[Reason, str]] = [
    (FirstRun(), "first run"),
    (ParamChanged("seed", 1, 2), "seed: 1 → 2"),
    (ParamChanged("text", "a\nb", "c" * 99), f"text: a b → {'c' * 39}…"),
    (InputChanged("image", "load"), "image changed (load)"),
    (InputChanged("image", ""), "image is no longer wired"),
    (FileChanged("file", "a.png"), "file: the file a.png changed"),
    (TypeChanged("a 1", "a 2"), "node type a 1 → a 2"),
    (EnvironmentChanged(), "device or library changed"),
    (Evicted(), "result was evicted from memory"),
    (Volatile(), "runs every time"),
    (Forced(), "forced"),
    (OutputMissing("out.png"), "out.png is gone"),
]


@pytest.mark.parametrize(("reason", "words"), WORDS)
def test_each_in_words(reason: Reason, words: str) -> None:
    assert explain(reason) == words


def test_all_are_covered() -> None:
    assert {type(reason) for reason, _words in WORDS} == set(get_args(Reason))


def test_several_in_one_line() -> None:
    assert explain_all((Forced(), Volatile())) == "forced; runs every time"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.1, "0.1"), (1e9, "1e+09"), (FileRef("a/b.png"), "a/b.png"), (None, "None"), (True, "True"),
     ((1, "a"), "(1, 'a')")],
)  # fmt: skip
def test_values_as_a_person_writes_them(value: float | FileRef | None, text: str) -> None:
    assert show(value) == text
