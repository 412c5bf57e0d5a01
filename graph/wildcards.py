"""Wildcards in prompts: `__colour__` stands for a line of `colour.txt`, `{a|b}` for a or b.

The files lie in the artist's folders of the kind "wildcard", one text on each line; `#` begins a
comment. A line may hold wildcards itself. Which line is taken depends on the seed, the name, and
how often that name came before, and on nothing else: the same text, files and seed give the same
prompt on every machine, and one more wildcard does not change what the others stand for.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from typing import TYPE_CHECKING

from graph.errors import MissingFileError
from graph.params import FileRef

if TYPE_CHECKING:
    from pathlib import Path

    from graph.files import FileIndex

KIND = "wildcard"
SUFFIX = ".txt"
_NAME = re.compile(r"__([^\W_](?:[\w ./-]*?[^\W_])?)__")
_CHOICE = re.compile(r"\{([^{}]*)\}")
_LARGEST = 8 << 20
"""Bytes of a wildcard file."""
_LONGEST = 100_000
"""Characters that a filled prompt may have: lines that name lists that name lists grow fast."""
_MOST = 2000
"""Wildcards that are filled in for one prompt."""


class WildcardError(MissingFileError):
    """A wildcard that cannot be filled in: its file is of no use, or names itself."""


def names(text: str) -> list[str]:
    """Return the names of the wildcards in `text`, each once, in the order of their coming."""
    return list(dict.fromkeys(_NAME.findall(text)))


def spans(text: str) -> list[tuple[int, int]]:
    """Return where the wildcards in `text` begin and end."""
    return [match.span() for match in _NAME.finditer(text)]


def files_of(text: str, files: FileIndex) -> dict[str, Path]:
    """Return the file of every wildcard in `text`, and of those in the lines of these files.

    Raises:
        MissingFileError: A wildcard has no file; the message says where to put it.
        WildcardError: A file cannot be read.
    """
    found: dict[str, Path] = {}
    waiting = names(text)
    while waiting:
        name = waiting.pop(0)
        if name not in found:
            found[name] = files.find(FileRef(name + SUFFIX), KIND)
            waiting += names("\n".join(lines(found[name])))
    return found


def fingerprints(text: str | None, files: FileIndex) -> list[tuple[str, str]]:
    """Return name and sha256 of each file that `text` depends on; of all files for None.

    None stands for a text that is not known yet, because a wire brings it.
    """
    if text is None:
        known = files.names(KIND, (SUFFIX,))
        paths = {name.removesuffix(SUFFIX): files.find(FileRef(name), KIND) for name in known}
    else:
        paths = files_of(text, files)
    return sorted((name, files.fingerprint(path)) for name, path in paths.items())


def lines(path: Path) -> list[str]:
    """Return the texts in a wildcard file.

    Raises:
        WildcardError: It cannot be read, is too large, or holds none.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise WildcardError(f"{path.name} is larger than {_LARGEST >> 20} MB: split it")
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise WildcardError(f"{path.name} is no UTF-8 text: save it as UTF-8") from error
    except OSError as error:
        raise WildcardError(f"{path}: {error.strerror or error}") from error
    found = [line.strip() for line in text.splitlines()]
    found = [line for line in found if line and not line.startswith("#")]
    if not found:
        raise WildcardError(f"{path.name} holds no line to choose from: write one a line")
    return found


def filled(text: str, files: FileIndex, seed: int) -> str:
    """Return `text` with a line in the place of each wildcard and one choice of each `{a|b}`.

    Raises:
        MissingFileError: A wildcard has no file; the message says where to put it.
        WildcardError: A file cannot be read, or wildcards name one another in a circle.
    """
    return _Filler(files, seed).fill(text)


class _Filler:
    """Fills in one prompt."""

    def __init__(self, files: FileIndex, seed: int) -> None:
        self._files = files
        self._seed = seed
        self._lines: dict[str, list[str]] = {}
        self._came: Counter[str] = Counter()
        self._count = 0

    def fill(self, text: str, inside: tuple[str, ...] = ()) -> str:
        filled = _NAME.sub(lambda match: self._line(match[1], inside), text)
        while (match := _CHOICE.search(filled)) is not None:
            options = match[1].split("|")
            chosen = options[self._pick("|", len(options))]
            filled = filled[: match.start()] + chosen + filled[match.end() :]
        if len(filled) > _LONGEST:
            raise WildcardError(f"the filled prompt is longer than {_LONGEST} characters")
        return filled

    def _line(self, name: str, inside: tuple[str, ...]) -> str:
        if name in inside:
            way = " -> ".join((*inside[inside.index(name) :], name))
            raise WildcardError(f"wildcards name one another in a circle: {way}")
        if name not in self._lines:
            self._lines[name] = lines(self._files.find(FileRef(name + SUFFIX), KIND))
        found = self._lines[name]
        return self.fill(found[self._pick(name, len(found))], (*inside, name))

    def _pick(self, name: str, count: int) -> int:
        self._count += 1
        if self._count > _MOST:
            raise WildcardError(f"the prompt holds more than {_MOST} wildcards")
        self._came[name] += 1
        # A digest and no generator: those may draw otherwise in another version of Python.
        word = f"{self._seed}\0{name}\0{self._came[name]}".encode()
        return int.from_bytes(hashlib.blake2b(word, digest_size=8).digest(), "big") % count
