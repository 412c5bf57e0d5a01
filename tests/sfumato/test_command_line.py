"""The command line, called as the console script calls it, on graphs that need no model."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import PIL.Image
import pytest

from graph.png import read_graph
from sfumato.__main__ import main
from sfumato.cli.setting import built_in_catalog

if TYPE_CHECKING:
    from collections.abc import Callable

NODES: list[dict[str, Any]] = [
    {"id": "load", "type": "sfumato/load_image", "params": {"image": {"file": "in.png"}}},
    {
        "id": "save",
        "type": "sfumato/save_image",
        "title": "Kept",
        "inputs": {"image": "load.image"},
    },
]
COPY = {"sfumato": 1, "nodes": NODES}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder with a graph that copies a picture; also the current directory."""
    pixels = np.arange(8 * 8 * 3, dtype=np.uint8).reshape(8, 8, 3)
    PIL.Image.fromarray(pixels).save(tmp_path / "in.png")
    (tmp_path / "copy.json").write_text(json.dumps(COPY))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run a command line; return exit status, stdout and stderr."""

    def run(*argv: str) -> tuple[int, str, str]:
        try:
            status = main(argv)
        except SystemExit as end:
            status = int(end.code or 0)
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return run


def report_of(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def test_run_writes_a_picture_with_its_graph_and_a_report(
    folder: Path, call: Callable[..., tuple[int, str, str]]
) -> None:
    status, out, _err = call("run", "copy.json", "--out", "made", "--report", "report.json")
    assert status == 0
    written = Path(out.strip())
    assert written.parent == folder / "made"
    with PIL.Image.open(folder / "in.png") as before, PIL.Image.open(written) as after:
        assert np.array_equal(np.asarray(before), np.asarray(after))
    graph = read_graph(written.read_bytes())
    assert graph is not None
    assert json.loads(graph)["nodes"][0]["id"] == "load"
    report = report_of(folder / "report.json")
    assert report["files"] == [str(written)]
    assert report["nodes"]["save"] == {
        "title": "Kept",
        "type": "sfumato/save_image",
        "status": "ran",
        "ms": report["nodes"]["save"]["ms"],
        "reason": "first run",
    }


def test_a_second_run_finds_everything_known_and_a_lost_file_is_made_again(
    folder: Path, call: Callable[..., tuple[int, str, str]]
) -> None:
    _status, out, _err = call("run", "copy.json")
    status, again, _err = call("run", "copy.json", "--report", "report.json")
    assert (status, again) == (0, out)
    statuses = {n: row["status"] for n, row in report_of(folder / "report.json")["nodes"].items()}
    assert statuses == {"load": "cached", "save": "cached"}
    Path(out.strip()).unlink()
    _status, out, _err = call("run", "copy.json", "--explain")
    assert "is gone" in out
    status, out, _err = call("run", "copy.json", "--no-cache", "--explain")
    assert out.count("forced") == len(NODES)


def test_a_picture_opens_as_the_graph_that_made_it(
    folder: Path, call: Callable[..., tuple[int, str, str]]
) -> None:
    _status, out, _err = call("run", "copy.json")
    picture = Path(out.strip()).rename(folder / "made.png")
    status, told, _err = call("check", str(picture))
    assert (status, "2 nodes" in told) == (0, True)
    status, _out, err = call("check", str(folder / "in.png"))
    assert (status, "no graph inside" in err) == (2, True)


def test_set_takes_an_id_or_a_title(
    folder: Path, call: Callable[..., tuple[int, str, str]]
) -> None:
    status, out, _err = call("run", "copy.json", "--set", "Kept.name=sub/here")
    assert (status, Path(out.strip()).parent.name) == (0, "sub")
    PIL.Image.new("RGB", (4, 4), "red").save(folder / "other.png")
    status, out, _err = call("run", "copy.json", "--set", f"load.image={folder / 'other.png'}")
    with PIL.Image.open(out.strip()) as picture:
        assert picture.size == (4, 4)


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["run", "nothing"], "no such file or template"),
        (["run", "text-to-imag"], "did you mean 'text-to-image'"),
        (["run", "copy.json", "--set", "Keptt.name=x"], "did you mean 'Kept'"),
        (["run", "copy.json", "--set", "Kept.nam=x"], "has no value 'nam'"),
        (["run", "copy.json", "--set", "Kept"], "write NODE.PARAM=VALUE"),
        (["run", "text-to-image", "--set", "Sampler.steps=0"], "0 is outside 1 to 150"),
        (["run", "text-to-image", "--set", "Sampler.steps=many"], "expected a whole number"),
        (["run", "text-to-image", "--set", "Sampler.scheduler=magic"], "is not one of euler"),
        (["run", "copy.json", "--device", "toaster"], "invalid choice"),
        (["frobnicate"], "invalid choice"),
        (["app", "nothing.json"], "no such file or template"),
    ],
)
def test_bad_arguments_are_told_in_a_line_and_end_with_2(
    argv: list[str], told: str, call: Callable[..., tuple[int, str, str]]
) -> None:
    status, out, err = call(*argv)
    assert (status, out) == (2, "")
    assert told in err
    assert err.count("\n") <= 2
    assert "Traceback" not in err


def test_a_bad_graph_ends_with_2_and_a_failed_run_with_1(
    folder: Path, call: Callable[..., tuple[int, str, str]]
) -> None:
    broken = {"sfumato": 1, "nodes": [NODES[0] | {"params": {"image": 7}}]}
    (folder / "broken.json").write_text(json.dumps(broken))
    status, _out, err = call("check", "broken.json")
    assert (status, err) == (
        2,
        "sfumato: broken.json: $.nodes[0].params.image: expected a file, got int\n",
    )
    unwired = {"sfumato": 1, "nodes": [{"id": "s", "type": "sfumato/save_image"}]}
    (folder / "unwired.json").write_text(json.dumps(unwired))
    status, _out, err = call("run", "unwired.json")
    assert (status, "Image is not wired" in err) == (2, True)
    (folder / "in.png").write_bytes(b"not a picture")
    status, out, err = call("run", "copy.json")
    assert (status, out) == (1, "")
    assert "Load Image" in err
    (folder / "in.png").unlink()
    status, _out, err = call("run", "copy.json")
    assert status == 1
    assert "'in.png' is not here: put it into" in err


def test_nodes_lists_every_node_with_its_sockets(
    call: Callable[..., tuple[int, str, str]],
) -> None:
    status, out, _err = call("nodes")
    assert status == 0
    for spec in built_in_catalog():
        assert f"{spec.title}  ({spec.id}" in out
    status, out, _err = call("nodes", "--json")
    assert [row["id"] for row in json.loads(out)] == [spec.id for spec in built_in_catalog()]


def test_the_shipped_catalog_is_that_of_the_nodes(
    tmp_path: Path, call: Callable[..., tuple[int, str, str]]
) -> None:
    """Run `sfumato nodes --publish resources/catalog.json` when a node's signature changed."""
    status, _out, _err = call("nodes", "--publish", str(tmp_path / "catalog.json"))
    assert status == 0
    shipped = Path("resources/catalog.json")
    if not shipped.exists():
        shipped = Path(__file__).parents[2] / shipped
    assert (tmp_path / "catalog.json").read_bytes() == shipped.read_bytes()


