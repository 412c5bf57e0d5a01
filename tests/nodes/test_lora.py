"""Load LoRA: the same pictures as PEFT gives, in all formats; nothing is left behind."""

from __future__ import annotations

import copy
import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import torch

from nodes.adapters.blocks import block_of, factor_of, read_blocks
from nodes.adapters.names import Name, read_name
from nodes.device import Part
from nodes.errors import CheckpointError, LoraError
from nodes.handlers import RecipeHandler
from nodes.latents import empty_latent
from nodes.lora import load_lora
from nodes.memory import Budgets
from nodes.quiet import tensors_as_arrays
from nodes.sample import sample
from nodes.schedulers import Scheduler
from nodes.store import ModelStore, models
from nodes.text import encode_text
from tests.nodes.driver import drain
from tests.nodes.loras import (
    kohya,
    make_lora,
    old_diffusers,
    peft,
    peft_metadata,
    write,
)
from tests.nodes.test_stock import stock as scheduler_of
from tests.nodes.tiny import without_torchvision

if TYPE_CHECKING:
    from pathlib import Path

    from graph.run import Run
    from graph.values import Latent, Model, TextEncoder
    from nodes.loaders import LoadedCheckpoint
    from tests.nodes.conftest import Tiny
    from tests.nodes.loras import Made

PROMPT, NEGATIVE = "a large red star at the left", "blue background"
CLOSE = 1e-4


@pytest.fixture(scope="module")
def made(tiny: Tiny) -> Made:
    return make_lora(tiny.pipeline)


def sampled(run: Run, model: Model, text: TextEncoder, **more: Any) -> torch.Tensor:
    settings: dict[str, Any] = {"steps": 3, "guidance": 5.0, "seed": 7, **more}
    latent: Latent = drain(
        sample(
            run,
            model,
            encode_text(run, text, PROMPT),
            empty_latent(64, 64),
            negative=encode_text(run, text, NEGATIVE),
            **settings,
        )
    )
    return latent.samples


def with_lora(run: Run, parts: LoadedCheckpoint, path: Path, **more: Any) -> torch.Tensor:
    found = load_lora(run, parts.model, parts.text_encoder, path, **more)
    assert found.text_encoder is not None
    return sampled(run, found.model, found.text_encoder)


def stock(tiny: Tiny, *files: tuple[Path, float]) -> torch.Tensor:
    """What the stock pipeline makes with LoRAs through PEFT."""
    components = {
        name: copy.deepcopy(part)
        for name, part in tiny.pipeline.components.items()
        if name != "scheduler"
    }
    pipeline = type(tiny.pipeline)(
        **components, scheduler=scheduler_of(tiny, Scheduler.EULER), requires_safety_checker=False
    )
    pipeline.set_progress_bar_config(disable=True)
    # It says that text encoders lack the factors before these are put there.
    with warnings.catch_warnings(), without_torchvision():
        warnings.filterwarnings("ignore", "Already found a `peft_config`")
        for i, (path, _weight) in enumerate(files):
            pipeline.load_lora_weights(path.parent, weight_name=path.name, adapter_name=f"zz{i}")
    pipeline.set_adapters([f"zz{i}" for i in range(len(files))], [w for _path, w in files])
    with tensors_as_arrays():
        images: torch.Tensor = pipeline(
            PROMPT,
            negative_prompt=NEGATIVE,
            width=64,
            height=64,
            num_inference_steps=3,
            guidance_scale=5.0,
            generator=torch.Generator().manual_seed(7),
            output_type="latent",
        ).images
    return images


def agree(found: torch.Tensor, expected: torch.Tensor) -> bool:
    return bool((found - expected).abs().max() <= CLOSE * expected.abs().max())


def test_every_format_gives_what_the_stock_pipeline_gives_through_peft(
    tiny: Tiny, run: Run, parts: LoadedCheckpoint, made: Made, tmp_path: Path
) -> None:
    plain = sampled(run, parts.model, parts.text_encoder)
    file = write(tmp_path / "kohya.safetensors", kohya(made))
    expected = stock(tiny, (file, 0.7))
    assert (expected - plain).abs().max() > 0.05 * plain.abs().max()
    strengths = {"strength_model": 0.7, "strength_text": 0.7}
    assert agree(with_lora(run, parts, file, **strengths), expected)
    other = write(tmp_path / "peft.safetensors", peft(made), peft_metadata(made))
    assert agree(with_lora(run, parts, other, **strengths), expected)
    assert agree(stock(tiny, (other, 0.7)), expected)
    # The old way says no alpha, which then is the rank.
    old = write(tmp_path / "old.safetensors", old_diffusers(made))
    halved = {name: 0.5 * strength for name, strength in strengths.items()}
    assert agree(with_lora(run, parts, old, **halved), expected)


