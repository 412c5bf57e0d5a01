"""A document's undo history from the lines of its journal, and the lines from a history."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from app.history import History, Step
from app.journal.codec import apply, difference
from app.journal.lines import (
    VERSION,
    Begun,
    Detached,
    Edited,
    Line,
    Saved,
    Travelled,
    bytes_path,
    path_bytes,
    sound,
)
from graph.graph import Graph

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_WHOLE = msgspec.json.Decoder(Line)


@dataclass(slots=True)
class Remembered:
    """A document as its journal knows it."""

    graph: Graph
    saved: Graph | None
    """The graph that is in the file; None when that is no longer known."""
    path: Path | None = None
    digest: str = ""
    """sha256 of what was in the file when it was last read or written."""
    template: str = ""
    history: History = field(default_factory=History)


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a journal gave."""

    document: Remembered
    length: int
    """Bytes up to the end of the last line that is whole."""
    check: int
    """Checksum of that line."""


def replay(data: bytes) -> Replayed | None:
    """Return the document in a journal, as far as it is whole; None when not even its beginning is.

    What follows a damaged line is not looked at: it tells of edits to a graph that is not known.
    """
    document: Remembered | None = None
    length = check = 0
    for text, end, sum_ in sound(data):
        try:
            line = _WHOLE.decode(text)
            document = _after(document, line)
        except (msgspec.MsgspecError, KeyError, TypeError, ValueError):
            break
        length, check = end, sum_
    return None if document is None else Replayed(document, length, check)


def _after(document: Remembered | None, line: Line) -> Remembered:
    if isinstance(line, Begun):
        if document is not None or line.version > VERSION:
            raise ValueError("a journal that begins twice, or of a newer program")
        base = apply(line.base, Graph())
        path = bytes_path(line.path)
        return Remembered(base, base if line.clean else None, path, line.digest, line.template)
    if document is None:
        raise ValueError("a journal without a beginning")
    match line:
        case Edited():
            _edit(document, line)
        case Travelled(position):
            document.graph = document.history.travel(position) or document.graph
        case Saved(path_, digest):
            document.path, document.digest = bytes_path(path_), digest
            document.saved = document.graph
        case Detached(digest):
            document.digest, document.saved = digest, None
    return document


def _edit(document: Remembered, line: Edited) -> None:
    after = apply(line.patch, document.graph)
    step = Step(line.name, document.graph, after)
    if line.merged and document.history.position:
        document.history.extend(step)
    else:
        document.history.record(step)
    document.graph = after


def told(document: Remembered) -> Iterator[Line]:
    """Yield the lines of a journal that gives back `document`.

    They are made as they are asked for: a long history need not be encoded in one go.
    """
    steps, position = document.history.steps, document.history.position
    base = steps[0].before if steps else document.graph
    yield Begun(
        difference(Graph(), base),
        path=path_bytes(document.path),
        digest=document.digest,
        template=document.template,
        clean=base is document.saved,
    )
    for step in steps:
        yield Edited(step.name, difference(step.before, step.after))
        if step.after is document.saved:
            yield Saved(path_bytes(document.path), document.digest)
    if position != len(steps):
        yield Travelled(position)
