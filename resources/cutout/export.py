"""Writes the shipped folder, and what is to be known about how it came to be."""

from __future__ import annotations

import copy
import hashlib
import json
import platform
from pathlib import Path
from typing import Any, Final

import torch
from diffusers import StableDiffusionPipeline
from diffusers.utils import logging as diffusers_logging
from transformers.utils import logging as transformers_logging

from resources.cutout.sampling import MODEL, Cutout
from resources.cutout.scene import vocabulary

RECORD: Final = "training.json"
_READABLE: Final = 0o644
WORDS: Final = "words.json"


def half(module: Any) -> Any:
    """Copy a model in 16 bits, laid out in memory as every loader expects."""
    copied = copy.deepcopy(module).cpu().half()
    return copied.to(memory_format=torch.contiguous_format)


def export(cutout: Cutout, folder: Path = MODEL) -> None:
    """Write the parts as one diffusers folder; what it can paint needs no safety checker."""
    diffusers_logging.disable_progress_bar()
    transformers_logging.disable_progress_bar()
    pipeline = StableDiffusionPipeline(
        vae=half(cutout.vae),
        text_encoder=half(cutout.text_encoder),
        tokenizer=cutout.tokenizer,
        unet=half(cutout.unet),
        scheduler=cutout.scheduler,
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.save_pretrained(folder, safe_serialization=True)
    # Let transformers load 32 bits unless told otherwise: so does diffusers, and the parts agree.
    _amend(folder / "text_encoder" / "config.json", dtype="float32")
    for part in ("unet", "vae"):
        _amend(folder / part / "config.json")
    for file in folder.rglob("*.safetensors"):
        file.chmod(_READABLE)  # written for the owner alone, which a package would keep
    forget_places(folder)
    write_words(folder)


def forget_places(folder: Path = MODEL) -> None:
    """Take out of the configurations where on this machine the parts were loaded from."""
    for path in folder.rglob("*config.json"):
        config = json.loads(path.read_text(encoding="utf-8"))
        if config.pop("_name_or_path", None) is not None:
            path.write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")


def write_words(folder: Path = MODEL) -> None:
    """List the words that the model knows, for whoever wants to say which it does not."""
    text = json.dumps({"words": vocabulary()}, indent=2)
    (folder / WORDS).write_text(f"{text}\n", encoding="utf-8")


def _amend(config: Path, **changes: str) -> None:
    """Change settings of a part, and forget the folder that it was loaded from."""
    settings: dict[str, Any] = json.loads(config.read_text(encoding="utf-8")) | changes
    settings.pop("_name_or_path", None)
    config.write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")


def hashes(folder: Path = MODEL) -> dict[str, str]:
    """Give each weight file's SHA-256, by which adapters name the model they were trained on."""
    files = sorted(folder.rglob("*.safetensors"))
    return {
        file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in files
    }


def hardware(device: torch.device) -> str:
    """Name the machine."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"{_processor()}, {torch.get_num_threads()} threads, no GPU"


def _processor() -> str:
    """Name the processor; Linux keeps it in a file."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def record(stage: str, facts: dict[str, Any], folder: Path = MODEL) -> None:
    """Write down one stage's facts; the other stage's stay, hashes are taken anew."""
    path = folder / RECORD
    known: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    known[stage] = facts
    known["torch"] = torch.__version__
    known["sha256"] = hashes(folder)
    path.write_text(json.dumps(known, indent=2, sort_keys=True) + "\n", encoding="utf-8")