def test_several_loras_add_up_in_any_order(
    tiny: Tiny, run: Run, parts: LoadedCheckpoint, made: Made, tmp_path: Path
) -> None:
    first = write(tmp_path / "first.safetensors", kohya(made))
    second = write(tmp_path / "second.safetensors", kohya(make_lora(tiny.pipeline, 2, seed=9)))
    one = load_lora(run, parts.model, parts.text_encoder, first, 0.4, 0.4)
    both = load_lora(run, one.model, one.text_encoder, second, -0.6, -0.6)
    other = load_lora(run, parts.model, parts.text_encoder, second, -0.6, -0.6)
    reverse = load_lora(run, other.model, other.text_encoder, first, 0.4, 0.4)
    assert both.model == reverse.model
    assert both.text_encoder is not None
    assert both.text_encoder == reverse.text_encoder
    found = sampled(run, both.model, both.text_encoder)
    assert agree(found, stock(tiny, (first, 0.4), (second, -0.6)))


def test_strength_zero_is_the_same_recipe_and_nothing_is_left_behind(
    run: Run, parts: LoadedCheckpoint, made: Made, tmp_path: Path
) -> None:
    file = write(tmp_path / "lora.safetensors", kohya(made))
    none = load_lora(run, parts.model, parts.text_encoder, file, 0.0, 0.0)
    assert (none.model, none.text_encoder) == (parts.model, parts.text_encoder)
    with models(run).denoiser(parts.model) as denoiser:
        before = {name: t.clone() for name, t in denoiser.module.state_dict().items()}
    plain = sampled(run, parts.model, parts.text_encoder)
    changed = with_lora(run, parts, file)
    assert not torch.equal(changed, plain)
    assert torch.equal(sampled(run, parts.model, parts.text_encoder), plain)
    with models(run).denoiser(parts.model) as denoiser:
        after = denoiser.module.state_dict()
        assert not any(module._forward_hooks for module in denoiser.module.modules())
    assert before.keys() == after.keys()
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_another_strength_loads_nothing(
    run: Run, parts: LoadedCheckpoint, made: Made, tmp_path: Path
) -> None:
    file = write(tmp_path / "lora.safetensors", kohya(made))
    with_lora(run, parts, file)
    store = models(run)
    loads = store.loads
    found = load_lora(run, parts.model, parts.text_encoder, file, 0.3, 0.3)
    with store.denoiser(found.model):
        assert store.loads == loads  # how fast that is, the benchmark `steering` says


def test_two_loras_swapped_fifty_times_take_no_more_memory(
    tiny: Tiny, run: Run, parts: LoadedCheckpoint, made: Made, tmp_path: Path
) -> None:
    store = models(run)
    pair = [
        load_lora(run, parts.model, None, write(tmp_path / f"{i}.safetensors", tensors)).model
        for i, tensors in enumerate((kohya(made), kohya(make_lora(tiny.pipeline, seed=11))))
    ]
    state = torch.zeros(1, 4, 8, 8)
    encoded = encode_text(run, parts.text_encoder, PROMPT)
    held, outputs = [], []
    for turn in range(100):
        with store.denoiser(pair[turn % 2]) as denoiser:
            if turn in (0, 1, 98, 99):
                condition = _condition(encoded.tokens)
                outputs.append(denoiser.predict(state, torch.tensor(500), condition))
        held.append(store.held())
    assert set(held[2:]) == {held[2]}
    assert torch.equal(outputs[0], outputs[2])
    assert torch.equal(outputs[1], outputs[3])
    assert not torch.equal(outputs[0], outputs[1])


def _condition(tokens: torch.Tensor) -> Any:
    from nodes.families.base import Condition

    return Condition(tokens)


