"""Trains Cutout's adapters on the frozen base: the LoRAs, the ControlNet, inpainting.

`python -m resources.cutout.adapters.train` does all of it on a GPU if there is one and on the CPU
if not. Lessons and checkpoints lie in `build/cutout/`; with `--resume` an interrupted training goes
on from them. On a CPU, one process for each core is quicker: `torchrun --nproc-per-node 2 -m
resources.cutout.adapters.train --device cpu`.
"""

from __future__ import annotations

import argparse
import logging
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import torch

from resources.cutout.adapters.control_stage import (
    control_lessons,
    control_quality,
    control_stage,
    train_control,
)
from resources.cutout.adapters.inpaint_stage import (
    inpaint_lessons,
    inpaint_quality,
    inpaint_stage,
    train_inpaint,
)
from resources.cutout.adapters.lessons import kept, style_lessons
from resources.cutout.adapters.lora_stage import lora_stage, style_quality, train_lora
from resources.cutout.adapters.shipped import (
    CONTROLNET,
    INPAINT,
    LORAS,
    export_controlnet,
    export_inpaint,
    export_lora,
)
from resources.cutout.adapters.styles import STYLES
from resources.cutout.export import hashes, record
from resources.cutout.loop import choose_device, join, rank, wait
from resources.cutout.sampling import Cutout
from resources.cutout.train import SEED, facts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_MINUTES: Final = {"ink": 41.0, "torn-paper": 27.0, "control": 64.0, "inpaint": 35.0}
_STYLE_LESSONS: Final = {"ink": 256, "torn-paper": 160}
"""Of each process."""
_CONTROL_LESSONS: Final = 2048
_INPAINT_LESSONS: Final = 2048


def _frozen(device: torch.device) -> Cutout:
    """Read the base; nothing of it will learn."""
    cutout = Cutout.load().to(device)
    for part in (cutout.text_encoder, cutout.unet, cutout.vae):
        part.requires_grad_(requires_grad=False)
    cutout.vae.to(memory_format=torch.channels_last)
    return cutout


def run_style(name: str, minutes: float, device: torch.device, *, resume: bool) -> None:
    """Train one style's LoRA."""
    style, cutout = STYLES[name], _frozen(device)
    lessons = kept(name, partial(style_lessons, cutout.vae, style, _STYLE_LESSONS[name], SEED))
    stage = lora_stage(minutes, cutout, style)
    if resume:
        stage.resume()
    learnt = train_lora(stage, cutout, style, lessons, SEED)
    if rank() > 0:
        return
    export_lora(learnt.unet, style)
    found: dict[str, Any] = facts(stage, device, style_quality(learnt, style, 64))
    record(name, found | {"base": hashes()}, LORAS)


def run_control(minutes: float, device: torch.device, *, resume: bool) -> None:
    """Train the ControlNet."""
    cutout = _frozen(device)
    lessons = kept("control", partial(control_lessons, cutout.vae, _CONTROL_LESSONS, SEED))
    stage = control_stage(minutes, cutout)
    if resume:
        stage.resume()
    controlnet = train_control(stage, cutout, lessons, SEED)
    if rank() > 0:
        return
    export_controlnet(controlnet)
    found = facts(stage, device, control_quality(cutout, controlnet, 64))
    record("control", found | {"base": hashes()}, CONTROLNET)


def run_inpaint(minutes: float, device: torch.device, *, resume: bool) -> None:
    """Train inpainting."""
    cutout = _frozen(device)
    lessons = kept("inpaint", partial(inpaint_lessons, cutout.vae, _INPAINT_LESSONS, SEED))
    stage = inpaint_stage(minutes, cutout)
    if resume:
        stage.resume()
    unet = train_inpaint(stage, cutout, lessons, SEED)
    if rank() > 0:
        return
    export_inpaint(unet)
    found = facts(stage, device, inpaint_quality(cutout, unet, 64))
    record("inpaint", found | {"base": hashes()}, INPAINT)


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m resources.cutout.adapters.train", description=__doc__
    )
    parser.add_argument("--stage", choices=(*_MINUTES, "all"), default="all")
    parser.add_argument("--minutes", type=float, help="for each stage")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoints")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> None:
    """Train what the command line asks for."""
    options = _parse(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    device = choose_device(options.device)
    join()
    torch.manual_seed(SEED)
    runs: dict[str, Callable[..., None]] = {name: partial(run_style, name) for name in STYLES}
    runs |= {"control": run_control, "inpaint": run_inpaint}
    for name, run in runs.items():
        if options.stage in {name, "all"}:
            run(options.minutes or _MINUTES[name], device, resume=options.resume)
            wait()


if __name__ == "__main__":
    main()
