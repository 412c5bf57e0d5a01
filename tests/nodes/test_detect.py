"""What is told of adapters and of special checkpoints, in the layouts that people publish."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import torch
from safetensors.torch import save_file

from nodes.errors import CheckpointError
from nodes.families.detect import Found, Kind, classify, inspect, require
from nodes.families.header import Header
from nodes.families.traits import Layout

if TYPE_CHECKING:
    from pathlib import Path

    from tests.nodes.conftest import Tiny

_BLOCK = "down_blocks_0_attentions_0_transformer_blocks_0"
_PATH = "down_blocks.0.attentions.0.transformer_blocks.0"
LORAS: dict[str, tuple[dict[str, tuple[int, ...]], str, Layout]] = {
    "kohya, SD 1": (
        {
            f"lora_unet_{_BLOCK}_attn1_to_q.lora_down.weight": (8, 320),
            f"lora_unet_{_BLOCK}_attn2_to_k.lora_down.weight": (8, 768),
            f"lora_unet_{_BLOCK}_attn2_to_k.lora_up.weight": (320, 8),
            f"lora_unet_{_BLOCK}_attn2_to_k.alpha": (),
        },
        "sd1",
        Layout.KOHYA,
    ),
    "kohya, SD 2": (
        {f"lora_unet_{_BLOCK}_attn2_to_k.lora_down.weight": (8, 1024)},
        "sd2",
        Layout.KOHYA,
    ),
    "kohya, SDXL, original blocks": (
        {"lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k.lora_down.weight": (8, 2048)},
        "sdxl",
        Layout.KOHYA,
    ),
    "kohya, SDXL, text only": (
        {"lora_te2_text_model_encoder_layers_0_mlp_fc1.lora_down.weight": (8, 1280)},
        "sdxl",
        Layout.KOHYA,
    ),
    "kohya, text only": (
        {"lora_te_text_model_encoder_layers_0_mlp_fc1.lora_down.weight": (8, 768)},
        "",
        Layout.KOHYA,
    ),
    "kohya, Flux": (
        {"lora_unet_double_blocks_0_img_attn_qkv.lora_down.weight": (8, 3072)},
        "flux",
        Layout.KOHYA,
    ),
    "PEFT, SD 1": (
        {
            f"unet.{_PATH}.attn2.to_k.lora_A.weight": (4, 768),
            f"unet.{_PATH}.attn2.to_k.lora_B.weight": (320, 4),
            "text_encoder.text_model.encoder.layers.0.self_attn.q_proj.lora_A.weight": (4, 768),
        },
        "sd1",
        Layout.PEFT,
    ),
    "PEFT, as trained": (
        {f"base_model.model.{_PATH}.attn2.to_k.lora_A.default.weight": (4, 768)},
        "sd1",
        Layout.PEFT,
    ),
    "PEFT, SD 3": (
        {"transformer.joint_blocks.0.attn.to_q.lora_A.weight": (4, 1536)},
        "sd3",
        Layout.PEFT,
    ),
    "PEFT, Flux": (
        {"transformer.single_transformer_blocks.0.attn.to_q.lora_A.weight": (4, 3072)},
        "flux",
        Layout.PEFT,
    ),
    "diffusers": (
        {f"unet.{_PATH}.attn2.to_k.lora.down.weight": (4, 1024)},
        "sd2",
        Layout.DIFFUSERS,
    ),
    "diffusers, old processors": (
        {f"{_PATH}.attn2.processor.to_k_lora.down.weight": (4, 768)},
        "sd1",
        Layout.DIFFUSERS,
    ),
    "LyCORIS": ({f"lora_unet_{_BLOCK}_attn2_to_k.hada_w1_a": (320, 8)}, "", Layout.LYCORIS),
    "another width": (
        {f"unet.{_PATH}.attn2.to_k.lora_A.weight": (4, 64)},
        "",
        Layout.PEFT,
    ),
}


@pytest.mark.parametrize("name", LORAS)
def test_loras(name: str) -> None:
    shapes, family, layout = LORAS[name]
    found = classify(Header(shapes))
    assert (found.kind, found.family, found.layout) == (Kind.LORA, family, layout)


CONTROL_NETS: dict[str, tuple[dict[str, tuple[int, ...]], str, Layout]] = {
    "diffusers, SD 1": (
        {
            "controlnet_cond_embedding.conv_in.weight": (16, 3, 3, 3),
            f"{_PATH}.attn2.to_k.weight": (320, 768),
            "controlnet_mid_block.weight": (1280, 1280, 1, 1),
        },
        "sd1",
        Layout.DIFFUSERS,
    ),
    "diffusers, SDXL": (
        {
            "controlnet_cond_embedding.conv_in.weight": (16, 3, 3, 3),
            "down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k.weight": (640, 2048),
        },
        "sdxl",
        Layout.DIFFUSERS,
    ),
    "original": (
        {
            "control_model.input_hint_block.0.weight": (16, 3, 3, 3),
            "control_model.input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight": (320, 768),
        },
        "sd1",
        Layout.ORIGINAL,
    ),
    "original, without a prefix": (
        {
            "input_hint_block.0.weight": (16, 3, 3, 3),
            "input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight": (320, 1024),
        },
        "sd2",
        Layout.ORIGINAL,
    ),
}


@pytest.mark.parametrize("name", CONTROL_NETS)
def test_control_nets(name: str) -> None:
    shapes, family, layout = CONTROL_NETS[name]
    found = classify(Header(shapes))
    assert (found.kind, found.family, found.layout) == (Kind.CONTROL_NET, family, layout)


def test_a_control_lora_is_neither() -> None:
    shapes = {"lora_controlnet": (), "input_hint_block.0.weight": (16, 3, 3, 3)}
    found = classify(Header(shapes))
    assert (found.kind, found.title) == (Kind.ADAPTER, "a Control-LoRA")


@pytest.mark.parametrize(
    ("channels", "title"),
    [
        (4, "a Stable Diffusion 1 checkpoint"),
        (8, "a Stable Diffusion 1 checkpoint for editing"),
        (9, "a Stable Diffusion 1 checkpoint for inpainting"),
    ],
)
def test_the_channels_tell_what_a_checkpoint_is_for(channels: int, title: str) -> None:
    shapes = {
        "model.diffusion_model.input_blocks.0.0.weight": (320, channels, 3, 3),
        "cond_stage_model.transformer.text_model.x": (1,),
    }
    found = classify(Header(shapes))
    assert found == Found(Kind.CHECKPOINT, title, "sd1", channels=channels)


def test_a_denoiser_alone_in_diffusers_names() -> None:
    shapes = {
        "conv_in.weight": (320, 9, 3, 3),
        "down_blocks.0.x": (1,),
        "time_embedding.x": (1,),
    }
    assert classify(Header(shapes)).title == "a denoiser alone for inpainting"


def test_a_folder_for_inpainting(tiny: Tiny, tmp_path: Path) -> None:
    assert inspect(tiny.folder).channels == 4
    (tmp_path / "unet").mkdir()
    index = (tiny.folder / "model_index.json").read_bytes()
    (tmp_path / "model_index.json").write_bytes(index)
    config = json.loads((tiny.folder / "unet" / "config.json").read_text())
    (tmp_path / "unet" / "config.json").write_text(json.dumps({**config, "in_channels": 9}))
    found = inspect(tmp_path)
    assert (found.title, found.channels) == ("a Stable Diffusion folder for inpainting", 9)
    (tmp_path / "unet" / "config.json").write_text(json.dumps({**config, "in_channels": [9]}))
    assert inspect(tmp_path).channels == 0


@pytest.mark.parametrize(
    ("config", "title"),
    [
        (
            {"_class_name": "ControlNetModel", "cross_attention_dim": 768},
            "a ControlNet folder for Stable Diffusion 1",
        ),
        ({"_class_name": "ControlNetModel", "cross_attention_dim": [64]}, "a ControlNet folder"),
        (
            {"_class_name": "UNet2DConditionModel", "cross_attention_dim": 2048, "in_channels": 9},
            "the folder of a denoiser alone for Stable Diffusion XL for inpainting",
        ),
        ({"_class_name": "T5EncoderModel"}, "the folder of one part (T5EncoderModel)"),
        ({}, "the folder of one part (unnamed)"),
    ],
)
def test_folders_of_one_part(tmp_path: Path, config: dict[str, object], title: str) -> None:
    (tmp_path / "config.json").write_text(json.dumps(config))
    assert inspect(tmp_path).title == title


class TestRequire:
    @pytest.fixture
    def lora(self, tmp_path: Path) -> Path:
        path = tmp_path / "style.safetensors"
        name = f"lora_unet_{_BLOCK}_attn2_to_k.lora_down.weight"
        save_file({name: torch.zeros(8, 2048)}, path)
        return path

    def test_what_was_wanted(self, lora: Path) -> None:
        assert require(lora, Kind.LORA).family == "sdxl"
        assert require(lora, Kind.LORA, ["sd1", "sdxl"]).layout is Layout.KOHYA

    def test_another_kind(self, lora: Path) -> None:
        with pytest.raises(
            CheckpointError,
            match=r"style.safetensors is a LoRA for Stable Diffusion XL: choose a ControlNet \(",
        ):
            require(lora, Kind.CONTROL_NET)
        with pytest.raises(CheckpointError, match="choose a model of kind upscaler"):
            require(lora, Kind.UPSCALER)

    def test_another_family(self, lora: Path) -> None:
        with pytest.raises(
            CheckpointError,
            match=r"is a LoRA for Stable Diffusion XL: choose a LoRA .* for Stable Diffusion 1$",
        ):
            require(lora, Kind.LORA, ["sd1"])

    def test_one_that_does_not_tell_its_family_is_let_through(self, tmp_path: Path) -> None:
        path = tmp_path / "own.safetensors"
        save_file({f"unet.{_PATH}.attn2.to_k.lora_A.weight": torch.zeros(4, 64)}, path)
        assert require(path, Kind.LORA, ["sd1"]).family == ""