def test_adapters_go_first_when_memory_is_short(
    run: Run, parts: LoadedCheckpoint, made: Made, tmp_path: Path
) -> None:
    file = write(tmp_path / "lora.safetensors", kohya(made))
    model = load_lora(run, parts.model, None, file).model
    whole = ModelStore("cpu", Budgets(1 << 40))
    with whole.denoiser(parts.model):
        pass
    base = whole.held()
    with whole.denoiser(model):
        pass
    assert whole.held() > base
    short = ModelStore("cpu", Budgets(base))
    with short.denoiser(model):
        assert short.held() > base  # what is lent never goes
    assert short.held() <= base


def test_nested_recipes_see_their_own_adapters(
    run: Run, parts: LoadedCheckpoint, made: Made, tmp_path: Path
) -> None:
    model = load_lora(run, parts.model, None, write(tmp_path / "a.safetensors", kohya(made))).model
    condition = _condition(encode_text(run, parts.text_encoder, PROMPT).tokens)
    state, moment = torch.ones(1, 4, 8, 8), torch.tensor(300)
    store, seen = models(run), []
    for outer, inner in ((parts.model, model), (model, parts.model), (model, model)):
        with store.denoiser(outer) as denoiser:
            first = denoiser.predict(state, moment, condition)
            with store.denoiser(inner) as again:
                second = again.predict(state, moment, condition)
            assert torch.equal(denoiser.predict(state, moment, condition), first)
        seen.append((first, second))
    (plain, worn), (worn_again, plain_again), (one, other) = seen
    assert torch.equal(plain, plain_again)
    assert all(torch.equal(each, worn) for each in (worn_again, one, other))
    assert not torch.equal(plain, worn)


def test_less_memory_gives_the_same(
    run: Run, parts: LoadedCheckpoint, made: Made, tmp_path: Path
) -> None:
    model = load_lora(run, parts.model, None, write(tmp_path / "a.safetensors", kohya(made))).model
    usual = sampled(run, model, parts.text_encoder)
    frugal = replace(run, frugal=True)
    assert torch.allclose(sampled(frugal, model, parts.text_encoder), usual, atol=1e-4)


def test_the_empty_prompt_is_encoded_as_the_others_are(
    run: Run, parts: LoadedCheckpoint, made: Made, tmp_path: Path
) -> None:
    file = write(tmp_path / "lora.safetensors", kohya(made))
    found = load_lora(run, parts.model, parts.text_encoder, file)
    assert found.text_encoder is not None
    positive = encode_text(run, found.text_encoder, PROMPT)
    latent = empty_latent(64, 64)
    more: dict[str, Any] = {"steps": 2, "guidance": 5.0, "seed": 1}
    wired = sample(
        run, found.model, positive, latent, negative=encode_text(run, found.text_encoder), **more
    )
    alone = sample(run, found.model, positive, latent, **more)
    assert torch.equal(drain(wired).samples, drain(alone).samples)


