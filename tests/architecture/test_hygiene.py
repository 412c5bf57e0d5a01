"""What may not stand in any file, and how large a file or a function may be."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

import pytest

from tests.architecture.tree import ROOT, tracked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LONGEST_FILE = 600
LONGEST_FUNCTION = 60

# Put together here, so that this file does not hold them either.
FORBIDDEN = {
    "a package index: pip's own configuration names it": re.compile(
        "|".join(["py" + r"pi\.org", "python" + "hosted", r"download\.py" + "torch"])
    ),
    "a place outside the repository": re.compile(r"\.\./" + r"shared\b|(?<![\w.}])/" + "work/"),
}


def words(file: Path) -> str:
    """The text of a file; nothing for one that is no text, such as weights or fonts."""
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def sources() -> Iterator[Path]:
    return (file for file in tracked() if file.suffix == ".py")


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_tracked_file_names(what: str) -> None:
    found = [file.relative_to(ROOT) for file in tracked() if FORBIDDEN[what].search(words(file))]
    assert not found, f"{what}: {', '.join(map(str, found))}"


def test_the_patterns_find_what_they_forbid() -> None:
    bad = ("https://py" + "pi.org/simple", "see ../" + "shared/x", "open('/" + "work/main')")
    for text in bad:
        assert any(pattern.search(text) for pattern in FORBIDDEN.values()), text


def test_no_file_is_too_long_to_read() -> None:
    lengths = {file: len(file.read_text(encoding="utf-8").splitlines()) for file in sources()}
    assert {file: n for file, n in lengths.items() if n > LONGEST_FILE} == {}


def test_no_function_is_too_long_to_read() -> None:
    long = [
        f"{file.relative_to(ROOT)}:{node.lineno} {node.name}"
        for file in sources()
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or node.lineno) - node.lineno >= LONGEST_FUNCTION
    ]
    assert not long