def test_templates_are_listed_and_sound(call: Callable[..., tuple[int, str, str]]) -> None:
    _status, out, _err = call("templates")
    names = out.split()
    assert {"text-to-image", "image-to-image"} <= set(names)
    for name in names:
        assert call("check", name)[0] == 0


def test_models_folders_of_other_programs_can_be_named(
    folder: Path, call: Callable[..., tuple[int, str, str]]
) -> None:
    (folder / "checkpoints").mkdir()
    (folder / "checkpoints" / "mine.safetensors").write_bytes(b"")
    status, out, _err = call("models", "--add", str(folder))
    assert status == 0
    assert str(folder) in out
    assert "mine.safetensors" in out
    assert call("models", "--add", str(folder / "nowhere"))[0] == 2


def test_the_cache_is_counted_and_cleared(
    folder: Path, call: Callable[..., tuple[int, str, str]]
) -> None:
    call("run", "copy.json", "--out", str(folder / "for the cache"))
    _status, out, _err = call("cache")
    assert "results  0" not in out
    status, out, _err = call("cache", "clear")
    assert (status, "results  0" in out, "outputs  0," in out) == (0, True, True)


def test_listing_loads_no_torch_and_no_qt() -> None:
    code = (
        "import sys; from sfumato.__main__ import main; main(['nodes']); main(['templates']);"
        "bad = [m for m in ('torch', 'PySide6') if m in sys.modules]; sys.exit(bool(bad))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == 0
