"""Nodes that let a picture steer what is made."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, NamedTuple

from graph.declare import node
from graph.files import FileIndex
from graph.hints import Doc, File, Label, Range
from graph.run import Run
from graph.spec import Lane
from graph.values import Conditioning, Control, ControlNet, Image, Mask
from nodes.errors import CheckpointError, SampleError
from nodes.families.detect import Kind, require
from nodes.families.header import read_header
from nodes.families.registry import FAMILIES, family_of
from nodes.families.traits import text_width
from nodes.families.weights import weight_files

_STEM = "diffusion_pytorch_model"
_PLAIN = "sd1"
"""The family of a ControlNet whose width is that of no known model: the only one so built."""
_STRONGEST = 5


class Steered(NamedTuple):
    """Prompts that a picture steers along."""

    positive: Annotated[Conditioning, Doc("Goes into Sample, or the next Apply ControlNet.")]
    negative: Annotated[Conditioning | None, Doc("Goes into Sample.")]


@node(
    "Load ControlNet",
    category="Models",
    synonyms=("control", "canny", "depth", "pose", "scribble", "line art"),
    lane=Lane.IO,
)
def load_controlnet(
    run: Run,
    control_net: Annotated[
        Path | None,
        File("controlnet", (".safetensors",), folders=True),
        Label("ControlNet"),
        Doc("A .safetensors file in either layout, or a folder with a config.json."),
    ] = None,
) -> Annotated[ControlNet, Label("ControlNet")]:
    """Open a ControlNet.

    A ControlNet is a network that looks at a picture of one kind, such as its edges, and makes a
    model follow it. This looks at the file only; weights are read when the first sampler needs
    them.
    """
    if control_net is None:
        message = "no ControlNet is chosen: choose a .safetensors file or a folder"
        raise CheckpointError(message)
    found = require(control_net, Kind.CONTROL_NET, FAMILIES)
    whole = weight_files(control_net, _STEM) if control_net.is_dir() else [control_net]
    widths = [text_width(read_header(path)) for path in whole]
    family = found.family or _PLAIN
    family_of(family).verify_control_net(control_net)
    fingerprint = run.service(FileIndex).fingerprint(control_net)
    return ControlNet(fingerprint, family, control_net, max(widths))


@node(
    "Apply ControlNet",
    category="Sampling",
    synonyms=("control", "steer", "guide", "follow", "pose", "edges"),
    lane=Lane.CPU,
)
def apply_controlnet(
    positive: Annotated[Conditioning, Doc("What the picture shows.")],
    control_net: Annotated[ControlNet, Label("ControlNet"), Doc("From Load ControlNet.")],
    image: Annotated[Image, Doc("What is followed, such as edges; fitted to the picture's size.")],
    *,
    negative: Annotated[Conditioning | None, Doc("What the picture does not show.")] = None,
    strength: Annotated[
        float, Range(0, _STRONGEST, step=0.05), Doc("How closely it is followed; 0 is not at all.")
    ] = 1.0,
    start: Annotated[
        float, Range(0, 1, step=0.01), Doc("The part of the steps before which it has no say.")
    ] = 0.0,
    end: Annotated[
        float, Range(0, 1, step=0.01), Doc("The part of the steps after which it has no say.")
    ] = 1.0,
    mask: Annotated[Mask | None, Doc("Where it has a say; soft is in between.")] = None,
) -> Steered:
    """Let a picture steer what is made.

    The picture must be of the kind that the ControlNet was trained on; the nodes under ControlNet
    make edges and other maps from any picture. Several may be applied one behind the other: what
    they say is added up.
    """
    if not strength or start >= end:
        return Steered(positive, negative)
    width = positive.tokens.shape[-1]
    if control_net.family != positive.family or control_net.context not in (0, width):
        message = (
            f"{control_net.path.name} is for a model of {control_net.family} that reads text of "
            f"width {control_net.context}, and the prompt is of {positive.family}, width {width}: "
            "choose a ControlNet for this model"
        )
        raise SampleError(message)
    control = Control(control_net, image, strength, start, end, mask)
    return Steered(_with(positive, control), None if negative is None else _with(negative, control))


def _with(conditioning: Conditioning, control: Control) -> Conditioning:
    return replace(conditioning, controls=(*conditioning.controls, control))
