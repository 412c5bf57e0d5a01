"""What node functions receive and return, as Python types; the contracts are in `graph.sockets`.

Importing this module imports no torch: fields that hold tensors are typed for the checker only.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Generic, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from graph import sockets
from graph.sockets import IMAGE, MASK, SocketType

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor

T = TypeVar("T")

Image: TypeAlias = Annotated[NDArray[np.float32], IMAGE]
"""Pictures, float32 (N, H, W, 3), 0 to 1, sRGB-encoded; read-only once they leave a node."""

Mask: TypeAlias = Annotated[NDArray[np.float32], MASK]
"""Masks, float32 (N, H, W), 0 to 1, 1 = selected; read-only once they leave a node."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Weights on disk, named by their content: where they lie does not change what they are."""

    fingerprint: str
    """sha256 of the file, or of the folder (see `graph.files`)."""
    family: str
    """The model family, such as "sd1"."""
    path: Path = field(compare=False)
    """Where the weights lie on this machine; not part of the identity."""
    tokenizer: Path | None = field(default=None, compare=False)
    """Where the tokenizer lies that it borrows, when it brings none; no part of the identity."""
    vocabulary: str = ""
    """sha256 of that folder: what was encoded with one tokenizer is no answer for another."""


@dataclass(frozen=True, slots=True)
class Lora:
    """Adapter weights on disk, named by their content."""

    fingerprint: str
    """sha256 of the file."""
    family: str
    """The model family that they are for."""
    path: Path = field(compare=False)
    """Where they lie on this machine; not part of the identity."""


@dataclass(frozen=True, slots=True)
class LoraUse:
    """A LoRA as a recipe takes it."""

    lora: Lora
    weight: float
    """How much of it is added; 1 is as trained, negative takes it away."""
    blocks: tuple[tuple[str, float], ...] = ()
    """Factors on top for parts of the network, such as ("down.1", 0.5); the longest name wins."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What tells one denoiser from another, on disk, named by its content."""

    fingerprint: str
    """sha256 of the folder."""
    path: Path = field(compare=False)
    """Where it lies on this machine; not part of the identity."""


@dataclass(frozen=True, slots=True)
class Model:
    """A recipe for a denoiser: what to load and how to patch it, not the weights."""

    checkpoint: Checkpoint
    precision: str = "auto"
    loras: tuple[LoraUse, ...] = ()
    """Added to the denoiser, in the order of their content."""
    text_loras: tuple[LoraUse, ...] = ()
    """Added to the text encoder where a sampler has to encode the empty prompt itself."""
    difference: Difference | None = None
    """Makes another denoiser of the checkpoint's, such as one for inpainting."""


@dataclass(frozen=True, slots=True)
class TextEncoder:
    """A recipe for the text encoder (or encoders) and tokenizer of a checkpoint."""

    checkpoint: Checkpoint
    precision: str = "auto"
    loras: tuple[LoraUse, ...] = ()
    """Added to it, in the order of their content."""


@dataclass(frozen=True, slots=True)
class ControlNet:
    """A recipe for a ControlNet: what to load, not the weights."""

    fingerprint: str
    """sha256 of the file or folder."""
    family: str
    """The model family that it steers."""
    path: Path = field(compare=False)
    """Where its weights lie on this machine; not part of the identity."""
    context: int = 0
    """The width of the text that it takes; 0 where the file does not tell."""
    precision: str = "auto"


@dataclass(frozen=True, slots=True, eq=False)
class Control:
    """A picture that a ControlNet steers by."""

    net: ControlNet
    image: NDArray[np.float32]
    """float32 (N or 1, H, W, 3), 0 to 1, of any size: it is fitted to the picture that is made."""
    strength: float
    """How much of what the ControlNet says is added."""
    start: float = 0.0
    """The part of the steps, 0 to 1, before which it has no say."""
    end: float = 1.0
    """The part of the steps after which it has no say."""
    mask: NDArray[np.float32] | None = None
    """float32 (N or 1, H, W), 0 to 1: how much say it has where. None: everywhere."""


