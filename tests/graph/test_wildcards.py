"""Wildcards: filled in by the seed and nothing else, and part of what a result is named by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from immutables import Map

from graph.actions import Ingredients, compare, gather
from graph.errors import MissingFileError
from graph.files import FileIndex
from graph.graph import Node, Source
from graph.reasons import FileChanged
from graph.spec import InputSpec, NodeSpec, TextWidget
from graph.wildcards import KIND, WildcardError, files_of, filled, fingerprints, names

if TYPE_CHECKING:
    from pathlib import Path

COLOURS = ("red", "green", "blue", "white", "black", "yellow")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "colour.txt").write_text("\n".join(("# colours", "", *COLOURS)), encoding="utf-8")
    (tmp_path / "animal.txt").write_text("a __colour__ cat\n__colour__ dog\n", encoding="utf-8")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "light.txt").write_text("dusk\ndawn", encoding="utf-8")
    return tmp_path


@pytest.fixture
def files(folder: Path) -> FileIndex:
    return FileIndex({KIND: [folder]})


def test_a_wildcard_becomes_one_of_the_lines(files: FileIndex) -> None:
    found = {filled("a __colour__ star", files, seed) for seed in range(100)}
    assert found == {f"a {colour} star" for colour in COLOURS}


def test_the_same_seed_gives_the_same_prompt(files: FileIndex) -> None:
    text = "__colour__ and __colour__, __deep/light__, {one|two|three}"
    assert filled(text, files, 7) == filled(text, files, 7)
    # Written down: a file that is run again years later gives the picture that it gave.
    assert filled(text, files, 7) == "black and white, dusk, one"


def test_one_more_wildcard_leaves_the_others_as_they_were(files: FileIndex) -> None:
    for seed in range(20):
        one = filled("__colour__", files, seed)
        assert filled("__deep/light__ __colour__", files, seed).endswith(one)


def test_wildcards_in_lines_are_filled_too(files: FileIndex) -> None:
    for seed in range(20):
        said = filled("__animal__", files, seed)
        assert "__" not in said
        assert any(colour in said for colour in COLOURS)


def test_choices_nest(files: FileIndex) -> None:
    found = {filled("{a|{b|c} d}", files, seed) for seed in range(60)}
    assert found == {"a", "b d", "c d"}
    assert filled("{}{only}", files, 1) == "only"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("__colour__ and __colour__ __animal__", ["colour", "animal"]),
        ("__deep/light__", ["deep/light"]),
        ("____ __ _a_ __ a__ __a __", []),
        ("snake__case__word", ["case"]),
        ("__größe__", ["größe"]),
    ],
)
def test_names(text: str, found: list[str]) -> None:
    assert names(text) == found


def test_a_wildcard_without_a_file_says_where_to_put_it(files: FileIndex, folder: Path) -> None:
    with pytest.raises(MissingFileError, match=r"'animals.txt' is not here: put it into") as caught:
        filled("__animals__", files, 0)
    assert str(folder) in str(caught.value)


def test_a_circle_is_named(files: FileIndex, folder: Path) -> None:
    (folder / "a.txt").write_text("x __b__", encoding="utf-8")
    (folder / "b.txt").write_text("y __a__", encoding="utf-8")
    with pytest.raises(WildcardError, match="in a circle: a -> b -> a"):
        filled("__a__", files, 0)
    assert set(files_of("__a__", files)) == {"a", "b"}


def test_what_grows_without_end_is_stopped(files: FileIndex, folder: Path) -> None:
    for number in range(8):
        text = f"__n{number + 1}__" * 10
        (folder / f"n{number}.txt").write_text(text, encoding="utf-8")
    (folder / "n8.txt").write_text("x", encoding="utf-8")
    with pytest.raises(WildcardError, match="more than 2000 wildcards"):
        filled("__n0__", files, 0)


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"", "holds no line"), (b"# only\n\n", "holds no line"), (b"\xff\xfe", "no UTF-8 text")],
)
def test_a_bad_file_is_named(files: FileIndex, folder: Path, content: bytes, why: str) -> None:
    (folder / "bad.txt").write_bytes(content)
    with pytest.raises(WildcardError, match=rf"bad\.txt {why}|bad\.txt is {why}"):
        filled("__bad__", files, 0)


def test_the_files_of_a_text_are_fingerprinted(files: FileIndex, folder: Path) -> None:
    before = fingerprints("__animal__", files)
    assert [name for name, _ in before] == ["animal", "colour"]
    assert [name for name, _ in fingerprints("no wildcard", files)] == []
    assert [name for name, _ in fingerprints(None, files)] == ["animal", "colour", "deep/light"]
    (folder / "colour.txt").write_text("pink", encoding="utf-8")
    after = fingerprints("__animal__", files)
    assert [one != other for one, other in zip(before, after, strict=True)] == [False, True]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet="_a{|} \nc", max_size=40), st.integers(0, 2**63 - 1))
def test_any_text_is_filled_or_refused(files: FileIndex, text: str, seed: int) -> None:
    try:
        said = filled(text, files, seed)
    except (MissingFileError, WildcardError):
        return
    assert names(text) == []
    assert len(said) <= len(text)


class TestTheName:
    """What a result is named by: the files that its text names, and no others."""

    WILD = NodeSpec(
        id="test/wild",
        title="Wild",
        category="Test",
        inputs=(
            InputSpec(
                name="text",
                label="Text",
                type="Text",
                widget=TextWidget(multiline=True, prompt=True, wildcards=True),
                default="",
            ),
        ),
    )

    def made(self, files: FileIndex, text: str, *, wired: bool = False) -> Ingredients:
        wires: Map[str, tuple[Source, ...]] = Map()
        if wired:
            wires = wires.set("text", (Source("other", "text"),))
        node = Node(id="n", type="test/wild", params=Map({"text": text}), wires=wires)
        inputs = {"text": ("d",)} if wired else {}
        return gather(node, self.WILD, inputs, files, "cpu")

    def test_a_named_file_changes_it_and_no_other_does(
        self, files: FileIndex, folder: Path
    ) -> None:
        before = self.made(files, "an __animal__")
        (folder / "deep" / "light.txt").write_text("noon", encoding="utf-8")
        assert self.made(files, "an __animal__").action() == before.action()
        (folder / "colour.txt").write_text("pink", encoding="utf-8")
        after = self.made(files, "an __animal__")
        assert after.action() != before.action()
        assert compare(before, after, {}) == (FileChanged("text", "colour.txt"),)

    def test_a_text_that_a_wire_brings_may_name_any_file(
        self, files: FileIndex, folder: Path
    ) -> None:
        before = self.made(files, "", wired=True)
        (folder / "new.txt").write_text("x", encoding="utf-8")
        after = self.made(files, "", wired=True)
        assert after.action() != before.action()
        wires = {"text": (Source("other", "text"),)}
        assert compare(before, after, wires) == (FileChanged("text", "new.txt"),)

    def test_a_missing_file_is_told_before_a_run(self, files: FileIndex) -> None:
        with pytest.raises(MissingFileError, match=r"'lost\.txt' is not here"):
            self.made(files, "a __lost__ star")