def lycoris(tiny: Tiny, kind: str) -> dict[str, torch.Tensor]:
    """Factors of LoHa or LoKr for one attention layer and one convolution."""
    generator = torch.Generator().manual_seed(3)

    def draw(*shape: int) -> torch.Tensor:
        return 0.5 * torch.randn(*shape, generator=generator)

    tensors: dict[str, torch.Tensor] = {}
    for name in ("down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q", "conv_in"):
        rows, columns = tiny.pipeline.unet.get_submodule(name).weight.flatten(1).shape
        flat = f"lora_unet_{name.replace('.', '_')}"
        if kind == "loha":
            factors = {
                f"hada_{w}": draw(*((rows, 3) if w.endswith("a") else (3, columns)))
                for w in ("w1_a", "w1_b", "w2_a", "w2_b")
            }
        else:
            factors = {
                "lokr_w1": draw(4, 2),
                "lokr_w2_a": draw(rows // 4, 3),
                "lokr_w2_b": draw(3, columns // 2),
            }
        tensors |= {f"{flat}.{k}": t for k, t in factors.items()} | {f"{flat}.alpha": draw(1)[0]}
    return tensors


@pytest.mark.parametrize("kind", ["loha", "lokr"])
def test_lycoris_changes_the_weights_as_its_formula_says(
    tiny: Tiny, run: Run, parts: LoadedCheckpoint, kind: str, tmp_path: Path
) -> None:
    tensors = lycoris(tiny, kind)
    model = load_lora(
        run, parts.model, None, write(tmp_path / "lycoris.safetensors", tensors), 0.8
    ).model
    unet = copy.deepcopy(tiny.pipeline.unet)
    for start in {name.partition(".")[0] for name in tensors}:
        get = {name.partition(".")[2]: t for name, t in tensors.items() if name.startswith(start)}
        path = next(n for n, _ in unet.named_modules() if n.replace(".", "_") == start[10:])
        weight = unet.get_submodule(path).weight
        if kind == "loha":
            left = get["hada_w1_a"] @ get["hada_w1_b"]
            delta = left * (get["hada_w2_a"] @ get["hada_w2_b"])
        else:
            delta = torch.kron(get["lokr_w1"], get["lokr_w2_a"] @ get["lokr_w2_b"])
        weight.data += 0.8 * get["alpha"] / 3 * delta.reshape(weight.shape)
    tokens = encode_text(run, parts.text_encoder, PROMPT).tokens
    state, moment = torch.ones(1, 4, 8, 8), torch.tensor(300)
    with models(run).denoiser(model) as denoiser, torch.no_grad():
        found = denoiser.predict(state, moment, _condition(tokens))
        expected = unet(state, moment, tokens).sample
    assert torch.allclose(found, expected, atol=1e-5)


def test_blocks_weigh_parts_of_the_networks(
    run: Run, parts: LoadedCheckpoint, made: Made, tmp_path: Path
) -> None:
    file = write(tmp_path / "lora.safetensors", kohya(made))
    chosen = {
        name: pair for name, pair in kohya(made).items() if "mid_block" in name or "lora_te" in name
    }
    only = write(tmp_path / "mid.safetensors", chosen)
    assert agree(
        with_lora(run, parts, file, blocks="down 0, up: 0; mid 0.5"),
        stock_mid := with_lora(run, parts, only, strength_model=0.5),
    )
    assert not agree(stock_mid, sampled(run, parts.model, parts.text_encoder))
    assert factor_of("down_blocks.1.attentions.0.proj_in", (("down", 2.0), ("down.1", 3.0))) == 3
    assert factor_of("down_blocks.11.attentions.0.proj_in", (("down.1", 3.0),)) == 1
    assert block_of("up_blocks.2.resnets.1.conv1") == "up.2.1"
    assert block_of("text_model.encoder.layers.3.mlp.fc1") == "text.3"
    assert read_blocks("mid=0\ntext.3 -1") == (("mid", 0.0), ("text.3", -1.0))
    with pytest.raises(LoraError, match=r"block weight 'middle 1' cannot be read: write a part"):
        read_blocks("middle 1")


def test_what_does_not_fit_is_refused_by_name(
    tiny: Tiny, run: Run, parts: LoadedCheckpoint, made: Made, tmp_path: Path
) -> None:
    whole = kohya(made)
    query = "lora_unet_mid_block_attentions_0_transformer_blocks_0_attn1_to_q"

    def refused(name: str, tensors: dict[str, torch.Tensor], match: str) -> None:
        file = write(tmp_path / name, tensors)
        with pytest.raises(CheckpointError, match=match):
            load_lora(run, parts.model, parts.text_encoder, file)

    refused(
        "wide.safetensors",
        whole | {f"{query}.lora_down.weight": torch.zeros(4, 320)},
        r"wide.safetensors is a LoRA for another model: at \S+attn1_to_q\S+ it changes 64 × 320 "
        r"weights, this model has 64 × 64: choose a LoRA for this model",
    )
    refused(
        "sdxl.safetensors",
        {n.replace("lora_te_", "lora_te2_"): t for n, t in whole.items()},
        r"sdxl.safetensors is a LoRA for Stable Diffusion XL: choose a LoRA .* Diffusion 1",
    )
    refused(
        "rank.safetensors",
        whole | {f"{query}.lora_up.weight": torch.zeros(64, 8)},
        r"rank.safetensors is a LoRA whose factors do not fit each other at \S+to_q\S+ \(down has "
        r"rank 4, up has rank 8\): download it again",
    )
    refused(
        "alpha.safetensors",
        {n: t for n, t in whole.items() if n != f"{query}.alpha"},
        r"alpha.safetensors is a LoRA \(kohya\) without the alpha of \S+to_q\S+, so that its",
    )
    refused(
        "gap.safetensors",
        {n: t for n, t in whole.items() if n != f"{query}.lora_up.weight"},
        r"gap.safetensors is a LoRA with gaps: of \S+to_q\S+ it has down only: download",
    )
    refused(
        "unknown.safetensors",
        {n.replace("attn", "attention"): t for n, t in whole.items() if "_attn" in n},
        r"unknown.safetensors is a LoRA \(kohya\) for another model: none of its \d+ layers, such "
        r"as \S+, is in this one",
    )
    file = write(tmp_path / "cut.safetensors", whole)
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(CheckpointError, match=r"cut.safetensors is cut off \(its tensors need"):
        load_lora(run, parts.model, parts.text_encoder, file)
    with pytest.raises(CheckpointError, match=r"is a Stable Diffusion 1 checkpoint: choose a LoRA"):
        load_lora(run, parts.model, parts.text_encoder, tiny.file)


def test_what_fits_in_part_is_listed(
    run: Run, parts: LoadedCheckpoint, made: Made, tmp_path: Path
) -> None:
    more = {
        "lora_unet_down_blocks_9_conv.lora_down.weight": torch.zeros(4, 4),
        "lora_unet_down_blocks_9_conv.lora_up.weight": torch.zeros(4, 4),
        "lora_unet_down_blocks_9_conv.alpha": torch.tensor(1.0),
        "something.else": torch.zeros(1),
    }
    metadata = {
        "ss_sd_model_name": "v1-5.ckpt",
        "ss_tag_frequency": '{"10_hat": {"red hat": 9, "hat": 12, "cat": 1}}',
    }
    file = write(tmp_path / "part.safetensors", kohya(made) | more, metadata)
    found = load_lora(run, parts.model, None, file)
    assert found.triggers == "hat, red hat, cat"
    first, second, third = run.remarks
    assert first.startswith(f"{len(made.unet)} layers of the denoiser, ")
    assert first.endswith("rank 4; made for v1-5.ckpt")
    assert second == (
        "4 tensors do not fit: lora_unet_down_blocks_9_conv.alpha, "
        "lora_unet_down_blocks_9_conv.lora_down.weight, "
        "lora_unet_down_blocks_9_conv.lora_up.weight and 1 more"
    )
    assert third == "it changes the text encoder too: wire that through here"
    assert not found.model.text_loras


def test_a_recipe_with_loras_packs_without_places(
    run: Run, parts: LoadedCheckpoint, made: Made, tmp_path: Path
) -> None:
    file = write(tmp_path / "lora.safetensors", kohya(made))
    found = load_lora(run, parts.model, parts.text_encoder, file, 0.5, 0.25, "mid 0")
    assert found.text_encoder is not None
    for value in (found.model, found.text_encoder):
        handler = RecipeHandler(type(value))
        packed = handler.pack(value)
        assert str(tmp_path) not in str(packed.meta)
        back = handler.unpack(packed)
        assert back == value
        assert back.loras[0].lora.path == file
        assert packed.digest("Model") == handler.pack(back).digest("Model")
        weaker = replace(value, loras=())
        assert handler.pack(weaker).digest("Model") != packed.digest("Model")


_ATTENTION = "up_blocks_1_attn1_to_out_0"
_TEXT = "encoder_layers_0_mlp_fc1"


@pytest.mark.parametrize(
    ("name", "part", "layer", "factor"),
    [
        ("lora_unet_mid_block_proj_in.alpha", Part.DENOISER, "mid_block_proj_in", "alpha"),
        ("unet.up_blocks.1.attn1.processor.to_out_lora.up.weight", Part.DENOISER, _ATTENTION, "up"),
        ("base_model.model.conv_in.lora_A.default.weight", Part.DENOISER, "conv_in", "down"),
        ("lora_te1_text_model_encoder_layers_0_mlp_fc1.hada_w1_b", Part.TEXT, _TEXT, "w1_b"),
        ("text_encoder.text_model.encoder.layers.0.mlp.fc1.lokr_w1_b", Part.TEXT, _TEXT, "kw1_b"),
    ],
)
def test_names(name: str, part: Part, layer: str, factor: str) -> None:
    assert read_name(name) == Name(part, layer, factor)
    assert read_name("conv_in.weight") is None
