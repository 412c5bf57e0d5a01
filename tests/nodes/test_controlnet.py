"""ControlNets: the stock pipeline's pictures, in all layouts; strengths, times and places."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from graph.errors import ContractError
from graph.values import Conditioning, Control, ControlNet
from nodes.controlnet import apply_controlnet, load_controlnet
from nodes.errors import CheckpointError, PickleError, SampleError
from nodes.families.registry import FAMILIES
from nodes.families.sd1 import Sd1
from nodes.families.unet import UNetControl
from nodes.handlers import ConditioningHandler, ControlNetHandler
from nodes.latents import empty_latent
from nodes.quiet import tensors_as_arrays
from nodes.sample import sample
from nodes.schedulers import Scheduler
from nodes.steering import steps_between
from nodes.store import models
from nodes.text import encode_text
from tests.nodes.driver import drain
from tests.nodes.ldm import ldm_control_net
from tests.nodes.test_stock import encoded
from tests.nodes.test_stock import stock as scheduler_of
from tests.nodes.tiny import without_torchvision

if TYPE_CHECKING:
    from pathlib import Path

    from diffusers import ControlNetModel

    from graph.run import Run
    from nodes.loaders import LoadedCheckpoint
    from tests.nodes.conftest import Tiny

PROMPT, NEGATIVE = "a large red star at the left", "blue background"
STEPS, GUIDANCE, SEED = 5, 5.0, 7
CLOSE = 1e-4


@dataclass(frozen=True)
class Net:
    """A ControlNet with random weights, in the layouts of the world."""

    network: ControlNetModel
    folder: Path
    diffusers: Path
    original: Path


@pytest.fixture(scope="module")
def net(tiny: Tiny, tmp_path_factory: pytest.TempPathFactory) -> Net:
    from diffusers import ControlNetModel

    root = tmp_path_factory.mktemp("net")
    torch.manual_seed(3)
    network = ControlNetModel.from_unet(
        tiny.pipeline.unet, conditioning_embedding_out_channels=(16, 16, 32, 32)
    )
    # Where training begins it says nothing.
    with torch.no_grad():
        for name, weight in network.named_parameters():
            if name.startswith(("controlnet_down", "controlnet_mid", "controlnet_cond")):
                weight.normal_(std=0.1)
    network.save_pretrained(root / "net")
    tensors = {name: t.contiguous() for name, t in network.state_dict().items()}
    save_file(tensors, root / "net.safetensors")
    original = {name: t.contiguous() for name, t in ldm_control_net(network).items()}
    save_file(original, root / "original.safetensors")
    return Net(
        network.eval(), root / "net", root / "net.safetensors", root / "original.safetensors"
    )


def edges(seed: int = 0, side: int = 64) -> np.ndarray[Any, np.dtype[np.float32]]:
    drawn = np.random.default_rng(seed).random((1, side, side, 3)) > 0.8
    return drawn.astype(np.float32)


def stock(tiny: Tiny, net: Net, scheduler: Scheduler, count: int = 1, **more: Any) -> torch.Tensor:
    """What the stock pipeline makes, steered by `count` pictures."""
    with without_torchvision():
        from diffusers import StableDiffusionControlNetPipeline
    with tensors_as_arrays():
        components = {**tiny.pipeline.components, "scheduler": scheduler_of(tiny, scheduler)}
        pictures = [torch.from_numpy(edges(i)).movedim(-1, 1) for i in range(count)]
        pipeline = StableDiffusionControlNetPipeline(
            **components,
            controlnet=net.network if count == 1 else [net.network] * count,
            requires_safety_checker=False,
        )
        pipeline.set_progress_bar_config(disable=True)
        images: torch.Tensor = pipeline(
            PROMPT,
            negative_prompt=NEGATIVE,
            image=pictures[0] if count == 1 else pictures,
            width=64,
            height=64,
            num_inference_steps=STEPS,
            guidance_scale=GUIDANCE,
            generator=torch.Generator().manual_seed(SEED),
            output_type="latent",
            **more,
        ).images
    return images


def opened(run: Run, path: Path) -> ControlNet:
    return load_controlnet(run, path)


def sampled(
    run: Run, parts: LoadedCheckpoint, positive: Conditioning, negative: Conditioning | None,
    **more: Any,
) -> torch.Tensor:  # fmt: skip
    settings: dict[str, Any] = {"steps": STEPS, "guidance": GUIDANCE, "seed": SEED, **more}
    size = settings.pop("latent", empty_latent(64, 64))
    return drain(sample(run, parts.model, positive, size, negative=negative, **settings)).samples


def steered(
    run: Run, parts: LoadedCheckpoint, net: ControlNet, *settings: dict[str, Any], **more: Any
) -> torch.Tensor:
    """A picture under one control for each of `settings`."""
    words = encoded(run, parts)
    for i, each in enumerate(settings):
        image = each.pop("image", edges(i))
        found = apply_controlnet(image=image, control_net=net, **words, **each)
        words = {"positive": found.positive, "negative": found.negative}
    return sampled(run, parts, words["positive"], words["negative"], **more)


def agree(found: torch.Tensor, expected: torch.Tensor, close: float = CLOSE) -> bool:
    return bool((found - expected).abs().max() <= close * expected.abs().max())


@pytest.mark.parametrize("scheduler", [Scheduler.EULER, Scheduler.DDIM, Scheduler.DPMPP_2M_KARRAS])
def test_it_steers_as_the_stock_pipeline(
    tiny: Tiny, net: Net, run: Run, parts: LoadedCheckpoint, scheduler: Scheduler
) -> None:
    found = steered(run, parts, opened(run, net.folder), {"strength": 0.7}, scheduler=scheduler)
    assert agree(found, stock(tiny, net, scheduler, controlnet_conditioning_scale=0.7))
    plain = steered(run, parts, opened(run, net.folder), scheduler=scheduler)
    assert (found - plain).abs().max() > 0.05 * plain.abs().max()


def test_several_are_added_up_within_their_times(
    tiny: Tiny, net: Net, run: Run, parts: LoadedCheckpoint
) -> None:
    settings: list[dict[str, Any]] = [
        {"strength": 0.7, "start": 0.2, "end": 0.6},
        {"strength": 0.4, "end": 0.8},
    ]
    found = steered(run, parts, opened(run, net.folder), *settings)
    expected = stock(
        tiny,
        net,
        Scheduler.EULER,
        2,
        controlnet_conditioning_scale=[0.7, 0.4],
        control_guidance_start=[0.2, 0.0],
        control_guidance_end=[0.6, 0.8],
    )
    assert agree(found, expected)


@pytest.mark.parametrize("layout", ["diffusers", "original"])
def test_single_files_do_as_the_folder(
    tiny: Tiny,
    net: Net,
    run: Run,
    parts: LoadedCheckpoint,
    layout: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    configs = tmp_path / "configs"
    shutil.copytree(tiny.folder, configs)
    (configs / "controlnet").mkdir()
    shutil.copy(net.folder / "config.json", configs / "controlnet")
    expected = steered(run, parts, opened(run, net.folder), {})
    monkeypatch.setitem(FAMILIES, "sd1", Sd1(configs))
    file = opened(run, getattr(net, layout))
    assert file.context == 32
    assert agree(steered(run, parts, file, {}), expected)
    with models(run).control_net(file) as network:
        ours, theirs = network.module.state_dict(), net.network.state_dict()
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)


@pytest.mark.parametrize(
    "settings", [{"strength": 0.0}, {"start": 0.4, "end": 0.4}, {"start": 0.9, "end": 0.1}]
)
def test_without_a_say_it_is_as_if_there_were_none(
    run: Run, parts: LoadedCheckpoint, net: Net, settings: dict[str, Any]
) -> None:
    words = encoded(run, parts)
    found = apply_controlnet(
        control_net=opened(run, net.folder), image=edges(), **words, **settings
    )
    assert (found.positive, found.negative) == (words["positive"], words["negative"])


def test_a_control_that_never_has_a_say_is_not_evaluated(
    run: Run, parts: LoadedCheckpoint, net: Net, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = steered(run, parts, opened(run, net.folder))
    calls: list[int] = []
    residuals = UNetControl.residuals

    def counted(control: UNetControl, *given: Any) -> list[torch.Tensor]:
        calls.append(1)
        return residuals(control, *given)

    monkeypatch.setattr(UNetControl, "residuals", counted)
    # A time shorter than any step.
    found = steered(run, parts, opened(run, net.folder), {"start": 0.25, "end": 0.35})
    assert torch.equal(found, plain)
    assert not calls
    steered(run, parts, opened(run, net.folder), {"start": 0.2, "end": 0.6})
    assert len(calls) == 2  # in two of five steps, for both prompts at once


def test_twice_by_half_is_once(run: Run, parts: LoadedCheckpoint, net: Net) -> None:
    control_net = opened(run, net.folder)
    once = steered(run, parts, control_net, {"image": edges()})
    halves = [{"image": edges(), "strength": 0.5} for _ in range(2)]
    assert agree(steered(run, parts, control_net, *halves), once, 1e-5)


def test_a_mask_says_where(run: Run, parts: LoadedCheckpoint, net: Net) -> None:
    control_net = opened(run, net.folder)
    ones, none = np.ones((1, 64, 64), np.float32), np.zeros((1, 64, 64), np.float32)
    whole, plain = steered(run, parts, control_net, {}), steered(run, parts, control_net)
    assert agree(steered(run, parts, control_net, {"mask": ones}), whole, 1e-5)
    assert agree(steered(run, parts, control_net, {"mask": none}), plain, 1e-5)
    by_half = steered(run, parts, control_net, {"mask": ones * np.float32(0.5)})
    assert agree(by_half, steered(run, parts, control_net, {"strength": 0.5}), 1e-5)
    left = none.copy()
    left[:, :, :32] = 1
    found = steered(run, parts, control_net, {"mask": left}, steps=1)
    first = steered(run, parts, control_net, steps=1)
    once = steered(run, parts, control_net, {}, steps=1)
    # Both reach as far as the network looks, but each side follows its own.
    assert (found - once)[..., :2].abs().mean() < (found - first)[..., :2].abs().mean()
    assert (found - first)[..., 6:].abs().mean() < (found - once)[..., 6:].abs().mean()


def test_pictures_of_any_size_and_one_for_each_latent(
    run: Run, parts: LoadedCheckpoint, net: Net
) -> None:
    control_net = opened(run, net.folder)
    large = np.repeat(np.repeat(edges(), 2, axis=1), 2, axis=2)
    small = steered(run, parts, control_net, {"image": edges()})
    assert agree(steered(run, parts, control_net, {"image": large}), small, 0.2)
    pair = np.concatenate([edges(), edges(1)])
    both = steered(run, parts, control_net, {"image": pair}, latent=empty_latent(64, 64, 2))
    assert agree(both[:1], small)
    frugal = replace(run, frugal=True)
    again = steered(frugal, parts, control_net, {"image": pair}, latent=empty_latent(64, 64, 2))
    assert torch.allclose(again, both, atol=1e-4)
    with pytest.raises(SampleError, match=r"2 pictures for net do not fit 3 latents"):
        steered(run, parts, control_net, {"image": pair}, latent=empty_latent(64, 64, 3))


def test_the_empty_prompt_is_steered_along(run: Run, parts: LoadedCheckpoint, net: Net) -> None:
    control_net = opened(run, net.folder)
    positive = encode_text(run, parts.text_encoder, PROMPT)
    both = apply_controlnet(
        positive, control_net, edges(), negative=encode_text(run, parts.text_encoder)
    )
    alone = apply_controlnet(positive, control_net, edges())
    assert alone.negative is None
    found = sampled(run, parts, alone.positive, None)
    assert torch.equal(found, sampled(run, parts, both.positive, both.negative))


def test_what_cannot_be_a_control_net_is_refused(
    tiny: Tiny, run: Run, net: Net, tmp_path: Path
) -> None:
    with pytest.raises(CheckpointError, match=r"tiny is a Stable Diffusion folder: choose a Contr"):
        load_controlnet(run, tiny.folder)
    cut = tmp_path / "cut.safetensors"
    cut.write_bytes(net.original.read_bytes()[:-100])
    with pytest.raises(CheckpointError, match=r"cut.safetensors is cut off"):
        load_controlnet(run, cut)
    (tmp_path / "control.pth").write_bytes(b"PK")
    with pytest.raises(PickleError, match="Python pickle"):
        load_controlnet(run, tmp_path / "control.pth")
    with pytest.raises(CheckpointError, match=r"no ControlNet is chosen"):
        load_controlnet(run)
    wide = {
        name: torch.zeros(*t.shape[:-1], 2048) if "attn2.to_k" in name else t
        for name, t in net.network.state_dict().items()
    }
    save_file({n: t.contiguous() for n, t in wide.items()}, tmp_path / "xl.safetensors")
    match = r"xl.safetensors is a ControlNet for Stable Diffusion XL: choose a ControlNet .* for St"
    with pytest.raises(CheckpointError, match=match):
        load_controlnet(run, tmp_path / "xl.safetensors")


def test_a_control_net_for_another_width_is_refused(
    run: Run, parts: LoadedCheckpoint, net: Net
) -> None:
    wide = replace(opened(run, net.folder), context=768)
    match = r"net is for a model of sd1 that reads text of width 768, and the prompt is of sd1, wid"
    with pytest.raises(SampleError, match=match):
        apply_controlnet(encode_text(run, parts.text_encoder, PROMPT), wide, edges())


def test_gaps_are_found_before_anything_runs(run: Run, net: Net, tmp_path: Path) -> None:
    folder = tmp_path / "gaps"
    shutil.copytree(net.folder, folder)
    weights = folder / "diffusion_pytorch_model.safetensors"
    tensors = {n: t for n, t in net.network.state_dict().items() if "mid_block.resnets.0" not in n}
    save_file({n: t.contiguous() for n, t in tensors.items()}, weights)
    with pytest.raises(CheckpointError, match=r"gaps lacks 10 weights, such as mid_block.resnets"):
        load_controlnet(run, folder)


def test_it_packs_without_places(run: Run, parts: LoadedCheckpoint, net: Net) -> None:
    control_net = opened(run, net.folder)
    recipe = ControlNetHandler().pack(control_net)
    assert str(net.folder) not in str(recipe.meta)
    back = ControlNetHandler().unpack(recipe)
    assert (back, back.path) == (control_net, net.folder)
    handler = ConditioningHandler()
    mask = np.ones((1, 8, 8), np.float32)
    found = apply_controlnet(
        encode_text(run, parts.text_encoder, PROMPT), control_net, edges(), strength=0.5, mask=mask
    )
    again = apply_controlnet(found.positive, control_net, edges(1), start=0.25)
    value = handler.check(again.positive)
    packed = handler.pack(value)
    assert str(net.folder) not in str(packed.meta)
    unpacked = handler.unpack(packed)
    assert handler.pack(unpacked).digest("Conditioning") == packed.digest("Conditioning")
    first, second = unpacked.controls
    assert (first.net.path, first.strength, second.start) == (net.folder, 0.5, 0.25)
    assert first.mask is not None
    assert np.array_equal(second.image, edges(1))
    assert not second.image.flags.writeable
    other = replace(value, controls=value.controls[:1])
    assert handler.pack(other).digest("Conditioning") != packed.digest("Conditioning")
    bad = replace(value, controls=(Control(control_net, edges()[0], 1.0),))
    with pytest.raises(ContractError, match="Control image must be"):
        handler.check(bad)


def test_steps_between() -> None:
    assert steps_between(0, 1, 20) == range(20)
    assert steps_between(0.25, 0.5, 20) == range(5, 10)
    assert len(steps_between(0.3, 0.32, 10)) == 0
    assert steps_between(0.5, 1, 1) == range(0)
