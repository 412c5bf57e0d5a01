"""Load Checkpoint: what it opens, and what it says of everything else."""

from __future__ import annotations

import json
import shutil
import struct
import zipfile
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file

from graph.files import FileIndex
from graph.values import TextEncoder
from nodes.errors import CheckpointError, PickleError, TokenizerError
from nodes.families.detect import Kind, classify, inspect
from nodes.families.header import Header, read_header
from nodes.families.registry import family_of
from nodes.families.sd1 import Sd1
from nodes.handlers import RecipeHandler
from nodes.loaders import load_checkpoint
from nodes.store import ModelStore, models
from nodes.text import encode_text
from nodes.tokenizers import fetch_tokenizer, find_tokenizer, known_tokenizer
from tests.nodes.driver import make_run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from graph.run import Run
    from tests.nodes.conftest import Tiny


def test_a_folder_and_a_file_become_recipes(tiny_files: Tiny, run: Run) -> None:
    for path in (tiny_files.folder, tiny_files.file):
        loaded = load_checkpoint(run, path)
        assert loaded.model.checkpoint == loaded.vae.checkpoint
        assert loaded.model.checkpoint.family == "sd1"
        assert loaded.model.checkpoint.fingerprint == run.service(FileIndex).fingerprint(path)


def test_no_weights_are_read(tiny: Tiny, run: Run) -> None:
    before = run.service(ModelStore).loads
    load_checkpoint(run, tiny.folder)
    assert run.service(ModelStore).loads == before


def test_nothing_chosen(run: Run) -> None:
    with pytest.raises(CheckpointError, match=r"choose a .safetensors file or a model folder"):
        load_checkpoint(run)


LDM = "model.diffusion_model."
UNET = f"{LDM}input_blocks.0.0.weight"
KINDS: dict[str, tuple[tuple[str, ...], Kind, str]] = {
    "sd1": ((UNET, "cond_stage_model.transformer.x"), Kind.CHECKPOINT, "sd1"),
    "sd2": ((UNET, "cond_stage_model.model.x"), Kind.CHECKPOINT, "sd2"),
    "sdxl": ((UNET, "conditioner.embedders.0.x"), Kind.CHECKPOINT, "sdxl"),
    "sd3": ((f"{LDM}joint_blocks.0.x",), Kind.CHECKPOINT, "sd3"),
    "flux": ((f"{LDM}double_blocks.0.x",), Kind.CHECKPOINT, "flux"),
    "svd": ((f"{LDM}middle_block.time_stack.0.x",), Kind.CHECKPOINT, "svd"),
    "denoiser": ((UNET,), Kind.DENOISER, ""),
    "flux denoiser": (("double_blocks.0.x",), Kind.DENOISER, "flux"),
    "diffusers denoiser": (("down_blocks.0.x", "time_embedding.x"), Kind.DENOISER, ""),
    "diffusers transformer": (("transformer_blocks.0.x",), Kind.DENOISER, ""),
    "vae": (("encoder.down.0.x", "decoder.up.0.x"), Kind.VAE, ""),
    "diffusers vae": (("encoder.down_blocks.0.x", "decoder.up_blocks.0.x"), Kind.VAE, ""),
    "clip": (("text_model.encoder.layers.0.x",), Kind.TEXT_ENCODER, ""),
    "t5": (("encoder.block.0.layer.0.SelfAttention.q.weight",), Kind.TEXT_ENCODER, ""),
    "kohya": (("lora_unet_down_blocks_0.lora_down.weight",), Kind.LORA, ""),
    "peft": (("unet.down_blocks.0.attn.to_q.lora_A.weight",), Kind.LORA, ""),
    "lycoris": (("lora_unet_x.hada_w1_a",), Kind.LORA, ""),
    "controlnet": (("controlnet_cond_embedding.conv_in.weight",), Kind.CONTROL_NET, ""),
    "ldm controlnet": (("control_model.input_hint_block.0.weight",), Kind.CONTROL_NET, ""),
    "ip-adapter": (("image_proj.proj.weight", "ip_adapter.1.to_k_ip.weight"), Kind.ADAPTER, ""),
    "motion": (("down_blocks.0.motion_modules.0.x",), Kind.ADAPTER, ""),
    "embedding": (("emb_params",), Kind.EMBEDDING, ""),
    "upscaler": (("conv_first.weight", "body.0.rdb1.conv1.weight"), Kind.UPSCALER, ""),
    "else": (("something",), Kind.UNKNOWN, ""),
    "nothing": ((), Kind.UNKNOWN, ""),
}  # fmt: skip


@pytest.mark.parametrize("name", KINDS)
def test_kinds(name: str) -> None:
    names, kind, family = KINDS[name]
    found = classify(Header(dict.fromkeys(names, (1, 1))))
    assert (found.kind, found.family) == (kind, family)


