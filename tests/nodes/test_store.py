"""The model store: loads once, lends to one at a time, forgets the least recently used."""

from __future__ import annotations

import shutil
import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
import torch

from graph.files import FileIndex
from graph.values import Model, TextEncoder, Vae
from nodes.device import Part, choose_device, choose_dtype, describe
from nodes.errors import CheckpointError, DeviceError
from nodes.loaders import open_checkpoint
from nodes.store import ModelStore, models
from tests.nodes.driver import make_run

if TYPE_CHECKING:
    from pathlib import Path

    from tests.nodes.conftest import Tiny


@pytest.fixture
def model(tiny: Tiny) -> Model:
    return Model(open_checkpoint(tiny.folder, FileIndex()))


def use(store: ModelStore, recipe: Model | TextEncoder | Vae) -> None:
    """Borrow what `recipe` names and give it back."""
    with ExitStack() as stack:
        match recipe:
            case Model():
                stack.enter_context(store.denoiser(recipe))
            case TextEncoder():
                stack.enter_context(store.text(recipe))
            case Vae():
                stack.enter_context(store.autoencoder(recipe))


def test_a_recipe_is_loaded_once(model: Model) -> None:
    store = ModelStore("cpu")
    with store.denoiser(model) as one:
        pass
    with store.denoiser(Model(model.checkpoint)) as other:
        assert other is one
    assert store.loads == 1


def test_each_precision_is_loaded_for_itself(model: Model) -> None:
    store = ModelStore("cpu")
    half = Model(model.checkpoint, "bfloat16")
    with store.denoiser(half) as denoiser:
        assert {weight.dtype for weight in denoiser.module.parameters()} == {torch.bfloat16}
    use(store, model)
    use(store, Model(model.checkpoint, "float32"))
    assert store.loads == 2


def test_what_was_used_least_recently_goes_first(model: Model) -> None:
    checkpoint = model.checkpoint
    recipes = (model, TextEncoder(checkpoint), Vae(checkpoint))
    whole = ModelStore("cpu")
    for recipe in recipes:
        use(whole, recipe)
    sizes = dict.fromkeys(recipes, 0)
    for recipe in recipes:
        single = ModelStore("cpu")
        use(single, recipe)
        sizes[recipe] = single.held()
    assert whole.held() == sum(sizes.values())

    store = ModelStore("cpu", budget=sizes[model] + sizes[recipes[2]])
    for recipe in recipes:  # the last one makes the first go
        use(store, recipe)
    assert store.held() == sizes[recipes[1]] + sizes[recipes[2]]
    use(store, recipes[1])
    assert store.loads == 3
    use(store, model)  # and that makes the VAE go
    assert store.held() <= store.budget
    use(store, recipes[1])
    assert store.loads == 4
    store.clear()
    assert store.held() == 0


def test_what_is_lent_never_goes(model: Model) -> None:
    store = ModelStore("cpu", budget=0)
    with store.denoiser(model) as one:
        use(store, Vae(model.checkpoint))
        store.clear()
        with store.denoiser(model) as same:
            assert same is one
    assert store.held() == 0


def test_two_threads_wait_for_each_other(model: Model) -> None:
    store = ModelStore("cpu")
    inside, entered = threading.Event(), threading.Event()

    def second() -> None:
        inside.set()
        with store.denoiser(model):
            entered.set()

    thread = threading.Thread(target=second)
    with store.denoiser(model):
        thread.start()
        assert inside.wait(5)
        assert not entered.wait(0.05)
    thread.join(5)
    assert entered.is_set()
    assert store.loads == 1


def test_a_failed_load_can_be_tried_again(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    store = ModelStore("cpu")
    with monkeypatch.context() as patch:
        patch.setattr(
            "nodes.families.sd1.Sd1.load_denoiser",
            lambda *_: (_ for _ in ()).throw(OSError("x\ny")),
        )
        with pytest.raises(CheckpointError, match=r"tiny cannot be loaded \(x\)"):
            use(store, model)
    use(store, model)
    assert store.loads == 1


def test_a_file_that_was_replaced_is_noticed(tiny: Tiny, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(tiny.folder, folder)
    run = make_run()
    recipe = Model(open_checkpoint(folder, run.service(FileIndex)))
    config = folder / "scheduler" / "scheduler_config.json"
    config.write_text(config.read_text() + "\n")
    with pytest.raises(CheckpointError, match="was replaced by another file"):
        use(models(run), recipe)
    shutil.rmtree(folder)
    with pytest.raises(CheckpointError, match="is gone: put it back"):
        use(models(run), recipe)


def test_a_file_that_was_moved_is_found_again(tiny: Tiny, tmp_path: Path) -> None:
    before, after = tmp_path / "before" / "model", tmp_path / "after" / "model"
    shutil.copytree(tiny.folder, before)
    files = FileIndex({"checkpoint": [tmp_path]})
    recipe = Model(open_checkpoint(before, files))
    after.parent.mkdir()
    before.rename(after)
    store = ModelStore("cpu")
    store.files = files
    use(store, recipe)
    assert store.loads == 1


def test_devices() -> None:
    assert choose_device("cpu").type == "cpu"
    assert choose_device("auto").type in ("cpu", "cuda", "mps")
    for name, message in (("cuda:99", "not on this machine"), ("toaster", "is no device")):
        with pytest.raises(DeviceError, match=message):
            choose_device(name)


def test_precision() -> None:
    cpu, cuda = torch.device("cpu"), torch.device("cuda")
    assert {choose_dtype("auto", part, cpu) for part in Part} == {torch.float32}
    assert choose_dtype("auto", Part.DENOISER, cuda) is torch.float16
    assert choose_dtype("auto", Part.VAE, cuda) is torch.float32
    assert choose_dtype("bfloat16", Part.VAE, cuda) is torch.bfloat16


def test_the_environment_names_device_precision_and_libraries() -> None:
    environment, name = describe("cpu")
    assert name == "cpu"
    for part in ("cpu", "float32/float32/float32", "torch 2.", "diffusers 0.", "transformers 5."):
        assert part in environment
