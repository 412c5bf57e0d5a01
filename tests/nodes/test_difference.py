"""Denoisers kept as a difference: the shipped one is what its maker builds, and does inpaint."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
import torch
from safetensors.torch import save_file

from graph.files import FileIndex
from graph.values import Difference
from nodes.errors import CheckpointError
from nodes.families.difference import BASE, FILE, base_of
from nodes.handlers import RecipeHandler
from nodes.loaders import load_checkpoint
from nodes.store import models
from resources.cutout.adapters.rebuild import inpainter
from resources.cutout.sampling import Cutout
from resources.models import named

if TYPE_CHECKING:
    from pathlib import Path

    from graph.run import Run


def test_it_is_the_model_that_its_maker_builds(run: Run) -> None:
    whole = inpainter(Cutout.load().unet).state_dict()
    inpaint = load_checkpoint(run, named()["cutout-inpaint"])
    plain = load_checkpoint(run, named()["cutout"])
    assert (inpaint.text_encoder, inpaint.vae) == (plain.text_encoder, plain.vae)
    assert inpaint.model.checkpoint == plain.model.checkpoint
    store = models(run)
    with store.denoiser(inpaint.model) as denoiser:
        found = denoiser.module.state_dict()
        assert denoiser.latent.extra == 5
        with store.denoiser(plain.model) as other:
            assert other.latent.extra == 0
    assert found.keys() == whole.keys()
    assert all(torch.equal(found[name], whole[name]) for name in found)


def test_it_packs_without_places(run: Run) -> None:
    model = load_checkpoint(run, named()["cutout-inpaint"]).model
    handler = RecipeHandler(type(model))
    packed = handler.pack(model)
    back = handler.unpack(packed)
    assert back == model
    assert back.difference is not None
    assert back.difference.path == named()["cutout-inpaint"]
    assert str(back.difference.path) not in str(packed.meta)
    assert isinstance(back.difference, Difference)
    plain = load_checkpoint(run, named()["cutout"]).model
    assert handler.pack(plain).digest("Model") != packed.digest("Model")


def test_without_its_base_it_is_refused(run: Run, tmp_path: Path) -> None:
    alone = tmp_path / "alone" / "inpaint"
    shutil.copytree(named()["cutout-inpaint"], alone)
    match = r"inpaint is a difference to a checkpoint that is not here \(its denoiser has the SHA"
    with pytest.raises(CheckpointError, match=match):
        load_checkpoint(run, alone)
    shutil.copytree(named()["cutout"], alone.parent / "base")
    assert load_checkpoint(run, alone).model.checkpoint.path == alone.parent / "base"
    save_file({"conv_in.weight": torch.zeros(1)}, alone / FILE, {BASE: "0" * 64})
    with pytest.raises(CheckpointError, match=r"0000\): put that checkpoint's folder"):
        base_of(alone, run.service(FileIndex))
