"""The folders of journals: one a running program, and those of programs that did not end properly.

    STATE/sessions/20261121T090000-4711-1f2e3d4c/
        owner.lock      held by the program while it lives
        1.journal       a document
        fault.log       what was written when it crashed in native code

A program that ends properly removes its folder. One whose lock is free belongs to nobody: its
documents are offered at the next start, and taken over by moving their journals.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import platformdirs
from PySide6.QtCore import QObject, Signal

from app.journal.lines import SAVED, Head, Saved, bytes_path, sound
from app.journal.recorder import Recorder
from app.journal.replay import Replayed, replay
from app.journal.writer import Writer
from app.locks import Held, take

if TYPE_CHECKING:
    from app.document import Document

_LOCK = "owner.lock"
_SUFFIX = ".journal"
_TRIES, _PAUSE = 3, 0.02


def state_folder() -> Path:
    """Return where this user's journals, locks and crash reports lie."""
    return Path(platformdirs.user_state_path("sfumato", appauthor=False))


@dataclass(frozen=True, slots=True)
class Leftover:
    """A document that can be restored."""

    journal: Path
    path: Path | None
    template: str

    @property
    def name(self) -> str:
        """What to call it; empty when it had neither file nor template."""
        return self.path.stem if self.path is not None else self.template


@dataclass(slots=True)
class Leftovers:
    """What programs left behind that did not end properly; held, so that no other offers it."""

    documents: list[Leftover] = field(default_factory=list)
    folders: list[tuple[Path, Held]] = field(default_factory=list)

    def forget(self) -> None:
        """Remove all of it for good."""
        for folder, held in self.folders:
            for path in folder.glob("*"):
                if path.name != _LOCK:
                    with contextlib.suppress(OSError):
                        path.unlink()
            held.release()
            _remove(folder)
        self.documents, self.folders = [], []

    def leave(self) -> None:
        """Let go of it, for the next start to offer."""
        for _, held in self.folders:
            held.release()
        self.documents, self.folders = [], []