@dataclass(frozen=True, slots=True)
class Vae:
    """A recipe for the autoencoder of a checkpoint."""

    checkpoint: Checkpoint
    precision: str = "auto"


@dataclass(frozen=True, slots=True, eq=False)
class Conditioning:
    """An encoded prompt."""

    tokens: Tensor
    """float32 (N, T, C): one vector a token, T a multiple of the encoder's length."""
    family: str
    """The model family whose encoder made it."""
    pooled: Tensor | None = None
    """float32 (N, P), for families that use it."""
    controls: tuple[Control, ...] = ()
    """What ControlNets steer by; what they say is added up."""


@dataclass(frozen=True, slots=True, eq=False)
class Latent:
    """A picture, or noise, in the space of a VAE."""

    samples: Tensor
    """float32 (N, C, h, w), scaled as the denoiser expects it."""
    family: str = ""
    """The family whose VAE made it; empty for an empty latent, which fits all."""
    factor: int = 8
    """Pixels along a side of one latent cell."""
    sigma: float = 0.0
    """Noise left in it, as a standard deviation in variance-exploding units; 0 = clean."""
    empty: bool = False
    """Whether it only states a size."""
    rgb: tuple[tuple[float, float, float], ...] = ()
    """C + 1 rows: colour (0 to 1) of each channel, then of zero; for previews. Empty: unknown."""
    mask: Tensor | None = None
    """float32 (N or 1, 1, h, w), 0 to 1: how much of each cell is to be made new. None: all of it,
    as far as the sampler is told to."""
    masked: Tensor | None = None
    """float32 (N or 1, C, h, w): the picture with the selected part blanked, for inpainting models.
    """
    source: Tensor | None = None
    """float32 (N, C, h, w): what is kept under the mask, where `samples` still hold noise."""


@dataclass(frozen=True, slots=True)
class Region:
    """Where a piece was cut out of a picture, in whole pixels; it lies within the picture."""

    x: int
    """Pixels left of it."""
    y: int
    """Pixels above it."""
    width: int
    height: int
    source_width: int
    source_height: int


VALUE_TYPES: dict[type, SocketType] = {
    Model: sockets.MODEL,
    TextEncoder: sockets.TEXT_ENCODER,
    Vae: sockets.VAE,
    ControlNet: sockets.CONTROL_NET,
    Conditioning: sockets.CONDITIONING,
    Latent: sockets.LATENT,
    Region: sockets.REGION,
}
"""Which socket type each class belongs to; a plugin's class carries its own as `__socket__`."""


def socket_of(value: object) -> SocketType | None:
    """Return the socket type of a value that is not a scalar, or None when it is of none."""
    if isinstance(value, np.ndarray):
        return {4: IMAGE, 3: MASK}.get(value.ndim)
    found = VALUE_TYPES.get(type(value)) or getattr(type(value), "__socket__", None)
    return found if isinstance(found, SocketType) else None


class InputAsked(BaseException):
    """Raised out of a body to have a lazy input computed; the body is then called again.

    Not an `Exception`, so that a body that catches those does not catch this.
    """

    def __init__(self, name: str) -> None:
        """Ask for the input `name`."""
        super().__init__(name)
        self.name = name


class Lazy(Generic[T]):
    """An input that is computed only when the body calls it."""

    __slots__ = ("_ask",)

    def __init__(self, ask: Callable[[], T]) -> None:
        """Wrap `ask`, which returns the input, or raises `InputAsked` to have it computed."""
        self._ask = ask

    def __call__(self) -> T:
        """Return the input, computing it first if nothing else needed it yet."""
        return self._ask()


@dataclass(frozen=True, slots=True, eq=False)
class Progress:
    """What a node body yields: progress, preview, and a point where it can be cancelled."""

    done: int
    """Steps done, 0 to `total`."""
    total: int
    preview: object = None
    """A value of any wire type that can draw itself small, or None."""


Steps: TypeAlias = Generator[Progress, None, T]
"""The return type of a node that reports progress: it yields `Progress` and returns a `T`."""
