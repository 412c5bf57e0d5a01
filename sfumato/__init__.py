"""Sfumato's public face: what plugin authors import.

from sfumato import Image, node
"""

from graph.declare import node
from graph.errors import ContractError, SfumatoError
from graph.handlers import Handler, Packed
from graph.hints import (
    Colour,
    Curve,
    Doc,
    File,
    Label,
    Multiline,
    Painted,
    Prompt,
    Range,
    Seed,
    Size,
)
from graph.pack import Pack
from graph.run import Run
from graph.sockets import Shape, SocketType
from graph.spec import Lane
from graph.values import (
    Conditioning,
    Image,
    Latent,
    Lazy,
    Mask,
    Model,
    Progress,
    Steps,
    TextEncoder,
    Vae,
)

__all__ = [
    "Colour",
    "Conditioning",
    "ContractError",
    "Curve",
    "Doc",
    "File",
    "Handler",
    "Image",
    "Label",
    "Lane",
    "Latent",
    "Lazy",
    "Mask",
    "Model",
    "Multiline",
    "Pack",
    "Packed",
    "Painted",
    "Progress",
    "Prompt",
    "Range",
    "Run",
    "Seed",
    "SfumatoError",
    "Shape",
    "Size",
    "SocketType",
    "Steps",
    "TextEncoder",
    "Vae",
    "node",
]