class Journal(QObject):
    """The journals of this program.

    Signals:
        failed(str): edits are not written down any more; the text says why. Told once.
        mended(): they are again.
    """

    failed = Signal(str)
    mended = Signal()
    _trouble = Signal(object, str)
    _begun = Signal(object)
    _grown = Signal(object)

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        """Make a folder of our own below `folder`, and hold it."""
        super().__init__(parent)
        self.sessions_folder = folder / "sessions"
        """Where the folders of all programs lie, one each."""
        self.locks_folder = folder / "locks"
        """Where locks of the files lie that programs have open."""
        stamp = time.strftime("%Y%m%dT%H%M%S")
        self.folder = self.sessions_folder / f"{stamp}-{os.getpid()}-{secrets.token_hex(4)}"
        """That of this one."""
        self._held: Held | None = None
        self._recorders: dict[Path, Recorder] = {}
        self._number = 0
        self._broken: set[Path] = set()
        # Told on the writer's thread, heard on this one.
        self._trouble.connect(self._not_written)
        self._begun.connect(self._is_written)
        self._grown.connect(self._renew)
        self._writer = Writer(self._trouble.emit, self._begun.emit, self._grown.emit)
        self._hold()

    def _hold(self) -> None:
        # Where there is no lock to be had, the first journal that cannot be written tells of it.
        for _ in range(_TRIES):  # another program may be looking into the folder
            with contextlib.suppress(OSError):
                self.folder.mkdir(parents=True, exist_ok=True)
                self._held = self._held or take(self.folder / _LOCK)
            if self._held is not None:
                return
            time.sleep(_PAUSE)

    # Documents of this program

    def record(self, document: Document) -> None:
        """Write down what is done to `document` from now on."""
        recorder = Recorder(document, self._fresh_path(), self._writer)
        self._recorders[recorder.path] = recorder
        recorder.begin()

    def _fresh_path(self) -> Path:
        self._number += 1
        return self.folder / f"{self._number}{_SUFFIX}"

    def records(self, document: Document) -> bool:
        """Say whether what is done to `document` is written down."""
        return any(recorder.parent() is document for recorder in self._recorders.values())

    def drop(self, document: Document) -> None:
        """Forget `document`: it was closed, and what was not saved was given up."""
        for path, recorder in tuple(self._recorders.items()):
            if recorder.parent() is document:
                recorder.drop()
                del self._recorders[path]
                self._is_written(path)

    def flush(self) -> bool:
        """Wait until all that was done so far is written; say whether it is."""
        return self._writer.flush()

    def close(self) -> None:
        """End; the journals of documents that are still open stay, to be offered again."""
        self._writer.close()
        if self._held is not None:
            self._held.release()
        self._held = None
        _remove(self.folder)

    # Trouble

    def _not_written(self, path: Path, words: str) -> None:
        first = not self._broken
        if path in self._recorders:
            self._broken.add(path)
            if first:
                self.failed.emit(words)

    def retry(self) -> None:
        """Begin the journals anew that could not be written."""
        if not self._broken:
            return
        self._hold()
        for path in self._broken:
            self._recorders[path].begin()

    def _is_written(self, path: Path) -> None:
        if path in self._broken:
            self._broken.discard(path)
            if not self._broken:
                self.mended.emit()

    def _renew(self, path: Path) -> None:
        if path in self._recorders:
            self._recorders[path].begin()

    # Documents of programs that are gone

    def leftovers(self) -> Leftovers:
        """Return what programs left behind that did not end properly."""
        found = Leftovers()
        for folder in sorted(self.sessions_folder.glob("*")):
            if folder != self.folder and folder.is_dir():
                with contextlib.suppress(OSError):
                    self._look_into(folder, found)
        return found

    @staticmethod
    def _look_into(folder: Path, found: Leftovers) -> None:
        held = take(folder / _LOCK)
        if held is None:
            return
        documents = [worth for path in _journals(folder) if (worth := _worth(path))]
        if documents:
            found.documents += documents
            found.folders.append((folder, held))
        else:
            held.release()
            _remove(folder)

    def adopt(self, leftover: Leftover, replayed: Replayed) -> Path:
        """Make the journal of `leftover` one of ours, in one step; return where it is now.

        Raises:
            OSError: It cannot be moved; it stays where it was.
        """
        path = self._fresh_path()
        leftover.journal.replace(path)
        self._writer.resume(path, replayed.length, replayed.check)
        return path

    def resume(self, document: Document, path: Path, *, anew: bool = False) -> None:
        """Go on with the journal `path`, which gave `document`; write it `anew` if that differs."""
        self._recorders[path] = recorder = Recorder(document, path, self._writer)
        if anew:
            recorder.begin()


def read_leftover(leftover: Leftover) -> Replayed | None:
    """Return what the journal of `leftover` gives, if anything."""
    try:
        return replay(leftover.journal.read_bytes())
    except OSError:
        return None


def _journals(folder: Path) -> list[Path]:
    """Return the journals in `folder`, in the order in which they were begun."""
    return sorted(folder.glob(f"*{_SUFFIX}"), key=lambda path: (len(path.name), path.name))


def _worth(journal: Path) -> Leftover | None:
    """Return the document of `journal`; None, and it is deleted, when nothing was done in it."""
    texts = [text for text, _, _ in sound(journal.read_bytes())]
    saved = next((text for text in reversed(texts) if text.startswith(SAVED)), b"")
    try:
        head = msgspec.json.decode(texts[0], type=Head)
        path = msgspec.json.decode(saved, type=Saved).path if saved else head.path
    except (IndexError, msgspec.DecodeError):
        return None  # of another version of the program, or damaged: not ours to delete
    if not path and len(texts) == 1:
        journal.unlink()
        return None
    return Leftover(journal, bytes_path(path), head.template)


def _remove(folder: Path) -> None:
    """Remove `folder` if nothing in it is worth keeping: no journal, no report of a crash."""
    with contextlib.suppress(OSError):
        kept = [path for path in folder.iterdir() if _matters(path)]
        if not kept:
            shutil.rmtree(folder)


def _matters(path: Path) -> bool:
    return path.suffix == _SUFFIX or (path.name == "fault.log" and path.stat().st_size > 0)
