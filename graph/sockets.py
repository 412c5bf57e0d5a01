"""The types of sockets: what flows on a wire, how it looks, and which type converts to which.

The data contract of each type is written here once; `graph.handlers` enforces it at the socket.
Colours are equal in lightness and low in chroma (OKLCH 0.74, 0.09 or less), so that only the
pictures are colourful; the shape is the second cue for colour-blind eyes.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from graph.errors import SfumatoError


class Shape(StrEnum):
    """The outline of a socket."""

    CIRCLE = "circle"
    SQUARE = "square"
    DIAMOND = "diamond"
    TRIANGLE = "triangle"
    HEXAGON = "hexagon"


class SocketType(msgspec.Struct, frozen=True):
    """What a wire of this type carries."""

    name: str
    """Unique name, as saved in node specifications; a plugin writes `pack/Name`."""
    colour: str
    """`#rrggbb`."""
    shape: Shape
    contract: str
    """Kind of value, shape, dtype, range and meaning, for people."""


MODEL = SocketType(
    "Model", "#b39edc", Shape.SQUARE, "A recipe for a denoiser: checkpoint, LoRAs, patches."
)
TEXT_ENCODER = SocketType(
    "TextEncoder", "#c1a966", Shape.SQUARE, "A recipe for the text encoder of a checkpoint."
)
VAE = SocketType(
    "Vae", "#de9493", Shape.SQUARE, "A recipe for the autoencoder between pictures and latents."
)
CONTROL_NET = SocketType("ControlNet", "#64bead", Shape.SQUARE, "A recipe for a ControlNet.")
LORA = SocketType("Lora", "#cc96c6", Shape.SQUARE, "A recipe for low-rank adapter weights.")
CONDITIONING = SocketType(
    "Conditioning",
    "#d59d70",
    Shape.HEXAGON,
    "Encoded prompt: tokens float32 (N, T, C); pooled float32 (N, P) where the family has it.",
)
LATENT = SocketType(
    "Latent",
    "#d793b3",
    Shape.CIRCLE,
    "A tensor float32 (N, C, h, w) in the VAE's space, with spatial factor and noise state.",
)
IMAGE = SocketType(
    "Image", "#74b3de", Shape.DIAMOND, "float32 (N, H, W, 3), 0 to 1, sRGB-encoded, finite."
)
MASK = SocketType("Mask", "#8db983", Shape.DIAMOND, "float32 (N, H, W), 0 to 1; 1 = selected.")
REGION = SocketType(
    "Region", "#a8a9c9", Shape.TRIANGLE, "Where a piece lies in a picture: a rectangle of pixels."
)
VIDEO = SocketType("Video", "#5fbaca", Shape.DIAMOND, "A handle to frames in a chunked store.")
LAYERS = SocketType("Layers", "#95a8e4", Shape.DIAMOND, "Pictures with alpha in stacking order.")
TEXT = SocketType("Text", "#adaf83", Shape.CIRCLE, "Unicode text.")
INT = SocketType("Int", "#87b5b2", Shape.CIRCLE, "A whole number.")
FLOAT = SocketType("Float", "#95b49a", Shape.CIRCLE, "A finite number.")
BOOL = SocketType("Bool", "#cd9f8f", Shape.CIRCLE, "True or false.")
CURVE = SocketType(
    "Curve", "#c99fb9", Shape.TRIANGLE, "x and y of points from 0 to 1, one after another."
)
ANY = SocketType("Any", "#8c8c8c", Shape.CIRCLE, "Whatever is wired in.")
CHOICE = SocketType("Choice", "#ababab", Shape.CIRCLE, "One of the named choices of the input.")

BUILT_IN = (
    MODEL, TEXT_ENCODER, VAE, CONTROL_NET, LORA, CONDITIONING, LATENT, IMAGE, MASK, REGION, VIDEO,
    LAYERS, TEXT, INT, FLOAT, BOOL, CHOICE, CURVE, ANY,
)  # fmt: skip

#: Conversions that lose nothing an artist would miss, done at the socket: (from, to).
SAFE_CONVERSIONS = frozenset(
    {
        (INT.name, FLOAT.name),
        (INT.name, TEXT.name),
        (FLOAT.name, TEXT.name),
        (BOOL.name, INT.name),
        (TEXT.name, CHOICE.name),
        (CHOICE.name, TEXT.name),
        (IMAGE.name, MASK.name),
        (MASK.name, IMAGE.name),
    }
)


class SocketTypes(msgspec.Struct, frozen=True):
    """The socket types and conversions known to a catalog: the built-in ones and those of packs."""

    types: dict[str, SocketType] = msgspec.field(
        default_factory=lambda: {socket.name: socket for socket in BUILT_IN}
    )
    conversions: frozenset[tuple[str, str]] = SAFE_CONVERSIONS

    def __getitem__(self, name: str) -> SocketType:
        """Return the type called `name`; a placeholder for one that no installed pack brings."""
        known = self.types.get(name)
        return known or SocketType(name, "#8c8c8c", Shape.CIRCLE, "From a pack that is not here.")

    def accepts(self, target: str, source: str) -> bool:
        """Say whether an output of type `source` may be wired into an input of type `target`."""
        if target == source or (source, target) in self.conversions:
            return True
        return ANY.name in (target, source)

    def extended(
        self, types: tuple[SocketType, ...], conversions: frozenset[tuple[str, str]]
    ) -> SocketTypes:
        """Return these types and `types`; raise when a name is taken with another meaning."""
        for socket in types:
            if self.types.get(socket.name, socket) != socket:
                message = f"socket type {socket.name!r} is already defined: choose another name"
                raise SfumatoError(message)
        merged = self.types | {socket.name: socket for socket in types}
        return SocketTypes(merged, self.conversions | conversions)
