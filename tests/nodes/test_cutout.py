"""Words to picture through the nodes, on the weights that ship with the program."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from graph.values import Latent
from nodes.handlers import LatentHandler
from nodes.latents import empty_latent
from nodes.loaders import load_checkpoint
from nodes.sample import sample
from nodes.schedulers import Scheduler
from nodes.text import encode_text
from nodes.vae import vae_decode, vae_encode
from resources.cutout.render import PAPER
from resources.cutout.scene import Colour
from resources.models import named
from tests.nodes.driver import drain, watch

if TYPE_CHECKING:
    from graph.run import Run
    from graph.values import Image
    from nodes.loaders import LoadedCheckpoint

#: One for each way of holding a latent and of stepping; the background is what they must get right.
PAINTED = [
    (Scheduler.EULER, Colour.RED, Colour.BLUE),
    (Scheduler.DDIM, Colour.BLUE, Colour.YELLOW),
    (Scheduler.DPMPP_2M_KARRAS, Colour.GREEN, Colour.BLACK),
    (Scheduler.UNIPC, Colour.BLACK, Colour.GREEN),
]


@pytest.fixture
def cutout(run: Run) -> LoadedCheckpoint:
    return load_checkpoint(run, named()["cutout"])


def nearest(pixels: Image) -> Colour:
    """The paper that most of `pixels` look like."""
    mean = np.median(pixels.reshape(-1, 3), axis=0) * 255
    return min(PAPER, key=lambda colour: float(np.abs(mean - PAPER[colour]).sum()))


def edges(picture: Image) -> Image:
    return np.concatenate([picture[:6].reshape(-1, 3), picture[-6:].reshape(-1, 3)])


@pytest.mark.parametrize(("scheduler", "colour", "background"), PAINTED)
def test_the_background_is_the_one_in_the_words(
    run: Run, cutout: LoadedCheckpoint, scheduler: Scheduler, colour: Colour, background: Colour
) -> None:
    caption = f"a large {colour} circle at the center on a {background} background"
    positive = encode_text(run, cutout.text_encoder, caption)
    latent, reports = watch(
        sample(
            run,
            cutout.model,
            positive,
            empty_latent(128, 128),
            steps=12,
            guidance=3.0,
            scheduler=scheduler,
            seed=2,
        )
    )
    [picture] = drain(vae_decode(run, cutout.vae, latent))
    assert nearest(edges(picture)) is background
    glimpse = reports[-1].preview
    assert isinstance(glimpse, Latent)
    drawn = LatentHandler().preview(glimpse, 128)
    assert drawn is not None
    # The linear guess is coarse, but an artist must recognise the picture in it.
    assert np.abs(drawn / 255 - picture).mean() < 0.15


def test_the_vae_gives_paper_back(run: Run, cutout: LoadedCheckpoint) -> None:
    for colour in (Colour.ORANGE, Colour.PURPLE):
        paper = np.broadcast_to(np.array(PAPER[colour]) / 255, (1, 64, 64, 3))
        latent = drain(vae_encode(run, cutout.vae, paper.astype(np.float32)))
        assert nearest(drain(vae_decode(run, cutout.vae, latent))) is colour
