"""Files that graphs name: where they lie on this machine, and what is in them.

A graph names a file by a relative name and a digest (`graph.params.FileRef`). `FileIndex` finds it
in the folders that the user has, and fingerprints it: sha256 of the content for a file, sha256 over
the sorted names and digests of its files for a folder. Digests are remembered by path, size and
modification time, so that a checkpoint is read once. What is remembered is shared by the processes
that name the same memory file: the engine finds what the window was shown.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from pathlib import Path
from stat import S_ISREG
from typing import TYPE_CHECKING

import msgspec

from graph.errors import MissingFileError
from graph.params import FileRef, is_portable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_CHUNK = 1 << 20
_SETTLED = 2_000_000_000
"""Nanoseconds after which a second write to a file gets another modification time."""


class _Seen(msgspec.Struct, frozen=True):
    """What a file looked like when it was fingerprinted."""

    size: int
    mtime_ns: int
    sha256: str


class _Memory(msgspec.Struct):
    """What the index keeps between sessions."""

    seen: dict[str, _Seen] = {}
    places: dict[str, str] = {}
    """Name of a file outside the known folders -> absolute path, on this machine only."""


class FileIndex:
    """Finds and fingerprints files; one for a process."""

    def __init__(
        self,
        folders: Mapping[str, Iterable[Path]] | None = None,
        named: Mapping[str, Path] | None = None,
        memory: Path | None = None,
        kinds: Mapping[str, str] | None = None,
    ) -> None:
        """Search `folders` (by kind; the kind "" is searched for all) and the files `named`.

        `kinds` says of what kind each named file is; a checkpoint where it does not.

        `memory` is a JSON file that keeps digests and remembered places between sessions; it is
        only a cache: one that cannot be read is begun anew.
        """
        self._folders = {kind: tuple(paths) for kind, paths in (folders or {}).items()}
        self._named = dict(named or {})
        self._kinds = dict(kinds or {})
        self._memory_path = memory
        self._memory = _Memory()
        self._learned = _Memory()
        """What was remembered here and is not written yet."""
        self._read: tuple[int, int] | None = None
        self._refresh()

    def with_folder(self, kind: str, folder: Path) -> None:
        """Search `folder` too, such as the folder of the document that was opened."""
        known = self._folders.get(kind, ())
        if folder not in known:
            self._folders[kind] = (folder, *known)

    def without_folder(self, kind: str, folder: Path) -> None:
        """Search `folder` no more."""
        known = self._folders.get(kind, ())
        self._folders[kind] = tuple(other for other in known if other != folder)

    def names(self, kind: str, suffixes: tuple[str, ...], *, folders: bool = False) -> list[str]:
        """Return the names of all files of `kind` that the folders hold, sorted."""
        found = {name for name in self._named if self._kinds.get(name, "checkpoint") == kind}
        for folder in self._roots(kind):
            for path in _walk(folder, suffixes, folders=folders):
                found.add(path.relative_to(folder).as_posix())
        return sorted(found)

    def remember(self, path: Path, kind: str = "") -> FileRef:
        """Return a portable reference to `path`, and remember where it lies on this machine."""
        whole = Path(os.path.normpath(path.expanduser().absolute()))
        for folder in self._roots(kind):
            if whole.is_relative_to(folder):
                return FileRef(whole.relative_to(folder).as_posix())
        self._refresh()
        name = self._distinct(whole, kind)
        self._memory.places[name] = self._learned.places[name] = str(whole)
        self._save()
        return FileRef(name)

    def _distinct(self, whole: Path, kind: str) -> str:
        """Return the name of `whole`, after as many of its folders as tell it from other files."""
        name = whole.name
        for count in range(1, len(whole.parts)):
            name = "/".join(whole.parts[-count:])
            found = (place for place in self._candidates(name, kind) if place.exists())
            if all(place == whole for place in found):
                break
        return name

    def find(self, ref: FileRef, kind: str) -> Path:
        """Return where the file of `ref` lies; raise `MissingFileError` saying where to put it."""
        for attempt in (self._candidates, self._fresh_candidates):
            for path in attempt(ref.name, kind):
                if path.exists():
                    return path
        places = [str(folder) for folder in self._roots(kind)]
        where = places[0] if places else "a folder of its kind; none is set"
        more = f" (or one of {len(places) - 1} other folders)" if places[1:] else ""
        message = f"the {kind or 'file'} {ref.name!r} is not here: put it into {where}{more}"
        raise MissingFileError(message)

    def _candidates(self, name: str, kind: str) -> Iterable[Path]:
        if name in self._named:
            yield self._named[name]
        if is_portable(name):
            for folder in self._roots(kind):
                yield folder / name
        if name in self._memory.places:
            yield Path(self._memory.places[name])

    def _fresh_candidates(self, name: str, kind: str) -> Iterable[Path]:
        self._refresh()
        return self._candidates(name, kind)

    def _roots(self, kind: str) -> tuple[Path, ...]:
        return (*self._folders.get(kind, ()), *(self._folders.get("", ()) if kind else ()))

    def fingerprint(self, path: Path) -> str:
        """Return the sha256 of the file or folder at `path`, hexadecimal."""
        if not path.is_dir():
            return self._file(path)
        state = hashlib.sha256()
        for item in sorted(p for p in path.rglob("*") if p.is_file() and not _hidden(p, path)):
            name = os.fsencode(item.relative_to(path).as_posix())
            state.update(name + f"\0{self._file(item)}\n".encode())
        return state.hexdigest()

    def _file(self, path: Path) -> str:
        stat = path.stat()
        if not S_ISREG(stat.st_mode):
            raise MissingFileError(f"{path} is not a plain file: choose another")
        key = str(path.absolute())
        seen = self._memory.seen.get(key)
        if seen and (seen.size, seen.mtime_ns) == (stat.st_size, stat.st_mtime_ns):
            return seen.sha256
        state = hashlib.sha256()
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                state.update(chunk)
        # A file that is still being written may change once more without another time.
        if not 0 <= time.time_ns() - stat.st_mtime_ns < _SETTLED:
            now = _Seen(stat.st_size, stat.st_mtime_ns, state.hexdigest())
            self._memory.seen[key] = self._learned.seen[key] = now
            self._save()
        return state.hexdigest()

    def _refresh(self) -> None:
        """Take in what another process has remembered meanwhile."""
        stamp = _stamp(self._memory_path)
        if stamp == self._read or self._memory_path is None:
            return
        found = _read_memory(self._memory_path)
        # What this process learned itself since it last wrote is newer.
        self._memory.seen = {**self._memory.seen, **found.seen, **self._learned.seen}
        self._memory.places = {**self._memory.places, **found.places, **self._learned.places}
        self._read = stamp

    def _save(self) -> None:
        if self._memory_path is None:
            return
        self._refresh()
        partial = self._memory_path.with_name(f"{self._memory_path.name}.{os.getpid()}.tmp")
        try:
            partial.parent.mkdir(parents=True, exist_ok=True)
            partial.write_bytes(msgspec.json.encode(self._memory))
            partial.replace(self._memory_path)
            self._learned = _Memory()
        except (OSError, UnicodeEncodeError):
            # A full or read-only disk, or a name that is no text, costs time and nothing else.
            with contextlib.suppress(OSError):
                partial.unlink(missing_ok=True)
        self._read = _stamp(self._memory_path)


def is_model_folder(files: Iterable[str]) -> bool:
    """Say whether a folder with `files` is one model, as diffusers and transformers save it.

    That is a pipeline of parts in folders, or one network with its weights beside.
    """
    names = set(files)
    if "model_index.json" in names:
        return True
    return "config.json" in names and any(name.endswith(".safetensors") for name in names)


def _stamp(path: Path | None) -> tuple[int, int] | None:
    try:
        stat = path.stat() if path else None
    except OSError:
        return None
    return (stat.st_size, stat.st_mtime_ns) if stat else None


def _hidden(path: Path, folder: Path) -> bool:
    """Say whether a part of `path` below `folder` begins with a dot: what systems leave about."""
    return any(part.startswith(".") for part in path.relative_to(folder).parts)


def _read_memory(path: Path) -> _Memory:
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Memory)
    except (OSError, msgspec.DecodeError):
        return _Memory()


def _walk(folder: Path, suffixes: tuple[str, ...], *, folders: bool) -> Iterable[Path]:
    """Yield files with one of `suffixes`, and model folders when `folders`.

    What lies in a model folder belongs to it and is no model of its own.
    """
    for where, inner, files in os.walk(folder):
        here = Path(where)
        if folders and here != folder and is_model_folder(files):
            inner.clear()
            yield here
            continue
        for name in files:
            if name.lower().endswith(suffixes):
                yield here / name
