"""Sfumato's public face: what plugin authors import.

from sfumato import Image, node
"""

from graph.declare import node
from graph.errors import ContractError, SfumatoError
from graph.handlers import Handler, Packed
from graph.hints import Doc, File, Label, Multiline, Prompt, Range, Seed
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
    "Conditioning",
    "ContractError",
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
    "Progress",
    "Prompt",
    "Range",
    "Run",
    "Seed",
    "SfumatoError",
    "Shape",
    "SocketType",
    "Steps",
    "TextEncoder",
    "Vae",
    "node",
]
