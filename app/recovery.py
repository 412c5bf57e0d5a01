"""Offering back what a program that did not end properly had open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.filer import words_of
from app.filing import remembered_document
from app.journal.sessions import Leftovers, read_leftover
from app.logbook import Level
from app.questions import ask_forget
from app.words import translate

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.document import Document
    from app.journal.sessions import Journal, Leftover
    from app.program import Program
    from app.window import MainWindow
    from app.workspace import Workspace

KEY = "recovery"
_NAMED = 4


class Recovery(QObject):
    """Shows a bar while something can be restored; nothing is lost until that was answered."""

    def __init__(self, program: Program, journal: Journal) -> None:
        super().__init__(program)
        self._program = program
        self._journal = journal
        self._left = Leftovers()

    def look(self) -> None:
        """Look for what can be restored, and offer it."""
        self._left = self._journal.leftovers()
        if not self._left.documents:
            return
        count = len(self._left.documents)
        if count == 1:
            text = translate("Recovery", "Sfumato ended unexpectedly. “{0}” can be restored.")
            text = text.format(_names(self._left.documents))
            words = translate("Recovery", "Restore document")
        else:
            text = translate("Recovery", "Sfumato ended unexpectedly with open documents: {0}.")
            text = text.format(_names(self._left.documents))
            words = translate("Recovery", "Restore {0} documents").format(count)
        answers: dict[str, Callable[[], object]] = {
            words: self.restore,
            translate("Recovery", "Discard…"): self.discard,
        }
        self._program.tell(KEY, text, answers, stays=True, urged=True)

    def restore(self) -> None:
        """Open all of it, each document in a tab of its own, as it was."""
        self._program.drop(KEY)
        failed = [left for left in self._left.documents if not self._restored(left)]
        if failed:
            # What could not be opened now stays on disk, for another start to try.
            words = translate("Recovery", "Not restored: {0}; see the log").format(_names(failed))
            self._program.windows[0].furniture.message.warn(words)
            self._left.leave()
        else:
            self._left.forget()
        self._program.close_starter()

    def _restored(self, leftover: Leftover) -> bool:
        replayed = read_leftover(leftover)
        if replayed is None:
            return self._failed(leftover, translate("Recovery", "its journal cannot be read"))
        window = self._program.windows[0]
        document = remembered_document(replayed.document, window.workspace.document.base)
        found = self._program.find(document.path) if document.path is not None else None
        fought = found is not None and bool(found[1].document.steps)
        if fought:
            # Opened anew and edited meanwhile: both are kept, and only one may have the file.
            document.path, document.digest, document.template = None, "", document.name
            found = None
        try:
            place = self._journal.adopt(leftover, replayed)
        except OSError as error:
            return self._failed(leftover, words_of(error))
        self._journal.resume(document, place, anew=fought)
        if found is None:
            window.add_document(document)
        else:
            self._instead_of(*found, document)
        return True

    @staticmethod
    def _instead_of(window: MainWindow, old: Workspace, document: Document) -> None:
        """Show `document` for `old`, which has its file and in which nothing was done."""
        old.custody.close()  # a file has one keeper
        window.add_document(document)
        window.close_workspace(old)

    def _failed(self, leftover: Leftover, why: str) -> bool:
        self._program.log.note(f"{_names([leftover])}: {why}", Level.ERROR)
        return False

    def discard(self) -> None:
        """Give all of it up, after asking."""
        if ask_forget(self._program.windows[0], len(self._left.documents)):
            self._left.forget()
            self._program.drop(KEY)

    def close(self) -> None:
        """Leave what was not answered for the next start."""
        self._left.leave()


def _names(documents: list[Leftover]) -> str:
    names = [left.name or translate("Document", "Untitled") for left in documents]
    return ", ".join(names[:_NAMED]) + ("…" if len(names) > _NAMED else "")
