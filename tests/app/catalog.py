"""A hand-made catalog in the shape of the built-in nodes, so that the canvas needs no engine."""

from __future__ import annotations

from graph.catalog import Catalog
from graph.edits import add_node, connect
from graph.graph import Graph, Source, Target
from graph.spec import (
    BoolWidget,
    ChoiceOption,
    ChoiceWidget,
    FileWidget,
    FloatWidget,
    InputSpec,
    IntWidget,
    NodeSpec,
    OutputSpec,
    SeedWidget,
    TextWidget,
)

SCHEDULERS = ("euler", "ddim", "dpmpp_2m")


def socket(name: str, kind: str, *, required: bool = True) -> InputSpec:
    return InputSpec(
        name=name, label=name.replace("_", " ").capitalize(), type=kind, required=required
    )


def out(name: str, kind: str) -> OutputSpec:
    return OutputSpec(name=name, label=name.replace("_", " ").capitalize(), type=kind)


LOAD = NodeSpec(
    id="sfumato/load_checkpoint",
    title="Load checkpoint",
    category="Loaders",
    summary="Open a diffusion model.",
    doc="Open a diffusion model: a diffusers folder or one safetensors file.",
    synonyms=("model",),
    inputs=(
        InputSpec(
            name="file", label="File", type="Choice",
            widget=FileWidget("checkpoint", (".safetensors",), folders=True),
        ),
    ),
    outputs=(out("model", "Model"), out("text_encoder", "TextEncoder"), out("vae", "Vae")),
)  # fmt: skip
ENCODE = NodeSpec(
    id="sfumato/encode_text",
    title="Encode text",
    category="Conditioning",
    summary="Turn words into what the sampler understands.",
    synonyms=("prompt", "clip"),
    inputs=(
        socket("text_encoder", "TextEncoder"),
        InputSpec(
            name="text", label="Text", type="Text",
            widget=TextWidget(multiline=True, prompt=True), default="",
        ),
    ),
    outputs=(out("conditioning", "Conditioning"),),
)  # fmt: skip
EMPTY = NodeSpec(
    id="sfumato/empty_latent",
    title="Empty latent",
    category="Latent",
    inputs=(
        InputSpec(
            name="width", label="Width", type="Int", widget=IntWidget(16, 8192, 8), default=128
        ),
        InputSpec(
            name="height", label="Height", type="Int", widget=IntWidget(16, 8192, 8), default=128
        ),
    ),
    outputs=(out("latent", "Latent"),),
)
SAMPLE = NodeSpec(
    id="sfumato/sample",
    title="Sample",
    category="Sampling",
    summary="Denoise a latent with a diffusion model.",
    synonyms=("ksampler", "denoise"),
    inputs=(
        socket("model", "Model"),
        socket("positive", "Conditioning"),
        socket("latent", "Latent"),
        socket("negative", "Conditioning", required=False),
        InputSpec(name="steps", label="Steps", type="Int", widget=IntWidget(1, 150), default=20),
        InputSpec(
            name="guidance", label="Guidance", type="Float", widget=FloatWidget(0.0, 30.0, 0.5),
            default=7.0,
        ),
        InputSpec(
            name="scheduler", label="Scheduler", type="Choice", default="euler",
            widget=ChoiceWidget(tuple(ChoiceOption(name, name.upper()) for name in SCHEDULERS)),
        ),
        InputSpec(name="seed", label="Seed", type="Int", widget=SeedWidget(), default=0),
        InputSpec(name="tiled", label="Tiled", type="Bool", widget=BoolWidget(), default=False),
    ),
    outputs=(out("latent", "Latent"),),
)  # fmt: skip
DECODE = NodeSpec(
    id="sfumato/vae_decode",
    title="Decode",
    category="Latent",
    synonyms=("vae decode",),
    inputs=(socket("latent", "Latent"), socket("vae", "Vae")),
    outputs=(out("image", "Image"),),
)
SAVE = NodeSpec(
    id="sfumato/save_image",
    title="Save image",
    category="Image",
    effect=True,
    inputs=(
        socket("image", "Image"),
        InputSpec(
            name="name", label="Name", type="Text", widget=TextWidget(), default="{graph}-{n}"
        ),
    ),
    outputs=(),
)
INVERT = NodeSpec(
    id="sfumato/invert",
    title="Invert",
    category="Mask",
    inputs=(socket("mask", "Mask"),),
    outputs=(out("mask", "Mask"),),
)
BLEND = NodeSpec(
    id="sfumato/blend",
    title="Blend many",
    category="Image",
    inputs=(
        InputSpec(name="images", label="Images", type="Image", required=True, multiple=True),
        InputSpec(
            name="amount", label="Amount", type="Float", widget=FloatWidget(0.0, 1.0), default=0.5
        ),
    ),
    outputs=(out("image", "Image"),),
)
NUMBER = NodeSpec(
    id="sfumato/number",
    title="Number",
    category="Values",
    inputs=(
        InputSpec(name="value", label="Value", type="Int", widget=IntWidget(0, 9999), default=64),
    ),
    outputs=(out("int", "Int"),),
)

CATALOG = Catalog((LOAD, ENCODE, EMPTY, SAMPLE, DECODE, SAVE, INVERT, BLEND, NUMBER))

_PLACES = {
    "checkpoint": ("sfumato/load_checkpoint", "Checkpoint", (0.0, 0.0)),
    "prompt": ("sfumato/encode_text", "Prompt", (320.0, 0.0)),
    "negative": ("sfumato/encode_text", "Negative prompt", (320.0, 208.0)),
    "size": ("sfumato/empty_latent", "Size", (320.0, 416.0)),
    "sampler": ("sfumato/sample", "Sampler", (640.0, 0.0)),
    "decode": ("sfumato/vae_decode", "Decode", (960.0, 0.0)),
    "save": ("sfumato/save_image", "Save", (1280.0, 0.0)),
}
_WIRES = (
    ("checkpoint.text_encoder", "prompt.text_encoder"),
    ("checkpoint.text_encoder", "negative.text_encoder"),
    ("checkpoint.model", "sampler.model"),
    ("prompt.conditioning", "sampler.positive"),
    ("negative.conditioning", "sampler.negative"),
    ("size.latent", "sampler.latent"),
    ("sampler.latent", "decode.latent"),
    ("checkpoint.vae", "decode.vae"),
    ("decode.image", "save.image"),
)


def wired(graph: Graph, wire: tuple[str, str]) -> Graph:
    """Return `graph` with a wire from "node.output" to "node.input"."""
    source, target = (end.split(".") for end in wire)
    return connect(graph, CATALOG, Source(*source), Target(*target)).graph


def text_to_image() -> Graph:
    """Return the graph that people begin with."""
    graph = Graph()
    for node_id, (kind, title, place) in _PLACES.items():
        graph = add_node(graph, CATALOG, kind, place, node_id=node_id, title=title).graph
    for wire in _WIRES:
        graph = wired(graph, wire)
    return graph
