"""A graph of forty nodes as an artist leaves it: frames, notes, dots on wires, and a subgraph."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graph import edits
from graph.graph import Frame, Graph, Link, Mode, Note, Source, Target
from graph.grouping import collapse
from graph.healing import reroute
from graph.params import FileRef
from graph.showing import describe, show_input
from graph.subgraphs import localized

if TYPE_CHECKING:
    from graph.catalog import Catalog
    from graph.graph import Point
    from graph.params import Param

WORDS = (
    "a large red star at the left on a blue background",
    "a small yellow circle at the right on a purple background",
    "a large green leaf at the left on a yellow background",
)
NAMES = ("Star", "Circle", "Leaf")
_ROW = 672.0
_LANES = 360.0
_WORDS, _SKETCH, _DECODE, _REFINE, _SAVE = 464.0, 1000.0, 1336.0, 1856.0, 2192.0


class _Builder:
    """Builds a graph by edits, so that it is one that could have been made by hand."""

    def __init__(self, catalog: Catalog) -> None:
        self.base = catalog
        self.graph = Graph()

    @property
    def catalog(self) -> Catalog:
        return localized(self.base, self.graph)

    def node(self, kind: str, name: str, title: str, at: Point, **params: Param) -> None:
        self.graph = edits.add_node(
            self.graph, self.catalog, kind, at, node_id=name, title=title, params=params
        ).graph

    def wire(self, source: str, target: str) -> None:
        ends = Source(*source.split(".")), Target(*target.split("."))
        self.graph = edits.connect(self.graph, self.catalog, *ends).graph

    def dot(self, source: str, target: str, at: Point) -> str:
        link = Link(Source(*source.split(".")), Target(*target.split(".")))
        edit, name = reroute(self.graph, link, at)
        self.graph = edit.graph
        return name


def forty_nodes(catalog: Catalog) -> Graph:
    """Return the graph; `catalog` has the built-in node types."""
    made = _Builder(catalog)
    _shared(made)
    for row in range(len(WORDS)):
        _variant(made, row)
    _refine(made)
    _lead_around(made)
    _frames(made)
    return made.graph


def _shared(made: _Builder) -> None:
    made.node("sfumato/load_checkpoint", "checkpoint", "Checkpoint", (0.0, 704.0),
              checkpoint=FileRef("cutout"))  # fmt: skip
    made.node("sfumato/encode_text", "negative", "What to avoid", (_WORDS, -248.0), text="")
    made.node("sfumato/empty_latent", "size", "Size", (0.0, 928.0), width=128, height=128)
    made.wire("checkpoint.text_encoder", "negative.text_encoder")


def _variant(made: _Builder, row: int) -> None:
    """Add one row: words, a sketch, its picture."""
    y, name = row * _ROW, NAMES[row].lower()
    made.node("sfumato/encode_text", f"{name}-words", NAMES[row], (_WORDS, y), text=WORDS[row])
    made.node("sfumato/sample", f"{name}-sketch", f"Sketch {row + 1}", (_SKETCH, y),
              seed=row + 3, steps=12)  # fmt: skip
    made.node("sfumato/vae_decode", f"{name}-look", f"Look {row + 1}", (_DECODE, y))
    made.wire("checkpoint.text_encoder", f"{name}-words.text_encoder")
    made.wire("checkpoint.model", f"{name}-sketch.model")
    made.wire(f"{name}-words.conditioning", f"{name}-sketch.positive")
    made.wire("negative.conditioning", f"{name}-sketch.negative")
    made.wire("size.latent", f"{name}-sketch.latent")
    made.wire(f"{name}-sketch.latent", f"{name}-look.latent")
    made.wire("checkpoint.vae", f"{name}-look.vae")


def _refine(made: _Builder) -> None:
    """Add the subgraph that each row goes through, and what is saved."""
    for row, title in enumerate(NAMES):
        y, name = row * _ROW, title.lower()
        if row == 0:
            _first_refined(made, name)
        else:
            made.node("subgraph/refine", f"refine-{row + 1}", "", (_REFINE, y))
            made.wire("checkpoint.vae", f"refine-{row + 1}.vae")
            made.wire("checkpoint.model", f"refine-{row + 1}.model")
            made.wire(f"{name}-words.conditioning", f"refine-{row + 1}.positive")
            made.wire(f"{name}-look.image", f"refine-{row + 1}.image")
        source = "refine" if row == 0 else f"refine-{row + 1}"
        made.node("sfumato/save_image", f"{name}-save", f"Save {title.lower()}", (_SAVE, y))
        made.wire(f"{source}.image", f"{name}-save.image")
    made.graph = edits.set_mode(made.graph, ["refine-3"], Mode.BYPASSED).graph


def _first_refined(made: _Builder, name: str) -> None:
    places = {"again": (0.0, 480.0), "paint": (336.0, 0.0), "show": (672.0, 0.0)}
    made.node("sfumato/vae_encode", "again", "To latent", places["again"])
    made.node("sfumato/sample", "paint", "Paint over", places["paint"], denoise=0.5, steps=16)
    made.node("sfumato/vae_decode", "show", "To picture", places["show"])
    for source, target in (
        ("checkpoint.vae", "again.vae"), (f"{name}-look.image", "again.image"),
        ("checkpoint.model", "paint.model"), (f"{name}-words.conditioning", "paint.positive"),
        ("again.latent", "paint.latent"), ("paint.latent", "show.latent"),
        ("checkpoint.vae", "show.vae"),
    ):  # fmt: skip
        made.wire(source, target)
    made.node("sfumato/preview", "held", "", (960.0, 0.0))  # so that the output is shown
    made.wire("show.image", "held.image")
    low = made.dot("checkpoint.vae", "show.vae", (608.0, 848.0))
    made.dot("checkpoint.vae", f"{low}.value", (-56.0, 848.0))
    chosen = ["again", "paint", "show", "dot", "dot-2"]
    made.graph = collapse(made.graph, made.base, chosen, title="Refine").graph
    made.graph = edits.remove(made.graph, ["held"]).graph
    made.graph = edits.move(made.graph, {"refine": (_REFINE, 0.0)}).graph
    made.graph = show_input(made.graph, made.base, "refine", Target("paint", "denoise")).graph
    made.graph = describe(
        made.graph, made.base, "refine",
        doc="Paint over a picture with the same words, so that its edges get crisp.",
    ).graph  # fmt: skip


def _lead_around(made: _Builder) -> None:
    """Lead what all rows share through dots, so that wires run in lanes between the nodes."""
    for row, title in enumerate(NAMES):
        y, name = row * _ROW, title.lower()
        refine = "refine" if row == 0 else f"refine-{row + 1}"
        made.dot("size.latent", f"{name}-sketch.latent", (_LANES, y + 304.0))
        made.dot("checkpoint.model", f"{name}-sketch.model", (_LANES, y + 280.0))
        vae = made.dot("checkpoint.vae", f"{name}-look.vae", (_LANES, y + 576.0))
        below = made.dot(f"{vae}.value", f"{name}-look.vae", (_DECODE - 88.0, y + 576.0))
        made.graph = edits.disconnect(made.graph, _wire_into(made.graph, refine, "vae")).graph
        made.wire(f"{below}.value", f"{refine}.vae")
        made.dot(f"{below}.value", f"{refine}.vae", (_REFINE - 104.0, y + 576.0))
        end = made.dot("checkpoint.model", f"{refine}.model", (_REFINE - 72.0, y + 552.0))
        made.dot("checkpoint.model", f"{end}.value", (_LANES, y + 552.0))
        words = f"{name}-words.conditioning"
        end = made.dot(words, f"{refine}.positive", (_REFINE - 136.0, y + 600.0))
        made.dot(words, f"{end}.value", (_WORDS + 296.0, y + 600.0))


def _wire_into(graph: Graph, node: str, name: str) -> Link:
    return Link(graph.nodes[node].wires[name][0], Target(node, name))


def _frames(made: _Builder) -> None:
    high = len(NAMES) * _ROW
    boxes = (
        ("words", "Words", "#a8923f", (_WORDS - 32, -312.0), (304.0, high - 120)),
        ("sketch", "Sketch", "#4f7fb5", (_SKETCH - 112, -72.0), (720.0, high + 56)),
        ("finish", "Finish", "#5f9157", (_REFINE - 40, -72.0), (656.0, high - 176)),
    )
    for name, title, colour, at, size in boxes:
        frame = Frame(id=name, title=title, position=at, size=size, colour=colour)
        made.graph = edits.put_frame(made.graph, frame).graph
    note = Note(
        id="hints",
        text="# Three of a kind\n\nChange the **words**, press *Run*.\n\n"
        "- only rows that changed are painted again\n- *Refine* is one subgraph, used three times",
        position=(-48.0, 480.0),
        size=(352.0, 160.0),
    )
    made.graph = edits.put_note(made.graph, note).graph
