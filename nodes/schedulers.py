"""The samplers an artist can choose: our names, the diffusers scheduler behind each, its settings.

A scheduler object counts its own steps, so every run gets a fresh one, made from the noise schedule
that the checkpoint was trained with and the settings of the choice.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

import diffusers
import torch
from torch import Tensor

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nodes.families.base import Config


class Scheduler(StrEnum):
    """How noise is taken away, step by step."""

    EULER = "euler"
    EULER_ANCESTRAL = "euler_ancestral"
    HEUN = "heun"
    DDIM = "ddim"
    DPMPP_2M = "dpmpp_2m"
    DPMPP_2M_KARRAS = "dpmpp_2m_karras"
    DPMPP_2M_SDE = "dpmpp_2m_sde"
    DPMPP_2M_SDE_KARRAS = "dpmpp_2m_sde_karras"
    UNIPC = "unipc"
    PNDM = "pndm"
    LCM = "lcm"

    @property
    def label(self) -> str:
        """The name on screen."""
        return _CHOICES[self].label


class DiffusersScheduler(Protocol):
    """What we use of a diffusers scheduler."""

    order: int
    config: Any
    timesteps: Tensor
    init_noise_sigma: float | Tensor
    alphas_cumprod: Tensor

    def set_timesteps(self, num_inference_steps: int, device: object = None) -> None:
        """Lay out the steps."""

    def scale_model_input(self, sample: Tensor, timestep: Tensor) -> Tensor:
        """Return `sample` as the network was trained to take it."""

    def add_noise(self, original_samples: Tensor, noise: Tensor, timesteps: Tensor) -> Tensor:
        """Return `original_samples` with as much `noise` as belongs to `timesteps`."""

    def step(self, model_output: Tensor, timestep: Tensor, sample: Tensor, **more: object) -> Any:
        """Take one step."""


class Space(StrEnum):
    """How a scheduler holds a latent that is part picture x, part noise e of deviation s."""

    EXPLODING = "exploding"
    """x + s·e: the picture keeps its size and the noise grows (VE)."""
    PRESERVING = "preserving"
    """(x + s·e) / sqrt(1 + s²): the whole keeps its size (VP)."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What stands behind one name."""

    label: str
    kind: str
    """A class in diffusers."""
    space: Space = Space.PRESERVING
    settings: Mapping[str, object] = field(default_factory=dict)


_SDE: Config = {"algorithm_type": "sde-dpmsolver++"}
_KARRAS: Config = {"use_karras_sigmas": True}
_LCM_STEPS = 50
_DPM = "DPMSolverMultistepScheduler"

_CHOICES: Mapping[Scheduler, Choice] = {
    Scheduler.EULER: Choice("Euler", "EulerDiscreteScheduler", Space.EXPLODING),
    Scheduler.EULER_ANCESTRAL: Choice(
        "Euler ancestral", "EulerAncestralDiscreteScheduler", Space.EXPLODING
    ),
    Scheduler.HEUN: Choice("Heun", "HeunDiscreteScheduler", Space.EXPLODING),
    Scheduler.DDIM: Choice("DDIM", "DDIMScheduler"),
    Scheduler.DPMPP_2M: Choice("DPM++ 2M", _DPM),
    Scheduler.DPMPP_2M_KARRAS: Choice("DPM++ 2M Karras", _DPM, settings=_KARRAS),
    Scheduler.DPMPP_2M_SDE: Choice("DPM++ 2M SDE", _DPM, settings=_SDE),
    Scheduler.DPMPP_2M_SDE_KARRAS: Choice(
        "DPM++ 2M SDE Karras", _DPM, settings={**_SDE, **_KARRAS}
    ),
    Scheduler.UNIPC: Choice("UniPC", "UniPCMultistepScheduler"),
    Scheduler.PNDM: Choice("PNDM", "PNDMScheduler", settings={"skip_prk_steps": True}),
    Scheduler.LCM: Choice("LCM", "LCMScheduler"),
}


def choice_of(scheduler: Scheduler) -> Choice:
    """Return what stands behind `scheduler`."""
    return _CHOICES[scheduler]


def make_scheduler(scheduler: Scheduler, schedule: Config, steps: int) -> DiffusersScheduler:
    """Return a fresh scheduler for `steps` steps with a checkpoint trained with `schedule`."""
    choice = _CHOICES[scheduler]
    kind = getattr(diffusers, choice.kind)
    # Settings of the checkpoint's own scheduler that this one does not have are logged as mistakes.
    known = inspect.signature(kind.__init__).parameters
    shared = {name: value for name, value in schedule.items() if name in known}
    settings = {**shared, **choice.settings}
    if scheduler is Scheduler.LCM:
        # Its steps are some of those that the consistency model was distilled with: 50 as a rule.
        settings["original_inference_steps"] = max(_LCM_STEPS, steps)
    made: DiffusersScheduler = kind.from_config(settings)
    return made


def deviation(alphas_cumprod: Tensor, time: Tensor) -> float:
    """Return the noise at timestep `time` as a deviation s, where the picture has size 1.

    From the share a of the picture's variance: s = sqrt((1 - a) / a) (Song et al. 2021, DDIM).
    """
    # Schedules on continuous time (Euler, Heun) lay their steps between the trained ones.
    share = alphas_cumprod.double()[int(time.round())]
    return float(torch.sqrt((1 - share) / share))
