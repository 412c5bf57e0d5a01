"""What a model family brings: how its parts are loaded, and what its networks do their own way.

Everything else (steps, noise, guidance, progress, preview, cancel) is shared.

A family is found by name in `nodes.families.registry`. Its parts live in the model store; nodes
hold recipes for them (`graph.values`) and lease them for the time of one call.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import torch
from torch import Tensor, nn
from torch.nn import functional

from nodes.streaming import computes_on

if TYPE_CHECKING:
    from pathlib import Path

    from nodes.device import Part

Config: TypeAlias = Mapping[str, Any]
"""A diffusers configuration, as its JSON says it."""


@dataclass(frozen=True, slots=True)
class LatentSpec:
    """The space that a denoiser works in."""

    channels: int
    factor: int
    """Pixels along a side of one latent cell."""
    extra: int = 0
    """Channels that the denoiser takes besides: a mask and what is kept, for inpainting."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What one denoiser call is conditioned on, on the denoiser's device."""

    tokens: Tensor
    """(N, T, C), as many as there are latents."""
    pooled: Tensor | None = None
    """(N, P), for families that use it."""
    extra: Tensor | None = None
    """(N, E, h, w), more channels for denoisers that take them beside the latent."""
    steering: tuple[Steering, ...] = ()
    """What ControlNets add to the network's layers."""

    def at(self, step: int) -> Condition:
        """Return this condition with what steers in `step`, counted from 0."""
        if not self.steering:
            return self
        return replace(self, steering=tuple(each for each in self.steering if each.has_say(step)))

    def joins(self, other: Condition) -> bool:
        """Say whether both can go through the denoiser in one batch."""
        same = self.tokens.shape == other.tokens.shape and self.steering == other.steering
        return same and (self.pooled is None) == (other.pooled is None)

    @classmethod
    def join(cls, conditions: Sequence[Condition]) -> Condition:
        """Return all `conditions` as one batch, in order."""
        tokens = torch.cat([each.tokens for each in conditions])
        pooled = _together([each.pooled for each in conditions])
        extra = _together([each.extra for each in conditions])
        steering = tuple(each.repeated(len(conditions)) for each in conditions[0].steering)
        return cls(tokens, pooled, extra, steering)

    def split(self) -> list[Condition]:
        """Return one condition for each latent."""
        count = len(self.tokens)
        pooled, extra = (
            [None] * count if tensor is None else tensor.split(1)
            for tensor in (self.pooled, self.extra)
        )
        rows = zip(self.tokens.split(1), pooled, extra, strict=True)
        return [
            Condition(*row, tuple(each.only(i) for each in self.steering))
            for i, row in enumerate(rows)
        ]


def _together(tensors: Sequence[Tensor | None]) -> Tensor | None:
    """Return `tensors` as one batch; None when there is none."""
    present = [tensor for tensor in tensors if tensor is not None]
    return torch.cat(present) if present else None


class Component(Protocol):
    """A part of a checkpoint in memory."""

    @property
    def module(self) -> nn.Module:
        """The network, in evaluation mode; nothing may change its weights but the store."""


def device_of(component: Component) -> torch.device:
    """Return where `component` computes; its weights may lie elsewhere for a while."""
    return computes_on(component.module)


class Denoiser(Component, Protocol):
    """A network that predicts noise (or its like) in a latent."""

    @property
    def latent(self) -> LatentSpec:
        """The space it works in."""

    @property
    def context(self) -> int:
        """The width of the text that it takes."""

    @property
    def schedule(self) -> Config:
        """The noise schedule it was trained with, as a diffusers scheduler's configuration."""

    def set_steps(self, scheduler: Any, steps: int, shape: Sequence[int]) -> None:
        """Lay `steps` steps out for latents of `shape`: plain, by a shift, by the token count."""

    def begin(self, samples: Tensor) -> Tensor:
        """Return latents (N, C, h, w) as the network takes them, such as packed into tokens."""

    def end(self, state: Tensor) -> Tensor:
        """Undo `begin`."""

    def predict(self, state: Tensor, time: Tensor, condition: Condition) -> Tensor:
        """Return the prediction for `state` at timestep `time`, float32, in one call.

        Conventions of sign and of time that differ between families end here.
        """


class ControlNetwork(Component, Protocol):
    """A network that looks at a picture and says what to add to a denoiser's layers."""

    @property
    def context(self) -> int:
        """The width of the text that it takes."""

    def residuals(
        self, state: Tensor, time: Tensor, tokens: Tensor, picture: Tensor
    ) -> list[Tensor]:
        """Return what it says of pictures (N, 3, H, W) from 0 to 1, for the latents `state`."""


