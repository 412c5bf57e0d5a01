"""Files that graphs name: found, told apart, and read again only when they changed."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import pytest

from graph.errors import MissingFileError
from graph.files import FileIndex
from graph.params import FileRef, is_portable

if TYPE_CHECKING:
    from pathlib import Path

SETTLED = 1_600_000_000  # seconds: a modification time of long ago


def put(path: Path, text: str = "x", when: int = SETTLED) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    os.utime(path, (when, when))
    return path


class TestFind:
    def test_in_the_folder_of_its_kind_then_in_those_for_all(self, tmp_path: Path) -> None:
        index = FileIndex({"image": [tmp_path / "a", tmp_path / "b"], "": [tmp_path / "all"]})
        everywhere = put(tmp_path / "all" / "x.png")
        assert index.find(FileRef("x.png"), "image") == everywhere
        own = put(tmp_path / "b" / "x.png")
        assert index.find(FileRef("x.png"), "image") == own
        assert index.find(FileRef("x.png"), "mask") == everywhere

    def test_shipped_files_by_their_name(self, tmp_path: Path) -> None:
        path = put(tmp_path / "deep" / "model.bin")
        index = FileIndex(named={"cutout": path})
        assert index.find(FileRef("cutout"), "checkpoint") == path
        assert index.names("checkpoint", (".bin",)) == ["cutout"]
        assert index.names("image", (".bin",)) == []

    def test_a_missing_file_says_where_to_put_it(self, tmp_path: Path) -> None:
        index = FileIndex({"image": [tmp_path, tmp_path / "more"]})
        where = re.escape(f"the image 'x.png' is not here: put it into {tmp_path} (or one of 1")
        with pytest.raises(MissingFileError, match=where):
            index.find(FileRef("x.png"), "image")
        with pytest.raises(MissingFileError, match="none is set"):
            index.find(FileRef("x.png"), "mask")

    @pytest.mark.parametrize(
        "name", ["../x.png", "/etc/hostname", "a/../../x.png", "", "..\\x.png"]
    )
    def test_nothing_is_found_outside_the_folders(self, tmp_path: Path, name: str) -> None:
        put(tmp_path / "x.png")
        index = FileIndex({"image": [tmp_path / "in"]})
        (tmp_path / "in").mkdir()
        with pytest.raises(MissingFileError):
            index.find(FileRef(name), "image")
        assert not is_portable(name)

    def test_a_folder_can_be_added(self, tmp_path: Path) -> None:
        index = FileIndex()
        path = put(tmp_path / "x.png")
        index.with_folder("image", tmp_path)
        index.with_folder("image", tmp_path)
        assert index.find(FileRef("x.png"), "image") == path

    def test_names_are_those_with_a_suffix_and_model_folders(self, tmp_path: Path) -> None:
        put(tmp_path / "b" / "one.PNG")
        put(tmp_path / "two.png")
        put(tmp_path / "three.txt")
        put(tmp_path / "sd" / "model_index.json")
        put(tmp_path / "sd" / "inner.png")
        index = FileIndex({"image": [tmp_path]})
        assert index.names("image", (".png",)) == ["b/one.PNG", "sd/inner.png", "two.png"]
        assert index.names("image", (".png",), folders=True) == ["b/one.PNG", "sd", "two.png"]

    def test_a_network_with_its_weights_is_one_model_wherever_it_lies(self, tmp_path: Path) -> None:
        for name in ("config.json", "diffusion_pytorch_model.safetensors"):
            put(tmp_path / "canny" / name)
            put(tmp_path / "by" / "someone" / "depth" / name)
        put(tmp_path / "config.json")  # strayed beside the models
        put(tmp_path / "one.safetensors")
        put(tmp_path / "pickled" / "config.json")
        put(tmp_path / "pickled" / "two.safetensors.part")
        index = FileIndex({"controlnet": [tmp_path]})
        names = index.names("controlnet", (".safetensors",), folders=True)
        assert names == ["by/someone/depth", "canny", "one.safetensors"]
        assert index.find(FileRef("by/someone/depth"), "controlnet").is_dir()


class TestRemember:
    def test_a_file_in_a_folder_is_named_from_there(self, tmp_path: Path) -> None:
        index = FileIndex({"image": [tmp_path]})
        path = put(tmp_path / "a" / "x.png")
        assert index.remember(path, "image") == FileRef("a/x.png")
        assert index.remember(tmp_path / "a" / ".." / "a" / "x.png", "image") == FileRef("a/x.png")

    def test_a_file_elsewhere_is_found_again_on_this_machine(self, tmp_path: Path) -> None:
        memory = tmp_path / "memory.json"
        path = put(tmp_path / "far" / "x.png")
        assert FileIndex(memory=memory).remember(path) == FileRef("x.png")
        assert FileIndex(memory=memory).find(FileRef("x.png"), "image") == path

    def test_two_files_of_one_name_are_told_apart(self, tmp_path: Path) -> None:
        index = FileIndex({"image": [tmp_path / "known"]})
        put(tmp_path / "known" / "x.png")
        a, b = put(tmp_path / "a" / "x.png"), put(tmp_path / "b" / "x.png")
        names = [index.remember(path, "image") for path in (a, b, a)]
        assert names == [FileRef("a/x.png"), FileRef("b/x.png"), FileRef("a/x.png")]
        assert [index.find(ref, "image") for ref in names] == [a, b, a]

    def test_one_process_finds_what_another_remembers_while_both_run(self, tmp_path: Path) -> None:
        memory = tmp_path / "memory.json"
        window, engine = FileIndex(memory=memory), FileIndex(memory=memory)
        path = put(tmp_path / "far" / "x.png")
        engine.fingerprint(put(tmp_path / "other"))
        ref = window.remember(path)
        engine.fingerprint(put(tmp_path / "third"))
        assert engine.find(ref, "image") == path
        assert FileIndex(memory=memory).find(ref, "image") == path


class TestFingerprint:
    @staticmethod
    def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """Names of the files that are read from here on."""
        from pathlib import Path

        opened: list[str] = []
        plain = Path.open

        def watched(self: Path, mode: str = "r", **options: object) -> object:
            opened.append(self.name)
            return plain(self, mode, **options)  # type: ignore[call-overload]

        monkeypatch.setattr(Path, "open", watched)
        return opened

    def test_is_the_sha256_of_the_content(self, tmp_path: Path) -> None:
        path = put(tmp_path / "x", "abc")
        assert FileIndex().fingerprint(path) == (
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        )

    def test_a_file_is_read_once(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path, memory = put(tmp_path / "x"), tmp_path / "memory.json"
        index = FileIndex(memory=memory)
        digest = index.fingerprint(path)
        opened = self.reads(monkeypatch)
        assert index.fingerprint(path) == digest
        assert FileIndex(memory=memory).fingerprint(path) == digest
        assert set(opened) <= {"memory.json"}

    def test_a_change_is_noticed_even_at_the_same_size(self, tmp_path: Path) -> None:
        index = FileIndex()
        first = index.fingerprint(put(tmp_path / "x", "one"))
        assert index.fingerprint(put(tmp_path / "x", "two", SETTLED + 1)) != first
        assert index.fingerprint(put(tmp_path / "x", "three")) != first

    def test_two_writes_within_a_tick_of_the_clock_are_told_apart(self, tmp_path: Path) -> None:
        index, path = FileIndex(), tmp_path / "x"
        path.write_bytes(b"one")
        stat = path.stat()
        first = index.fingerprint(path)
        path.write_bytes(b"two")
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        assert index.fingerprint(path) != first

    def test_a_folder_is_its_names_and_contents(self, tmp_path: Path) -> None:
        index = FileIndex()
        for name in ("a", "b"):
            put(tmp_path / name / "one")
            put(tmp_path / name / "deep" / "two", "2")
        digest = index.fingerprint(tmp_path / "a")
        assert index.fingerprint(tmp_path / "b") == digest
        put(tmp_path / "b" / "deep" / "two", "3", SETTLED + 1)
        changed = index.fingerprint(tmp_path / "b")
        (tmp_path / "a" / "one").rename(tmp_path / "a" / "three")
        assert len({digest, changed, index.fingerprint(tmp_path / "a")}) == 3

    def test_names_that_are_no_text_are_no_traceback(self, tmp_path: Path) -> None:
        folder = tmp_path / "f"
        put(folder / os.fsdecode(b"\xff.bin"))
        assert len(FileIndex(memory=tmp_path / "m.json").fingerprint(folder)) == 64

    def test_a_pipe_is_not_waited_for(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(MissingFileError, match="is not a plain file"):
            FileIndex().fingerprint(tmp_path / "pipe")


@pytest.mark.parametrize(
    "damage",
    [b"", b"{", b"[]", b'{"seen": 1}', b'{"seen": {"a": {"size": "x"}}}', b"\xff", b"null"],
)
def test_a_damaged_memory_is_begun_anew(tmp_path: Path, damage: bytes) -> None:
    memory = tmp_path / "memory.json"
    memory.write_bytes(damage)
    path = put(tmp_path / "far" / "x.png")
    index = FileIndex(memory=memory)
    assert index.find(index.remember(path), "image") == path
    assert FileIndex(memory=memory).find(FileRef("x.png"), "image") == path


def test_a_memory_that_cannot_be_written_costs_nothing_but_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    index = FileIndex(memory=tmp_path / "file" / "memory.json")
    assert len(index.fingerprint(put(tmp_path / "x"))) == 64


def test_a_named_file_is_of_its_kind_only(tmp_path: Path) -> None:
    named = {"a": tmp_path / "a", "b": tmp_path / "b"}
    index = FileIndex({}, named, kinds={"b": "lora"})
    assert index.names("checkpoint", ()) == ["a"]
    assert index.names("lora", ()) == ["b"]
    assert index.names("vae", ()) == []
