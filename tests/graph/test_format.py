"""The graph file: what is read comes back, and what is refused says where and why."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from graph.catalog import Catalog
from graph.edits import connect, put_frame, put_note, set_param
from graph.errors import FormatError
from graph.format import MAX_DEPTH, dump, load, parse, save
from graph.graph import Frame, Graph, Note, Source, Target
from graph.params import FileRef
from graph.plan import wiring_problems
from tests.graph.build import CATALOG, build, chain, n

if TYPE_CHECKING:
    from pathlib import Path

    from graph.params import Param

NUMBER = {"id": "one", "type": "test/number", "params": {"value": 1}}


def file(*nodes: object, **fields: object) -> bytes:
    return json.dumps({"sfumato": 1, "nodes": nodes, **fields}).encode()


def refused(data: bytes) -> str:
    with pytest.raises(FormatError) as caught:
        parse(data, file="x.json", catalog=CATALOG)
    return str(caught.value)


@pytest.fixture
def rich() -> Graph:
    """A graph with some of everything."""
    graph = build(
        n("one", "number", value=7),
        n("two", "number", value=-3),
        n("sum", "total", {"parts": ["two.int", "one.int"]}),
        n("half", "split", {"value": "sum.int"}),
        n("real", "real", value=0.1),
        n("words", "words", text='Grün, "quoted", \\ and\na line, 红星 ⭐'),
        n("file", "read", file=FileRef("a/b.txt", "0" * 64)),
    )
    graph = put_frame(graph, Frame(id="frame", title="Numbers", position=(-1, 2.5))).graph
    return put_note(graph, Note(id="note", text="Why", colour="#aabbcc", size=(1, 2))).graph


def test_a_graph_comes_back_as_it_was(rich: Graph) -> None:
    again = parse(dump(rich), catalog=CATALOG)
    assert again == rich
    assert dump(again) == dump(rich)


def test_the_same_graph_is_the_same_text_however_it_was_made() -> None:
    forth = build(n("a", "number"), n("b", "parity", {"value": "a.int"}), n("c", "number"))
    back = build(n("c", "number"), n("b", "parity"), n("a", "number"))
    back = connect(back, CATALOG, Source("a", "int"), Target("b", "value")).graph
    assert dump(forth) == dump(back)


def test_a_file_is_readable_line_by_line() -> None:
    graph = build(n("one", "number", value=1), n("odd", "parity", {"value": "one.int"}))
    assert dump(graph).decode() == (
        "{\n"
        '  "sfumato": 1,\n'
        '  "nodes": [\n'
        "    {\n"
        '      "id": "odd",\n'
        '      "type": "test/parity",\n'
        '      "position": [0.0, 0.0],\n'
        '      "params": {\n'
        '        "value": 0\n'
        "      },\n"
        '      "inputs": {\n'
        '        "value": "one.int"\n'
        "      }\n"
        "    },\n"
        "    {\n"
        '      "id": "one",\n'
        '      "type": "test/number",\n'
        '      "position": [0.0, 0.0],\n'
        '      "params": {\n'
        '        "value": 1\n'
        "      }\n"
        "    }\n"
        "  ]\n"
        "}\n"
    )


def test_one_edit_changes_one_line() -> None:
    before = chain(20)
    after = set_param(before, CATALOG, "n7", "b", 5).graph
    lines = zip(dump(before).splitlines(), dump(after).splitlines(), strict=True)
    assert [pair for pair in lines if pair[0] != pair[1]] == [
        (b'        "b": 1,', b'        "b": 5,')
    ]


def test_unknown_fields_are_kept() -> None:
    extra = {"z": [1, {"deep": [None, True, 1.5, "ü"]}], "a": 10**25}
    node = NUMBER | {"mood": extra, "locked": True}
    data = file(
        node,
        frames=[{"id": "f", "folded": extra}],
        notes=[{"id": "n", "font": "serif"}],
        author={"name": "Ada"},
    )
    graph = parse(data, catalog=CATALOG)
    again = json.loads(dump(graph))
    assert again["nodes"][0]["mood"] == extra
    assert again["nodes"][0]["locked"] is True
    assert again["frames"][0]["folded"] == extra
    assert again["notes"][0]["font"] == "serif"
    assert again["author"] == {"name": "Ada"}
    assert dump(parse(dump(graph), catalog=CATALOG)) == dump(graph)


def test_nodes_of_unknown_types_keep_their_values_and_wires() -> None:
    node = {
        "id": "x",
        "type": "other/thing",
        "version": 3,
        "params": {"list": [1, 1.0, True, None, "a"], "file": {"file": "m.bin", "sha256": ""}},
        "inputs": {"many": ["one.int", "y.out"], "single": "one.int"},
    }
    other = {"id": "y", "type": "other/more", "inputs": {"back": "one.no_such_output"}}
    graph = parse(file(NUMBER, node, other | {"inputs": {}}), catalog=CATALOG)
    kept = graph.nodes["x"]
    assert repr(kept.params["list"]) == "(1, 1.0, True, None, 'a')"
    assert kept.params["file"] == FileRef("m.bin")
    assert kept.wires["many"] == (Source("one", "int"), Source("y", "out"))
    saved = {item["id"]: item for item in json.loads(dump(graph))["nodes"]}
    assert saved["x"] == node | {"position": [0.0, 0.0]}


def test_a_graph_survives_a_program_that_lacks_its_nodes(rich: Graph) -> None:
    text = dump(rich)
    assert dump(parse(text, catalog=Catalog())) == text


def test_defaults_are_filled_in_for_values_that_a_file_leaves_out() -> None:
    graph = parse(file({"id": "f", "type": "test/fold", "params": {"b": 4}}), catalog=CATALOG)
    assert dict(graph.nodes["f"].params) == {"a": 0, "b": 4, "mode": "plus"}


def test_values_that_the_type_does_not_know_are_kept() -> None:
    node = {"id": "one", "type": "test/number", "params": {"value": 1, "gone": "kept"}}
    graph = parse(file(node), catalog=CATALOG)
    assert graph.nodes["one"].params["gone"] == "kept"


def test_a_whole_number_becomes_a_float_where_a_float_is_held() -> None:
    graph = parse(file({"id": "r", "type": "test/real", "params": {"value": 2}}), catalog=CATALOG)
    assert repr(graph.nodes["r"].params["value"]) == "2.0"


def wires(**inputs: object) -> list[object]:
    fold = {"id": "f", "type": "test/fold", "inputs": inputs}
    return [NUMBER, fold, {"id": "w", "type": "test/words"}]


DEEP = b'{"sfumato": 1, "x": ' + b"[" * 5000 + b"]" * 5000 + b"}"
CIRCLE = [
    {"id": "a", "type": "test/parity", "inputs": {"value": "c.int"}},
    {"id": "b", "type": "test/parity", "inputs": {"value": "a.int"}},
    {"id": "c", "type": "test/parity", "inputs": {"value": "b.int"}},
]
REFUSALS: list[tuple[bytes, str, str]] = [
    (b"", "$", "is not JSON"),
    (b"\xff\xfe{}", "$", "is not JSON"),
    (b"\x89PNG\r\n", "$", "is not JSON"),
    (b"{", "$", "is not JSON"),
    (b"[]", "$", 'is not a Sfumato graph: it has no "sfumato" version'),
    (b"null", "$", 'is not a Sfumato graph: it has no "sfumato" version'),
    (b"{}", "$", 'is not a Sfumato graph: it has no "sfumato" version'),
    (DEEP, "$", "is nested too deeply"),
    (
        b'{"sfumato": 1, "x": ' + b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1) + b"}",
        "$.x",
        f"is nested deeper than {MAX_DEPTH} levels",
    ),
    (b'{"sfumato": 2}', "$.sfumato", "made by a newer Sfumato; this one reads up to 1"),
    (b'{"sfumato": 0}', "$.sfumato", "Expected `int` >= 1"),
    (b'{"sfumato": "1"}', "$.sfumato", "Expected `int`, got `str`"),
    (b'{"sfumato": true}', "$.sfumato", "Expected `int`, got `bool`"),
    (b'{"sfumato": 1e30}', "$.sfumato", "Expected `int`"),
    (b'{"sfumato": 1, "x": NaN}', "$", "is not JSON"),
    (b'{"sfumato": 1, "x": Infinity}', "$", "is not JSON"),
    (b'{"sfumato": 1, "x": 1e999}', "$", "is not JSON: Number out of range"),
    (b'{"sfumato": 1, "x": ' + b"9" * 5000 + b"}", "$", "is not JSON: Integer value out of range"),
    (b'{"sfumato": 1, "x": "\\ud800"}', "$", "is not JSON"),
    (b'{"sfumato": 1, "nodes": {}}', "$.nodes", "Expected `array`"),
    (b'{"sfumato": 1, "nodes": null}', "$.nodes", "Expected `array`"),
    (file(1), "$.nodes[0]", "Expected `object`"),
    (file({"type": "test/number"}), "$.nodes[0]", "missing required field `id`"),
    (file(NUMBER | {"id": "a b"}), "$.nodes[0].id", "matching regex"),
    (file(NUMBER | {"id": "a\n"}), "$.nodes[0].id", "matching regex"),
    (file(NUMBER | {"id": ""}), "$.nodes[0].id", "matching regex"),
    (file(NUMBER | {"type": ""}), "$.nodes[0].type", "length >= 1"),
    (file(NUMBER | {"version": 0}), "$.nodes[0].version", ">= 1"),
    (file(NUMBER | {"colour": "red"}), "$.nodes[0].colour", "matching regex"),
    (file(NUMBER | {"position": [0, 1e8]}), "$.nodes[0].position[1]", "<= 10000000.0"),
    (file(NUMBER | {"position": [0]}), "$.nodes[0].position", "length 2"),
    (file(NUMBER | {"params": {"a b": 1}}), "$.nodes[0].params", "a name in it is refused"),
    (file(NUMBER | {"params": {"value": {}}}), "$.nodes[0].params.value", "field `file`"),
    (
        file(NUMBER | {"params": {"value": {"file": "a", "more": 1}}}),
        "$.nodes[0].params.value",
        "unknown field `more`",
    ),
    (file(NUMBER | {"params": {"value": [[1]]}}), "$.nodes[0].params.value", "got `array`"),
    (file(NUMBER | {"params": {"value": "1"}}), "$.nodes[0].params.value", "whole number, got str"),
    (file(NUMBER | {"params": {"value": True}}), "$.nodes[0].params.value", "whole number"),
    (file(NUMBER | {"params": {"value": 1.0}}), "$.nodes[0].params.value", "whole number"),
    (file(NUMBER | {"params": {"value": 10**400}}), "$.nodes[0].params.value", "outside -1000"),
    (
        file({"id": "r", "type": "test/real", "params": {"value": 10**400}}),
        "$.nodes[0].params.value",
        "outside -1000 to 1000",
    ),
    (
        file({"id": "f", "type": "test/fold", "params": {"mode": 3}}),
        "$.nodes[0].params.mode",
        "3 is",
    ),
    (file(NUMBER, NUMBER), "$.nodes[1].id", "'one' is taken by $.nodes[0]"),
    (file(NUMBER, frames=[{"id": "one"}]), "$.frames[0].id", "'one' is taken by $.nodes[0]"),
    (file(NUMBER, notes=[{"id": "one"}]), "$.notes[0].id", "'one' is taken by $.nodes[0]"),
    (file(frames=[{"id": "f", "size": [-1, 1]}]), "$.frames[0].size[0]", ">= 0"),
    (file(*wires(a="one")), "$.nodes[1].inputs.a", "does not name an output as node.output"),
    (file(*wires(a="one.int\n")), "$.nodes[1].inputs.a", "does not name an output"),
    (file(*wires(a=3)), "$.nodes[1].inputs.a", "got `int`"),
    (file(*wires(a="two.int")), "$.nodes[1].inputs.a", "there is no node 'two' in this file"),
    (file(*wires(a="one.out")), "$.nodes[1].inputs.a", "no output 'out'; it has: int"),
    (file(*wires(c="one.int")), "$.nodes[1].inputs.c", "no such input; it has: a, b, mode"),
    (file(*wires(a="w.text")), "$.nodes[1].inputs.a", "takes Int, but w gives Text"),
    (file(*wires(a=["one.int", "w.text"])), "$.nodes[1].inputs.a", "takes one wire, got 2"),
    (file(*wires(a=[])), "$.nodes[1].inputs.a", "names no output; leave the input out"),
    (
        file(NUMBER, {"id": "t", "type": "test/total", "inputs": {"parts": ["one.int"] * 2}}),
        "$.nodes[1].inputs.parts",
        "names one output twice",
    ),
    (file(*CIRCLE), "$.nodes", "these nodes form a circle: a -> b -> c -> a"),
]
REFUSALS += [
    (
        file({"id": "r", "type": kind, "params": {"file": value}}),
        "$.nodes[0].params.file",
        f"{name!r} is not a name inside a model or project folder",
    )
    for name in (
        "/etc/passwd",
        "C:\\a.txt",
        "c:a",
        "..",
        "a/../../b",
        "\\\\host\\a",
        "~/a",
        "",
        "/",
    )
    for kind, value in (("test/read", {"file": name}), ("other/x", [1, {"file": name}]))
]


@pytest.mark.parametrize(("data", "path", "reason"), REFUSALS)
def test_damage_is_refused_with_its_place(data: bytes, path: str, reason: str) -> None:
    message = refused(data)
    assert message.startswith(f"x.json: {path}: ")
    assert reason in message


def test_a_path_names_the_node_among_many() -> None:
    nodes = [NUMBER | {"id": f"n{i}", "params": {"value": i}} for i in range(1500)]
    nodes[1001]["params"] = {"value": "i"}
    assert refused(file(*nodes)).startswith("x.json: $.nodes[1001].params.value: expected a whole")


@pytest.mark.parametrize(
    ("kind", "name", "value", "kept"),
    [
        ("number", "value", 1001, 1001),
        ("number", "value", -(2**63), -(2**63)),
        ("real", "value", -1e300, -1e300),
        ("real", "value", 2000, 2000.0),
        ("fold", "mode", "minus", "minus"),
    ],
)
def test_a_value_outside_of_its_limits_is_kept(
    kind: str, name: str, value: Param, kept: Param
) -> None:
    node = {"id": "n", "type": f"test/{kind}", "params": {name: value}}
    graph = parse(file(node), catalog=CATALOG)
    assert graph.nodes["n"].params[name] == kept
    assert type(graph.nodes["n"].params[name]) is type(kept)
    assert parse(dump(graph), catalog=CATALOG) == graph
    ((broken, problem),) = wiring_problems(graph, CATALOG)
    assert broken == "n"
    assert problem.endswith(": set it anew")


def test_a_hundred_thousand_nodes_are_a_sound_load() -> None:
    nodes = ",".join(f'{{"id":"n{i}","type":"test/number"}}' for i in range(100_000))
    graph = parse(f'{{"sfumato":1,"nodes":[{nodes}]}}'.encode(), catalog=CATALOG)
    assert len(graph.nodes) == 100_000


def test_more_nodes_than_anybody_draws_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graph.format.MAX_NODES", 2)
    nodes = [{"id": f"n{i}", "type": "x"} for i in range(3)]
    assert refused(file(*nodes)) == "x.json: $.nodes: has 3 nodes; the limit is 2"


def test_a_file_beyond_the_limit_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "big.json"
    with path.open("wb") as out:
        out.truncate((256 << 20) + 1)
    monkeypatch.setattr(type(path), "read_bytes", lambda _path: pytest.fail("was read"))
    with pytest.raises(FormatError, match=r"^big\.json: \$: is 256 MiB; graphs up to 256 MiB"):
        load(path, CATALOG)


def test_saving_and_loading(tmp_path: Path, rich: Graph) -> None:
    path = tmp_path / "graph.json"
    save(rich, path)
    assert load(path, CATALOG) == rich


def test_loading_a_file_that_is_not_there_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "none.json", CATALOG)


def test_errors_carry_their_parts() -> None:
    with pytest.raises(FormatError) as caught:
        parse(b"{}", file="a.json", catalog=CATALOG)
    found: Any = caught.value
    assert (found.file, found.path) == ("a.json", "$")