@dataclass(frozen=True, slots=True, eq=False)
class Steering:
    """A control as one sampling takes it, on the denoiser's device."""

    network: ControlNetwork
    picture: Tensor
    """(N, 3, H, W), 0 to 1, of the size of the picture that is made."""
    strength: float
    steps: range
    """In which it has a say."""
    mask: Tensor | None = None
    """(N, 1, H, W), how much say it has where."""

    def has_say(self, step: int) -> bool:
        """Say whether it does anything in `step`."""
        return step in self.steps

    def repeated(self, times: int) -> Steering:
        """Return this for `times` batches of latents, one behind the other."""
        mask = None if self.mask is None else self.mask.repeat(times, 1, 1, 1)
        return replace(self, picture=self.picture.repeat(times, 1, 1, 1), mask=mask)

    def only(self, index: int) -> Steering:
        """Return this for one latent of the batch."""
        one = slice(index, index + 1)
        mask = None if self.mask is None else self.mask[one]
        return replace(self, picture=self.picture[one], mask=mask)

    def residuals(self, state: Tensor, time: Tensor, tokens: Tensor) -> list[Tensor]:
        """Return what it adds to the denoiser's layers for latents `state`."""
        said = self.network.residuals(state, time, tokens, self.picture)
        return [each * (self.strength * self._say(each)) for each in said]

    def _say(self, residual: Tensor) -> Tensor | float:
        if self.mask is None:
            return 1.0
        return functional.interpolate(self.mask, residual.shape[-2:], mode="area").to(residual)


class TextCoder(Component, Protocol):
    """A tokenizer and a text encoder (or several)."""

    @property
    def width(self) -> int:
        """How many numbers the vector of a token has, before anything is encoded."""

    def encode(
        self, prompt: str, clip_skip: int, learned: Mapping[str, Tensor] | None = None
    ) -> Condition:
        """Return `prompt` encoded, float32 (1, T, C); `clip_skip` of 1 is the last layer.

        `learned` are the vectors (n, width) that stand for each `embedding:name` in it.

        Raises:
            PromptError: the encoder has fewer layers than `clip_skip`.
        """

    def strangers(self, prompt: str) -> dict[str, str | None]:
        """Return words that the encoder cannot know -> the nearest one that it knows."""


class Autoencoder(Component, Protocol):
    """A VAE; latents are scaled as the denoiser expects them."""

    @property
    def latent(self) -> LatentSpec:
        """The space it maps pictures to."""

    @property
    def rgb(self) -> tuple[tuple[float, float, float], ...]:
        """A linear guess at `decode`, as `graph.values.Latent.rgb` says."""

    def encode(self, pixels: Tensor) -> Tensor:
        """Return latents (N, C, h, w) of pictures (N, 3, H, W) from -1 to 1; no randomness."""

    def decode(self, samples: Tensor) -> Tensor:
        """Return pictures (N, 3, H, W), nominally from -1 to 1, of latents (N, C, h, w)."""

    def working_set(self, height: int, width: int) -> int:
        """Return about how many bytes it takes to encode or decode one picture of that size."""


class ModelFamily(Protocol):
    """A kind of checkpoint, such as Stable Diffusion 1.x; has no state of its own."""

    name: str
    """As `graph.values.Checkpoint.family` says it."""
    title: str
    """For people."""

    def verify(self, path: Path) -> None:
        """Check from headers alone that the checkpoint at `path` is whole and can be run.

        Raises:
            CheckpointError: it is not; the message names the file and the remedy.
        """

    def layers(self, path: Path) -> Mapping[Part, Mapping[str, tuple[int, ...]]]:
        """Return, by network, path -> shape of the weights of each layer that a LoRA may change.

        From configurations alone.
        """

    def verify_control_net(self, path: Path) -> None:
        """Check from headers alone that the ControlNet at `path` is whole.

        Raises:
            CheckpointError: it is not.
        """

    def load_control_net(self, path: Path) -> ControlNetwork:
        """Load the ControlNet at `path`, likewise: a diffusers folder, or a file in either layout.

        Raises:
            CheckpointError: weights are missing.
        """

    def load_denoiser(self, path: Path, difference: Path | None = None) -> Denoiser:
        """Load the denoiser of the checkpoint at `path`, or what `difference` makes of it.

        On the CPU and in the precision of the file, so that weights are mapped and not copied; the
        store brings them to the device and the precision that are wanted.
        """

    def load_text(self, path: Path, tokenizer: Path) -> TextCoder:
        """Load the text encoder, likewise, to be used with the tokenizer in that folder."""

    def load_vae(self, path: Path) -> Autoencoder:
        """Load the VAE, likewise."""
