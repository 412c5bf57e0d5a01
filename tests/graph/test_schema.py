"""The published schema is the one that files are read by, and the documented example is a graph."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import msgspec
import pytest
from hypothesis import given

from graph.catalog import Catalog
from graph.errors import FormatError
from graph.format import VERSION, dump, parse, schema
from tests.graph.build import CATALOG
from tests.graph.random_edits import all_types, applied, history
from tests.graph.test_format import REFUSALS
from tests.graph.test_format_fuzz import GRAPH

if TYPE_CHECKING:
    from tests.graph.random_edits import Make

pytestmark = pytest.mark.timeout(1200)  # thousands of examples with --full

DOCS = Path(__file__).parents[2] / "docs"
PUBLISHED = DOCS / "graph.schema.json"
RENEW = 'renew it: python -c "from tests.graph.test_schema import renew; renew()"'


def current() -> bytes:
    return msgspec.json.format(msgspec.json.encode(schema()), indent=2) + b"\n"


def renew() -> None:
    """Write the schema that is published."""
    PUBLISHED.write_bytes(current())


@cache
def validator() -> Any:
    found = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(found)
    return jsonschema.Draft202012Validator(found)


def test_is_current() -> None:
    assert PUBLISHED.read_bytes() == current(), RENEW


def test_names_nothing_private() -> None:
    assert b'"_' not in PUBLISHED.read_bytes()
    assert b"/_" not in PUBLISHED.read_bytes()


def test_what_is_saved_is_valid() -> None:
    validator().validate(json.loads(dump(GRAPH)))


@given(history(1, 12))
def test_whatever_is_edited_saves_as_valid(steps: list[Make]) -> None:
    graph = all_types()
    for edit in steps:
        graph = applied(graph, edit)
    validator().validate(json.loads(dump(graph)))


SHAPE = re.compile(r"Expected|missing required|unknown field|name in it is refused|regex|got `")
SHAPES = [
    data
    for data, path, reason in REFUSALS
    if path != "$" and SHAPE.search(reason) and b"1e30" not in data
]


@pytest.mark.parametrize("data", SHAPES)
def test_what_is_refused_for_its_shape_is_not_valid(data: bytes) -> None:
    assert not validator().is_valid(json.loads(data))


def test_there_are_such_refusals() -> None:
    assert len(SHAPES) >= 15


def documented() -> list[dict[str, Any]]:
    """The examples of the documentation; a part of a graph is put into one."""
    text = (DOCS / "file-format.md").read_text(encoding="utf-8")
    found = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", text, re.DOTALL)]
    return [one if "sfumato" in one else {"sfumato": 1, "nodes": [one]} for one in found]


def test_the_documented_example_is_a_graph() -> None:
    example = documented()[0]
    graph = parse(json.dumps(example).encode(), catalog=Catalog())
    assert len(graph.nodes) == 4
    assert list(graph.links_of(["checkpoint"]))
    assert graph == parse(dump(graph), catalog=Catalog())
    validator().validate(example)


@pytest.mark.parametrize("example", documented())
def test_documented_examples_are_what_is_written(example: dict[str, Any]) -> None:
    validator().validate(example)
    loose = example["nodes"] if len(example["nodes"]) == 1 else []
    beside = {source.partition(".")[0] for n in loose for source in n.get("inputs", {}).values()}
    missing = [{"id": name, "type": "test/any", "position": [0.0, 0.0]} for name in beside]
    whole = example | {"nodes": [*example["nodes"], *missing]}
    written = json.loads(dump(parse(json.dumps(whole).encode(), catalog=Catalog())))
    by_id = {node["id"]: node for node in written["nodes"]}
    assert [by_id[node["id"]] for node in example["nodes"]] == example["nodes"]
    for part in ("frames", "notes", "subgraphs"):
        assert written.get(part, []) == example.get(part, [])


def test_the_documentation_states_the_version_and_real_refusals() -> None:
    text = (DOCS / "file-format.md").read_text(encoding="utf-8")
    assert f"This is version {VERSION}." in text
    with pytest.raises(FormatError) as caught:
        parse(b'{"sfumato": 2}', file="cat.json", catalog=CATALOG)
    assert str(caught.value) in text