@pytest.mark.parametrize(("width", "family"), [(768, "sd1"), (1024, "sd2"), (12, "")])
def test_a_denoiser_tells_its_family_by_the_text_it_takes(width: int, family: str) -> None:
    key = f"{LDM}input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight"
    assert classify(Header({key: (320, width)})).family == family


def test_the_wrong_kind_says_what_it_is(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "style.safetensors"
    save_file({"lora_unet_x.lora_down.weight": torch.zeros(1)}, path)
    with pytest.raises(CheckpointError, match=r"style.safetensors is a LoRA: choose a full check"):
        load_checkpoint(run, path)


def test_another_family_says_what_can_be_run(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "xl.safetensors"
    names = (UNET, "conditioner.embedders.0.x")
    save_file({name: torch.zeros(1) for name in names}, path)
    with pytest.raises(CheckpointError, match=r"XL checkpoint, which cannot be run yet: choose St"):
        load_checkpoint(run, path)
    with pytest.raises(CheckpointError, match=r"this version runs Stable Diffusion 1.x"):
        family_of("sdxl")


@pytest.mark.parametrize("suffix", [".ckpt", ".pt", ".pth", ".bin"])
def test_pickles_are_refused_by_name(run: Run, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"model{suffix}"
    path.write_bytes(b"x")
    with pytest.raises(PickleError, match=r"convert it to .safetensors"):
        load_checkpoint(run, path)


def test_pickles_are_refused_whatever_their_name(run: Run, tmp_path: Path) -> None:
    zipped, plain = tmp_path / "a.safetensors", tmp_path / "b.safetensors"
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("data.pkl", b"x")
    plain.write_bytes(b"\x80\x04\x95" + bytes(40))
    for path in (zipped, plain):
        with pytest.raises(PickleError, match="can run code when it is read"):
            load_checkpoint(run, path)


BROKEN: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "cut off .it has only 0 bytes"),
    "short": (b"\x10\0\0", "cut off"),
    "cut header": (struct.pack("<Q", 5000) + b'{"a":', "its header needs 5000 bytes"),
    "huge header": (struct.pack("<Q", 2**60) + b'{"a":', "not a safetensors file"),
    "no header": (b"a picture, or anything else, renamed", "not a safetensors file"),
    "not JSON": (struct.pack("<Q", 9) + b'{"a":[[[}', "broken safetensors header"),
    "not ours": (struct.pack("<Q", 8) + b'{"a": 1}', "broken safetensors header"),
    "web page": (b"<!DOCTYPE html><html>404</html>", "is a web page"),
    "pointer": (b"version https://git-lfs.github.com/spec/v1\noid", "Git LFS pointer"),
    "gguf": (b"GGUF" + bytes(40), "is a GGUF file"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_files(run: Run, tmp_path: Path, name: str) -> None:
    content, message = BROKEN[name]
    path = tmp_path / "m.safetensors"
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match=rf"m.safetensors .*{message}"):
        load_checkpoint(run, path)


def test_a_cut_off_file_is_found_at_any_length(tiny_files: Tiny, run: Run, tmp_path: Path) -> None:
    whole = tiny_files.file.read_bytes()
    path = tmp_path / "cut.safetensors"
    for length in (1, 7, 8, 500, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(CheckpointError, match=r"cut.safetensors"):
            load_checkpoint(run, path)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_header_or_an_error(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzz.safetensors"
    path.write_bytes(struct.pack("<Q", len(data)) + data)
    # Whatever else is raised fails the test.
    with suppress(CheckpointError):
        read_header(path)


def test_a_missing_file(run: Run, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="is missing: put it back or choose another"):
        load_checkpoint(run, tmp_path / "gone.safetensors")


def _drop(*parts: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        folder.joinpath(*parts).unlink()

    return change


def _only_pickles(folder: Path) -> None:
    weights = folder / "unet" / "diffusion_pytorch_model.safetensors"
    weights.rename(weights.with_suffix(".bin"))


def _cut(folder: Path) -> None:
    weights = folder / "vae" / "diffusion_pytorch_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])


def _editing(folder: Path) -> None:
    config = folder / "unet" / "config.json"
    config.write_text(json.dumps({**json.loads(config.read_text()), "in_channels": 8}))


def _another_pipeline(folder: Path) -> None:
    index = folder / "model_index.json"
    index.write_text(json.dumps({"_class_name": "WuerstchenPipeline"}))


def _not_json(folder: Path) -> None:
    (folder / "model_index.json").write_text("{")


FOLDERS: dict[str, tuple[Callable[[Path], None], str]] = {
    "no index": (_drop("model_index.json"), "a folder without model_index.json"),
    "no config": (_drop("unet", "config.json"), "lacks unet/config.json"),
    "no schedule": (_drop("scheduler", "scheduler_config.json"), "scheduler_config.json cannot be"),
    "no weights": (_drop("text_encoder", "model.safetensors"), "holds no model.safetensors"),
    "only pickles": (_only_pickles, "Python pickles only"),
    "cut": (_cut, "is cut off"),
    "editing": (_editing, "takes 8 channels"),
    "another": (_another_pipeline, "a folder for WuerstchenPipeline"),
    "not JSON": (_not_json, "model_index.json cannot be read"),
}


@pytest.mark.parametrize("name", FOLDERS)
def test_folders_that_are_not_whole(tiny: Tiny, run: Run, tmp_path: Path, name: str) -> None:
    change, message = FOLDERS[name]
    folder = tmp_path / "model"
    shutil.copytree(tiny.folder, folder)
    change(folder)
    with pytest.raises(CheckpointError, match=message):
        load_checkpoint(run, folder)


def test_a_part_alone_says_which_part(tiny: Tiny) -> None:
    assert inspect(tiny.folder / "vae").title == "the folder of a VAE alone"
    assert inspect(tiny.folder / "unet").title == "the folder of a denoiser alone"


@pytest.mark.parametrize("prefix", ["first_stage_model.", "cond_stage_model."])
def test_a_file_that_lacks_a_part(tiny_files: Tiny, run: Run, tmp_path: Path, prefix: str) -> None:
    tensors = load_file(tiny_files.file)
    path = tmp_path / "part.safetensors"
    save_file({name: t for name, t in tensors.items() if not name.startswith(prefix)}, path)
    with pytest.raises(CheckpointError, match="choose a full checkpoint"):
        load_checkpoint(run, path)


def test_a_file_that_lacks_a_weight_is_found_when_it_is_loaded(
    tiny_files: Tiny, run: Run, tmp_path: Path
) -> None:
    tensors = load_file(tiny_files.file)
    gone = next(name for name in tensors if name.startswith("cond_stage") and "layers.0" in name)
    path = tmp_path / "hole.safetensors"
    save_file({name: tensor for name, tensor in tensors.items() if name != gone}, path)
    encoder = load_checkpoint(run, path).text_encoder
    with pytest.raises(CheckpointError, match=r"hole.safetensors lacks 1 weights"):
        encode_text(run, encoder, "a star")


def test_networks_of_another_size_are_an_error_not_a_traceback(
    tiny: Tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SFUMATO_TOKENIZER", str(tiny.folder / "tokenizer"))
    run = make_run()
    model = load_checkpoint(run, tiny.file).model
    with pytest.raises(CheckpointError, match=r"single.safetensors cannot be loaded"):  # noqa: SIM117
        with models(run).denoiser(model):
            pass


def test_the_named_edition_is_taken_where_there_is_no_plain_one(
    tiny: Tiny, run: Run, tmp_path: Path
) -> None:
    folder = tmp_path / "half"
    shutil.copytree(tiny.folder, folder)
    for path in folder.rglob("*.safetensors"):
        save_file({k: t.half() for k, t in load_file(path).items()}, path, {"format": "pt"})
        path.rename(path.with_suffix(".fp16.safetensors"))
    with models(run).denoiser(load_checkpoint(run, folder).model) as denoiser:
        assert {weight.dtype for weight in denoiser.module.parameters()} == {torch.float32}


TEXT_ENCODER = RecipeHandler(TextEncoder)


def exchange_vocabulary(folder: Path) -> None:
    """Have every second token of the tokenizer in `folder` change places with the one before."""
    path = folder / "tokenizer.json"
    whole = json.loads(path.read_text())
    ids = whole["model"]["vocab"]
    plain = [name for name in ids if not name.startswith("<|")]
    for one, other in zip(plain[::2], plain[1::2], strict=False):
        ids[one], ids[other] = ids[other], ids[one]
    path.write_text(json.dumps(whole))


class TestTokenizer:
    def test_the_message_says_which_files_to_put_where(
        self, tiny: Tiny, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("SFUMATO_TOKENIZER", raising=False)
        monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tiny.folder))
        with pytest.raises(TokenizerError) as caught:
            load_checkpoint(run, tiny.file)
        place = tiny.file.parent / "tokenizer"
        assert (
            f"put vocab.json and merges.txt of openai/clip-vit-large-patch14 into {place}"
            in str(caught.value)
        )

    @pytest.mark.parametrize("where", ["tokenizer", "model/tokenizer"])
    def test_beside_the_checkpoint(self, tiny: Tiny, tmp_path: Path, where: str) -> None:
        shutil.copytree(tiny.folder / "tokenizer", tmp_path / where)
        assert find_tokenizer(tmp_path / "model.safetensors") == tmp_path / where

    def test_in_the_hub_cache(
        self, tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        cache = tmp_path / "hub"
        monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(cache))
        monkeypatch.delenv("SFUMATO_TOKENIZER", raising=False)
        fork = cache / "models--someone--stable-diffusion-v1-5" / "snapshots" / "abc" / "tokenizer"
        own = cache / "models--openai--clip-vit-large-patch14" / "snapshots" / "abc"
        for place in (fork, own):
            shutil.copytree(tiny.folder / "tokenizer", place)
            assert find_tokenizer(tmp_path / "model.safetensors") == place

    def test_in_a_folder_that_the_artist_names(self, tiny: Tiny) -> None:
        files = FileIndex({"tokenizer": [tiny.folder]})
        assert known_tokenizer(files) == tiny.folder / "tokenizer"
        assert known_tokenizer(FileIndex()) is None

    def test_the_two_halves_will_do(self, tiny: Tiny, tmp_path: Path) -> None:
        from nodes.tokenizers import load_clip_tokenizer

        whole = json.loads((tiny.folder / "tokenizer" / "tokenizer.json").read_text())
        folder = tmp_path / "tokenizer"
        folder.mkdir()
        (folder / "vocab.json").write_text(json.dumps(whole["model"]["vocab"]))
        merges = "\n".join(" ".join(pair) for pair in whole["model"]["merges"])
        (folder / "merges.txt").write_text(f"#version: 0.2\n{merges}\n")
        halves = load_clip_tokenizer(folder)
        assert (
            halves("a large red star").input_ids
            == tiny.pipeline.tokenizer("a large red star").input_ids
        )
        assert halves.model_max_length == 77

    def test_a_borrowed_one_is_named_by_its_content(
        self, tiny_files: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run = make_run()
        path, beside = tmp_path / "model.safetensors", tmp_path / "tokenizer"
        path.symlink_to(tiny_files.file)
        shutil.copytree(tiny_files.folder / "tokenizer", beside)
        first = load_checkpoint(run, path).text_encoder
        assert first.checkpoint.tokenizer == beside
        assert load_checkpoint(run, path).text_encoder == first
        (beside / "README.md").write_text("not read")
        assert load_checkpoint(run, path).text_encoder == first
        exchange_vocabulary(beside)
        second = load_checkpoint(run, path).text_encoder
        assert second != first
        digests = {TEXT_ENCODER.pack(each).digest("") for each in (first, second)}
        assert len(digests) == 2
        # The store holds both apart, and uses none that is not the one named.
        red = encode_text(run, second, "red").tokens
        monkeypatch.delenv("SFUMATO_TOKENIZER")
        with pytest.raises(TokenizerError, match=r"was opened with .* is gone or was replaced"):
            encode_text(run, first, "red")
        shutil.rmtree(beside)
        shutil.copytree(tiny_files.folder / "tokenizer", beside)
        assert not torch.equal(encode_text(run, first, "red").tokens, red)
        # Already in memory, so where its files are gone to does not matter any more.
        assert torch.equal(encode_text(run, second, "red").tokens, red)

    def test_one_of_its_own_needs_no_other(
        self, tiny: Tiny, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SFUMATO_TOKENIZER", str(tiny.folder / "tokenizer"))
        checkpoint = load_checkpoint(run, tiny.folder).text_encoder.checkpoint
        assert (checkpoint.tokenizer, checkpoint.vocabulary) == (None, "")

    def test_nothing_is_fetched_without_consent(self) -> None:
        with pytest.raises(TokenizerError, match="only with your consent"):
            fetch_tokenizer(consent=False)


def test_the_settings_that_are_shipped_are_those_of_sd1() -> None:
    from diffusers import AutoencoderKL, UNet2DConditionModel
    from transformers import CLIPTextConfig, CLIPTextModel

    from nodes.families.sd1 import CONFIGS

    with torch.device("meta"):
        networks = [
            UNet2DConditionModel.from_config(UNet2DConditionModel.load_config(CONFIGS / "unet")),
            AutoencoderKL.from_config(AutoencoderKL.load_config(CONFIGS / "vae")),
            CLIPTextModel(CLIPTextConfig.from_pretrained(CONFIGS / "text_encoder")),
        ]
    sizes = [sum(weight.numel() for weight in network.parameters()) for network in networks]
    # As published for Stable Diffusion 1.5: 860M, 84M, 123M.
    assert sizes == [859_520_964, 83_653_863, 123_060_480]
    assert Sd1()._factor(CONFIGS / "no-folder") == 8
