"""Trains Cutout: the autoencoder, the denoiser with its text encoder, the decoder again.

`python -m resources.cutout.train` does all of it on a GPU if there is one and on the CPU if not.
Checkpoints lie in `build/cutout/`; with `--resume` an interrupted training goes on from them. On a
CPU, one process for each core is quicker: `torchrun --nproc-per-node 2 -m resources.cutout.train
--device cpu`.
"""

from __future__ import annotations

import argparse
import copy
import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import torch
from diffusers import AutoencoderKL

from resources.cutout.decoder_stage import decoder_stage, train_decoder
from resources.cutout.denoiser_stage import denoiser_stage, obedience, train_denoiser
from resources.cutout.export import export, hardware, record
from resources.cutout.loop import BUILD, Stage, choose_device, join, rank, wait
from resources.cutout.sampling import MODEL, Cutout
from resources.cutout.tokenizer import build_tokenizer
from resources.cutout.vae_stage import train_vae, vae_quality, vae_stage

if TYPE_CHECKING:
    from collections.abc import Sequence

SEED: Final = 20261121
VAE_FOLDER: Final = BUILD / "vae"
_MINUTES: Final = {"vae": 20.0, "denoiser": 90.0, "decoder": 10.0}
_QUALITY_CAPTIONS: Final = 200


def facts(stage: Stage, device: torch.device, quality: dict[str, float]) -> dict[str, Any]:
    """Gather what is to be known about a finished stage."""
    return {
        "seed": SEED,
        "steps": stage.steps,
        "minutes": round(stage.budget.spent / 60, 1),
        "hardware": hardware(device),
        "quality": quality,
    }


def run_vae(minutes: float, device: torch.device, *, resume: bool) -> None:
    """Train the autoencoder and keep it for the denoiser's stage."""
    stage = vae_stage(minutes, device)
    if resume:
        stage.resume()
    vae = train_vae(stage, SEED)
    if rank() > 0:
        return
    vae.save_pretrained(VAE_FOLDER)
    MODEL.mkdir(exist_ok=True)
    record("vae", facts(stage, device, vae_quality(vae)))


def run_denoiser(minutes: float, device: torch.device, *, resume: bool) -> None:
    """Train the denoiser on the autoencoder at hand, then write the shipped folder."""
    folder = VAE_FOLDER if VAE_FOLDER.exists() else MODEL / "vae"
    vae = AutoencoderKL.from_pretrained(folder, local_files_only=True, torch_dtype=torch.float32)
    tokenizer = build_tokenizer()
    stage = denoiser_stage(minutes, device, tokenizer)
    if resume:
        stage.resume()
    cutout = train_denoiser(stage, vae.to(device).eval(), tokenizer, SEED)
    if rank() > 0:
        return
    export(cutout)
    record("denoiser", facts(stage, device, obedience(Cutout.load(), _QUALITY_CAPTIONS)))


def run_decoder(minutes: float, device: torch.device, *, resume: bool) -> None:
    """Fit the shipped folder's decoder to its denoiser, and write the folder again."""
    cutout = replace(Cutout.load(), tokenizer=build_tokenizer()).to(device)
    first = copy.deepcopy(cutout.vae)
    stage = decoder_stage(minutes, cutout)
    if resume:
        stage.resume()
    train_decoder(stage, cutout, first, SEED)
    if rank() > 0:
        return
    export(cutout)
    quality = vae_quality(cutout.vae) | obedience(Cutout.load(), _QUALITY_CAPTIONS)
    record("decoder", facts(stage, device, quality))


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m resources.cutout.train", description=__doc__)
    parser.add_argument("--stage", choices=(*_MINUTES, "all"), default="all")
    parser.add_argument("--minutes", type=float, help="for each stage; 20, 90 and 10 if not given")
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
    stages = {"vae": run_vae, "denoiser": run_denoiser, "decoder": run_decoder}
    for name, run in stages.items():
        if options.stage in {name, "all"}:
            minutes = options.minutes or _MINUTES[name]
            run(minutes, device, resume=options.resume)
            wait()


if __name__ == "__main__":
    main()
