"""Where networks run and in which precision, and how that is named in every action."""

from __future__ import annotations

from enum import StrEnum
from importlib.metadata import version

import torch

from nodes.errors import DeviceError

_LIBRARIES = ("torch", "diffusers", "transformers", "numpy", "Pillow", "opencv-python-headless")
_DTYPES = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}


class Part(StrEnum):
    """The parts of a model that are loaded each for itself."""

    DENOISER = "denoiser"
    TEXT = "text encoder"
    VAE = "VAE"
    LORA = "LoRA"
    CONTROL_NET = "ControlNet"
    NETWORK = "network"


_BASE = (Part.DENOISER, Part.TEXT, Part.VAE)
"""What decides for the rest: adapters take the precision of what they are added to."""


def choose_device(name: str) -> torch.device:
    """Return the device that `name` means here; "auto" is the GPU if there is one.

    Raises:
        DeviceError: `name` is not here.
    """
    if name == "auto":
        return torch.device(_best())
    try:
        device = torch.device(name)
    except RuntimeError as error:
        message = f"{name!r} is no device: use auto, cpu, cuda or mps"
        raise DeviceError(message) from error
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        message = f"device {name!r} is not on this machine: use auto or cpu"
        raise DeviceError(message)
    if device.type == "mps" and not torch.backends.mps.is_available():
        message = f"device {name!r} is not on this machine: use auto or cpu"
        raise DeviceError(message)
    return device


def _best() -> str:
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def choose_dtype(precision: str, part: Part, device: torch.device) -> torch.dtype:
    """Return the dtype of `part` on `device`; `precision` is "auto" or a dtype's name.

    Half precision is worth it on a GPU only. The VAE stays in float32 there too: it is small, and
    in float16 some decoders overflow into black pictures.
    """
    if precision != "auto":
        return _DTYPES[precision]
    if device.type == "cuda" and part is not Part.VAE:
        return torch.float16
    return torch.float32


def describe(device: str) -> tuple[str, str]:
    """Return what belongs to every action on `device`, and the device's name for people.

    The first names the device class, the precision policy and the library versions: pictures made
    under another value of it may differ in their last bits.
    """
    chosen = choose_device(device)
    if chosen.type == "cuda":
        name = torch.cuda.get_device_name(chosen)
        kind = name
    else:
        name = chosen.type
        kind = f"{name} {torch.backends.cpu.get_cpu_capability()}"
    versions = (f"{library} {version(library)}" for library in _LIBRARIES)
    dtypes = (str(choose_dtype("auto", part, chosen)).removeprefix("torch.") for part in _BASE)
    return "; ".join((kind, "/".join(dtypes), *versions)), name
