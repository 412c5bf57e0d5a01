"""Weights in prompts: where they stand, and how a key changes them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.promptmarks import MOST, Kind, groups, marks, parse, reweigh

PROMPTS = st.text(alphabet="ab ()[]:\\.1-,\n星", max_size=30)


def changed(marked: str, change: float) -> str:
    """Reweigh `marked`, in which `<` and `>` stand around the selection; mark the new one."""
    start = marked.index("<")
    end = marked.index(">") - 1
    found = reweigh(marked.replace("<", "").replace(">", ""), start, end, change)
    if found is None:
        return "nothing"
    text, first, last = found.text, found.start, found.end
    return f"{text[:first]}<{text[first:last]}>{text[last:]}"


@pytest.mark.parametrize(
    ("before", "change", "after"),
    [
        ("a r<>ed star", 0.1, "a (<red>:1.1) star"),
        ("a <red> star", 0.1, "a (<red>:1.1) star"),
        ("a< red >star", 0.1, "a (<red>:1.1) star"),
        ("a (<red>:1.1) star", 0.1, "a (<red>:1.2) star"),
        ("a (r<>ed:1.1) star", 0.1, "a (<red>:1.2) star"),
        ("a (red:1.<>1) star", 0.1, "a (<red>:1.2) star"),
        ("a (<red>:1.1) star", -0.1, "a <red> star"),
        ("a <(red:1.1)> star", -0.2, "a (<red>:0.9) star"),
        ("a (re<>d) star", 0.1, "a (<red>:1.2) star"),
        ("a [re<>d] star", 0.1, "a <red> star"),
        ("a [re<>d] star", -0.1, "a (<red>:0.8) star"),
        ("a <red star>", 0.1, "a (<red star>:1.1)"),
        ("<a (red:1.2)> star", 0.1, "(<a (red:1.2)>:1.1) star"),
        ("((r<>ed:1.2) star:1.3)", 0.1, "((<red>:1.3) star:1.3)"),
        ("((red:1.2) st<>ar:1.3)", 0.1, "(<(red:1.2) star>:1.4)"),
        ("red<>, star", 0.1, "(<red>:1.1), star"),
        ("<>", 0.1, "nothing"),
        ("red < > star", 0.1, "nothing"),
        ("a <(red> star)", 0.1, "nothing"),
        ("a (red:1.<2) star>", 0.1, "nothing"),
        (r"<a \>) b", 0.1, "nothing"),
        ("星<>", 0.1, "(<星>:1.1)"),
        ("a <red) star>", 0.1, "nothing"),
        (r"\r<>ed", 0.1, "nothing"),
        ("(red:4.<>95)", 0.1, f"(<red>:{MOST:g})"),
        ("(red:0.0<>)", -0.1, "(<red>:0)"),
    ],
)
def test_a_weight_is_changed(before: str, change: float, after: str) -> None:
    assert changed(before, change) == after


@given(PROMPTS, st.integers(0, 30), st.integers(0, 30))
def test_words_stay_what_they_are(prompt: str, one: int, other: int) -> None:
    start, end = min(one, len(prompt)), min(other, len(prompt))
    found = reweigh(prompt, start, end, 0.1)
    if found is None:
        return
    assert 0 <= found.start <= found.end <= len(found.text)
    if not any(group.end == group.inner_end for group in groups(prompt)):
        said = "".join(text for text, _ in parse(prompt))
        assert "".join(text for text, _ in parse(found.text)) == said


@given(PROMPTS)
def test_marks_cover_the_prompt(prompt: str) -> None:
    found = marks(prompt)
    assert "".join(prompt[mark.start : mark.end] for mark in found) == prompt
    assert all(mark.start < mark.end for mark in found)


def test_marks_know_their_weights() -> None:
    found = {(mark.text, mark.kind): mark.weight for mark in marks("a (red:1.5) [b]")}
    assert found["red", Kind.TEXT] == 1.5
    assert found["b", Kind.TEXT] == pytest.approx(1 / 1.1)
    assert found["(", Kind.OPEN] == 1.5


def test_ten_thousand_brackets_take_no_time() -> None:
    assert len(parse("(" * 10_000 + "a")) == 1
