"""Text and prompts: written, weighed, counted, styled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from app.widgets.prompt import PromptField
from app.widgets.styles import read_styles, with_style
from app.widgets.text import ParagraphField, TextField

if TYPE_CHECKING:
    from pathlib import Path

    from app.document import Document
    from tests.app.widgets.conftest import Bench

CTRL, LEFT = Qt.KeyboardModifier.ControlModifier, Qt.MouseButton.LeftButton
ARABIC = "قلعة على تلة"
RTL_EMOJI = f"🏰 {ARABIC} 🏰"


@pytest.fixture
def prompt(bench: Bench) -> PromptField:
    field = bench.field("prompt")
    assert isinstance(field, PromptField)
    field.begin()
    return field


def select(field: PromptField, start: int, end: int) -> None:
    cursor = field.text.textCursor()
    cursor.setPosition(start)
    cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
    field.text.setTextCursor(cursor)


def pick(field: PromptField, text: str) -> None:
    (menu,) = (menu for menu in field.findChildren(QMenu) if menu.isVisible())
    next(action for action in menu.actions() if action.text() == text).trigger()
    menu.close()


def test_one_line_is_meant_by_return(bench: Bench, document: Document) -> None:
    field = bench.field("line")
    assert isinstance(field, TextField)
    field.begin()
    QTest.keyClicks(field.line, "star")
    assert bench.value("line") == ""
    QTest.keyClick(field.line, Qt.Key.Key_Return)
    assert bench.value("line") == "star"
    QTest.keyClicks(field.line, "s")
    QTest.keyClick(field.line, Qt.Key.Key_Escape)
    assert (bench.value("line"), field.line.text()) == ("star", "star")
    assert len(document.steps) == 1


def test_a_visit_is_one_step(bench: Bench, document: Document) -> None:
    field = bench.field("note")
    assert isinstance(field, ParagraphField)
    for text in ("a red", " star"):
        field.begin()
        QTest.keyClicks(field.text, text)
        QTest.keyClick(field.text, Qt.Key.Key_Escape)
    assert bench.value("note") == "a red star"
    assert len(document.steps) == 2
    document.undo()
    assert field.text.toPlainText() == "a red"


def test_several_texts_are_replaced_by_what_is_written(bench: Bench) -> None:
    one = bench.field("note")
    assert isinstance(one, ParagraphField)
    one.begin()
    QTest.keyClicks(one.text, "old")
    both = bench.field("note", ("one", "two"))
    assert isinstance(both, ParagraphField)
    assert both.mixed
    assert "Several texts" in both.text.placeholderText()
    both.begin()
    QTest.keyClicks(both.text, "new")
    assert (bench.value("note"), bench.value("note", "two")) == ("new", "new")


def test_keys_weigh_the_word_and_it_stays_selected(bench: Bench, prompt: PromptField) -> None:
    QTest.keyClicks(prompt.text, "a red star")
    select(prompt, 3, 3)
    for _ in range(3):
        QTest.keyClick(prompt.text, Qt.Key.Key_Up, CTRL)
    assert bench.value("prompt") == "a (red:1.3) star"
    assert prompt.text.textCursor().selectedText() == "red"
    for _ in range(3):
        QTest.keyClick(prompt.text, Qt.Key.Key_Down, CTRL)
    assert bench.value("prompt") == "a red star"


def test_emoji_and_arabic_are_weighed_where_they_stand(bench: Bench, prompt: PromptField) -> None:
    prompt.text.insertPlainText(RTL_EMOJI + " red")
    end = len((RTL_EMOJI + " red").encode("utf-16-le")) // 2
    select(prompt, end - 3, end)
    QTest.keyClick(prompt.text, Qt.Key.Key_Up, CTRL)
    assert bench.value("prompt") == f"{RTL_EMOJI} (red:1.1)"
    assert prompt.text.textCursor().selectedText() == "red"


def lit(field: PromptField) -> list[tuple[str, str]]:
    """Each part that is lit, and its colour."""
    found = []
    block = field.text.document().begin()
    while block.isValid():
        for part in block.layout().formats():
            raw = block.text().encode("utf-16-le")[2 * part.start : 2 * (part.start + part.length)]
            found.append((raw.decode("utf-16-le"), part.format.foreground().color().name()))
        block = block.next()
    return found


def test_weights_are_lit(prompt: PromptField) -> None:
    prompt.text.insertPlainText("🏰 (red:1.5) [star] (on\ntwo lines)")
    found = lit(prompt)
    assert [text for text, _ in found] == [
        "(", "red", ":1.5)", "[", "star", "]", "(", "on", "two lines", ")",
    ]  # fmt: skip
    colours = dict(found)
    assert colours["("] == colours[":1.5)"] == prompt.around.look.colours.muted.name()
    assert colours["on"] == colours["two lines"]
    assert len(set(colours.values())) == 4


def test_wildcards_are_lit(prompt: PromptField) -> None:
    prompt.text.insertPlainText("a __colour__ (star)")
    found = dict(lit(prompt))
    assert found["__colour__"] == prompt.around.look.colours.accent.name()
    assert set(found) == {"__colour__", "(", "star", ")"}


def test_a_bracket_that_opens_above_is_lit_below(bench: Bench, prompt: PromptField) -> None:
    prompt.text.insertPlainText("a\nb")
    assert lit(prompt) == []
    select(prompt, 0, 0)
    QTest.keyClicks(prompt.text, "(")
    assert [text for text, _ in lit(prompt)] == ["(", "a", "b"]
    assert bench.value("prompt") == "(a\nb"


def test_weights_that_come_from_the_document_are_lit(bench: Bench) -> None:
    bench.values.write("set", {("one", "prompt"): "a (red:1.5)"})
    field = bench.field("prompt")
    assert isinstance(field, PromptField)
    assert [text for text, _ in lit(field)] == ["(", "red", ":1.5)"]
    bench.values.write("set", {("one", "prompt"): "[a]\nb"})
    assert [text for text, _ in lit(field)] == ["[", "a", "]"]


def test_ten_thousand_characters_are_no_burden(bench: Bench, prompt: PromptField) -> None:
    prompt.text.insertPlainText("(castle:1.1), " * 715)
    assert len(str(bench.value("prompt"))) == 10010
    QTest.keyClicks(prompt.text, "x")
    assert str(bench.value("prompt")).endswith("x")


def test_tokens_are_counted_or_guessed(prompt: PromptField) -> None:
    prompt.text.insertPlainText("a red star")
    prompt.count()
    assert prompt.tokens.text() == "≈ 3 / 75"
    assert "Estimated" in prompt.tokens.toolTip()
    prompt.text.insertPlainText(" and one more" * 30)
    prompt.count()
    assert prompt.tokens.text().endswith("2 parts")


def test_styles_are_put_around_or_behind(bench: Bench, prompt: PromptField, tmp_path: Path) -> None:
    (tmp_path / "style" / "film.txt").write_text("film still,\n35 mm", encoding="utf-8")
    (tmp_path / "style" / "oil.txt").write_text("oil painting of {prompt}", encoding="utf-8")
    (tmp_path / "style" / "bad.txt").write_bytes(b"\xff\xfe\xfd")
    assert [style.name for style in read_styles(prompt.around.files)] == ["film", "oil"]
    QTest.keyClicks(prompt.text, "a star,")
    QTest.mouseClick(prompt.styles, LEFT)
    pick(prompt, "film")
    assert bench.value("prompt") == "a star, film still, 35 mm"
    QTest.mouseClick(prompt.styles, LEFT)
    pick(prompt, "oil")
    assert bench.value("prompt") == "oil painting of a star, film still, 35 mm"
    assert with_style("", "film") == "film"


def test_wildcards_are_written_where_the_cursor_is(
    bench: Bench, prompt: PromptField, tmp_path: Path
) -> None:
    (tmp_path / "wildcard" / "colour.txt").write_text("red", encoding="utf-8")
    QTest.keyClicks(prompt.text, "a  star")
    select(prompt, 2, 2)
    QTest.mouseClick(prompt.wildcards, LEFT)
    pick(prompt, "colour")
    assert bench.value("prompt") == "a __colour__ star"
