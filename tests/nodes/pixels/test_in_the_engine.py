"""Regions and lists on real wires, through the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graph.edits import add_node, connect
from graph.events import NodeFailed, NodeFinished
from graph.execute import Engine
from graph.files import FileIndex
from graph.graph import Graph, Source, Target
from graph.pack import assemble
from graph.values import Region
from nodes import PACK

if TYPE_CHECKING:
    from pathlib import Path

    from graph.params import Param

LOADED = assemble((PACK,), "cpu")


def built(nodes: dict[str, dict[str, Param]], wires: dict[str, str]) -> Graph:
    """A graph whose nodes are called as their types; wires as `target.input: source.output`."""
    graph = Graph()
    for name, params in nodes.items():
        edit = add_node(graph, LOADED.catalog, f"sfumato/{name}", node_id=name, params=params)
        graph = edit.graph
    for end, start in wires.items():
        source, target = Source(*start.split(".")), Target(*end.split("."))
        graph = connect(graph, LOADED.catalog, source, target).graph
    return graph


def finished(graph: Graph, folder: Path) -> tuple[Engine, dict[str, NodeFinished]]:
    engine = Engine(LOADED, FileIndex())
    events = list(engine.run(graph, output_folder=folder))
    assert not [event for event in events if isinstance(event, NodeFailed)]
    return engine, {event.node: event for event in events if isinstance(event, NodeFinished)}


def test_a_region_finds_its_way_back(tmp_path: Path) -> None:
    graph = built(
        {"solid_colour": {"width": 64, "height": 48}, "ellipse_mask": {"width": 64, "height": 48},
         "crop_to_mask": {"width": 32, "height": 32, "padding": 2}, "invert": {}, "paste_back": {}},
        {
            "crop_to_mask.image": "solid_colour.image",
            "crop_to_mask.mask": "ellipse_mask.mask",
            "invert.image": "crop_to_mask.image",
            "paste_back.original": "solid_colour.image",
            "paste_back.piece": "invert.image",
            "paste_back.region": "crop_to_mask.region",
            "paste_back.mask": "ellipse_mask.mask",
        },
    )  # fmt: skip
    engine, found = finished(graph, tmp_path)
    assert engine.value(found["crop_to_mask"].digests[2]) == Region(14, 6, 36, 36, 64, 48)
    assert found["paste_back"].preview is not None
    assert "region" in {item.name for item in LOADED.catalog.require("sfumato/paste_back").inputs}


def test_a_list_of_prompts_maps_and_is_counted(tmp_path: Path) -> None:
    graph = built(
        {"prompt_list": {"text": "star\nmoon\nsun"}, "seed_list": {"count": 3},
         "text_template": {"template": "{a} no. {b}"}, "list_length": {}, "join_text": {}},
        {
            "text_template.a": "prompt_list.text",
            "text_template.b": "seed_list.int",
            "list_length.values": "text_template.text",
            "join_text.texts": "prompt_list.text",
        },
    )  # fmt: skip
    engine, found = finished(graph, tmp_path)
    [texts] = found["text_template"].digests
    assert isinstance(texts, tuple)
    first, *rest = (str(engine.value(digest)) for digest in texts)
    assert first == "star no. 0"
    assert [text.split()[0] for text in rest] == ["moon", "sun"]
    assert engine.value(found["list_length"].digests[0]) == 3
    assert engine.value(found["join_text"].digests[0]) == "star, moon, sun"
