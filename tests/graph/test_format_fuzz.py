"""Nothing but a graph or a `FormatError` comes of any bytes whatsoever."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.edits import put_frame, put_note
from graph.errors import FormatError
from graph.format import dump, parse
from graph.graph import Frame, Graph, Note
from graph.params import FileRef
from tests.graph.build import CATALOG, build, n
from tests.graph.test_format import REFUSALS

if TYPE_CHECKING:
    from tests.conftest import Amount

pytestmark = pytest.mark.timeout(1200)  # thousands of examples with --full

GRAPH = build(
    n("one", "number", value=7),
    n("sum", "total", {"parts": ["one.int"]}),
    n("half", "split", {"value": "sum.int"}),
    n("f", "fold", {"a": "half.low", "b": "half.high"}, mode="times"),
    n("r", "real", value=0.5),
    n("read", "read", file=FileRef("a/b.txt", "00")),
)
GRAPH = put_note(put_frame(GRAPH, Frame(id="frame")).graph, Note(id="note", text="x")).graph
TREE: dict[str, Any] = json.loads(dump(GRAPH))

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(10**18, 10**40),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(
        ["one", "one.int", "test/number", "$", "../x", "/x", "#ffffff", "high", "1e999"]
    ),
)
keys = st.text(max_size=6)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=8,
)


def outcome(data: bytes) -> str:
    """`graph` or `refused`; anything else is a bug."""
    try:
        graph = parse(data, file="x.json", catalog=CATALOG)
    except FormatError as error:
        refusal = error
    else:
        assert dump(parse(dump(graph), catalog=CATALOG)) == dump(graph)
        return "graph"
    assert str(refusal).startswith("x.json: $")
    assert refusal.reason
    return "refused"


def places(tree: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Paths to every value in `tree`."""
    found = [path]
    if isinstance(tree, dict | list):
        for key, inner in tree.items() if isinstance(tree, dict) else enumerate(tree):
            found += places(inner, (*path, key))
    return found


PLACES = places(TREE)[1:]


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A valid file with some of its values replaced, dropped or doubled."""
    tree: Any = json.loads(json.dumps(TREE))
    for _ in range(draw(st.integers(1, 4))):
        *way, last = draw(st.sampled_from(PLACES))
        here = tree
        for key in way:
            if not isinstance(here, dict | list):
                break
            inside = (
                key in here if isinstance(here, dict) else isinstance(key, int) and key < len(here)
            )
            if not inside:
                break
            here = here[key]
        else:
            change(draw, here, last)
    text = json.dumps(tree)
    cut = draw(st.sampled_from([0, 0, 0, 0, 0, 1, 3]))
    return text.encode(errors="surrogatepass")[: -cut or None]


def change(draw: st.DrawFn, here: Any, key: Any) -> None:
    what = draw(st.sampled_from(["replace", "drop", "copy", "add"]))
    if isinstance(here, dict):
        if what == "drop":
            here.pop(key, None)
        else:
            here[key if what == "replace" else draw(st.text(max_size=6))] = draw(anything)
    elif isinstance(here, list) and here:
        index = key % len(here) if isinstance(key, int) else 0
        if what == "drop":
            del here[index]
        elif what == "copy":
            here.append(here[index])
        else:
            here[index] = draw(anything)


MUTATIONS = mutated()


@given(st.binary(max_size=200))
def test_random_bytes(data: bytes) -> None:
    outcome(data)


@given(anything)
def test_random_json(value: object) -> None:
    outcome(json.dumps({"sfumato": 1, "nodes": [value], "x": value}).encode())


@given(MUTATIONS)
def test_mutated_files(data: bytes) -> None:
    outcome(data)


@given(st.data())
def test_files_with_flipped_bytes(data: st.DataObject) -> None:
    text = bytearray(dump(GRAPH))
    for _ in range(data.draw(st.integers(1, 6))):
        text[data.draw(st.integers(0, len(text) - 1))] = data.draw(st.integers(0, 255))
    outcome(bytes(text))


@pytest.mark.full
def test_mutated_files_for_long(amount: Amount) -> None:
    @hypothesis.settings(max_examples=amount(sample=1, full=20_000))
    @given(MUTATIONS)
    def run(data: bytes) -> None:
        outcome(data)

    run()


def test_mutations_reach_both_ends() -> None:
    seen = set()

    @hypothesis.settings(max_examples=150)
    @given(MUTATIONS)
    def look(data: bytes) -> None:
        seen.add(outcome(data))

    look()
    assert seen == {"graph", "refused"}


# A refusal may corrupt memory without a word: msgspec 0.22 does for a union of a constrained str
# and a list. A collection after each shows it, in a process of its own as it would end this one.
COLLECT = """
import gc, sys
from tests.graph.test_format_fuzz import CATALOG, REFUSALS, TREE, anything, outcome
from tests.graph.test_format import file
import json
rounds = int(sys.argv[1])
for data, _path, _reason in REFUSALS:
    outcome(data)
    gc.collect(0)
wrong = [None, True, -1, 1.5, "", "x", "n\\n", [], ["n"], [[1]], {}, {"file": 1}, "a.b", ["a.b", 3]]
for _ in range(rounds):
    for key in ("id", "type", "version", "title", "position", "colour", "params", "inputs"):
        for value in wrong:
            for field in (value, {"a": value}, [value], {"a": [value, value]}):
                outcome(file({"id": "a", "type": "test/fold", key: field}))
        gc.collect()
gc.collect()
print("sound")
"""


def test_refusals_leave_memory_sound(amount: Amount) -> None:
    command = [sys.executable, "-X", "faulthandler", "-c", COLLECT, str(amount(sample=1, full=50))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "sound\n"), done.stderr[-2000:]


def test_an_empty_graph_is_a_file_too() -> None:
    assert outcome(dump(Graph())) == "graph"
    assert len(REFUSALS) > 60
