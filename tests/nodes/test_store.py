"""The model store: loads once, lends to one at a time, keeps two budgets, trusts no file twice."""

from __future__ import annotations

import shutil
import sys
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pytest
import torch

from graph.files import FileIndex
from graph.values import Model, TextEncoder, Vae
from nodes.device import Part, choose_device, choose_dtype, describe
from nodes.errors import CheckpointError, DeviceError
from nodes.families.base import device_of
from nodes.frugal import Tiling
from nodes.loaders import open_checkpoint
from nodes.memory import Budgets
from nodes.store import ModelStore, models
from tests.nodes.driver import make_run

if TYPE_CHECKING:
    from tests.nodes.conftest import Tiny


@pytest.fixture
def model(tiny: Tiny) -> Model:
    return Model(open_checkpoint(tiny.folder, FileIndex()))


DEVICE, HOST = torch.device("meta"), torch.device("cpu")
Recipe: TypeAlias = "Model | TextEncoder | Vae"


def use(store: ModelStore, recipe: Recipe) -> None:
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


def sizes_of(recipes: tuple[Recipe, ...]) -> list[int]:
    """The bytes of each, by a store of its own."""
    sizes = []
    for recipe in recipes:
        single = ModelStore("cpu")
        use(single, recipe)
        sizes.append(single.held())
    return sizes


def test_what_was_used_least_recently_goes_first(model: Model) -> None:
    recipes = (model, TextEncoder(model.checkpoint), Vae(model.checkpoint))
    sizes = sizes_of(recipes)
    whole = ModelStore("cpu")
    for recipe in recipes:
        use(whole, recipe)
    assert whole.held() == sum(sizes)

    store = ModelStore("cpu", Budgets(sizes[0] + sizes[2]))
    for recipe in recipes:  # the last one makes the first go
        use(store, recipe)
    assert store.held() == sizes[1] + sizes[2]
    use(store, recipes[1])
    assert store.loads == 3
    use(store, model)
    assert store.held() <= store.budgets.device
    assert store.loads == 4
    store.clear()
    assert store.held() == 0
    assert store.moves == 0


def test_what_is_lent_never_goes(model: Model) -> None:
    store = ModelStore("cpu", Budgets(0))
    with store.denoiser(model) as one:
        use(store, Vae(model.checkpoint))
        store.clear()
        with store.denoiser(model) as same:
            assert same is one
    assert store.held() == 0


class Trips:
    """Stands in for a GPU: notes which network went where, and moves nothing."""

    def __init__(self) -> None:
        self.went: list[tuple[str, str]] = []
        self.full = False

    def __call__(self, module: torch.nn.Module, device: torch.device, _dtype: torch.dtype) -> None:
        if self.full:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
        self.went.append((type(module).__name__, device.type))


@pytest.fixture
def trips(monkeypatch: pytest.MonkeyPatch) -> Trips:
    """A machine that seems to have a device called "meta" besides its CPU."""
    monkeypatch.setattr("nodes.store.choose_device", lambda _name: DEVICE)
    return Trips()


def test_what_the_device_cannot_keep_goes_to_the_host_and_comes_back(
    model: Model, trips: Trips
) -> None:
    vae, text = Vae(model.checkpoint), TextEncoder(model.checkpoint)
    unet_size, vae_size, text_size = sizes_of((model, vae, text))
    store = ModelStore("gpu", Budgets(unet_size, vae_size + unet_size), trips)
    use(store, model)
    assert (store.held(DEVICE), store.held(HOST)) == (unet_size, 0)
    use(store, vae)
    assert (store.held(DEVICE), store.held(HOST)) == (vae_size, unet_size)
    use(store, model)
    assert (store.held(DEVICE), store.held(HOST)) == (unet_size, vae_size)
    assert trips.went == [
        ("UNet2DConditionModel", "meta"),
        ("UNet2DConditionModel", "cpu"),
        ("AutoencoderKL", "meta"),
        ("AutoencoderKL", "cpu"),
        ("UNet2DConditionModel", "meta"),
    ]
    assert (store.loads, store.moves) == (2, 3)
    use(store, text)
    assert store.held(DEVICE) == text_size
    assert store.held() <= unet_size + vae_size + text_size
    use(store, model)
    use(store, vae)
    assert store.loads == 3


def test_what_neither_can_keep_is_dropped(model: Model, trips: Trips) -> None:
    unet_size, vae_size = sizes_of((model, Vae(model.checkpoint)))
    store = ModelStore("gpu", Budgets(unet_size, vae_size - 1), trips)
    use(store, model)
    use(store, Vae(model.checkpoint))
    assert (store.held(DEVICE), store.held(HOST)) == (vae_size, 0)
    use(store, model)
    assert (store.held(), store.loads, store.moves) == (unet_size, 3, 0)


def test_a_device_without_room_leaves_nothing_half_moved(model: Model, trips: Trips) -> None:
    store = ModelStore("gpu", Budgets(1 << 30, 1 << 30), trips)
    trips.full = True
    with pytest.raises(torch.OutOfMemoryError):
        use(store, model)
    assert store.held() == 0
    trips.full = False
    use(store, model)
    assert store.loads == 2


def test_frugal_leaves_the_weights_on_the_host(model: Model, trips: Trips) -> None:
    store = ModelStore("gpu", Budgets(1 << 30, 1 << 30), trips)
    use(store, model)
    with store.denoiser(model, frugal=True) as denoiser:
        assert device_of(denoiser) == DEVICE
        assert store.held(DEVICE) == 0
        assert {weight.device.type for weight in denoiser.module.parameters()} == {"cpu"}
    with store.denoiser(model) as denoiser:
        assert store.held(HOST) == 0
        assert device_of(denoiser).type == "cpu"  # nothing streams; nothing really moved
    assert (store.loads, store.moves) == (1, 2)


def test_idle_weights_make_room_for_a_picture(
    model: Model, trips: Trips, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = ModelStore("gpu", Budgets(1 << 30, 1 << 30), trips)
    [unet_size] = sizes_of((model,))
    total = 2 * unet_size
    monkeypatch.setattr("nodes.store.free_memory", lambda _device: total - store.held(DEVICE))
    use(store, model)
    with store.autoencoder(Vae(model.checkpoint)) as vae:
        assert isinstance(vae, Tiling)
        assert vae.has_room(unet_size // 2)
        assert store.moves == 0
        assert vae.has_room(unet_size + unet_size // 2)
        assert (store.held(HOST), store.moves) == (unet_size, 1)
        assert not vae.has_room(total)
    with store.autoencoder(Vae(model.checkpoint), frugal=True) as vae:
        assert isinstance(vae, Tiling)
        assert not vae.has_room(1)


def test_two_threads_that_want_the_same_load_it_once(model: Model) -> None:
    store = ModelStore("cpu")
    start = threading.Barrier(4)
    found = []

    def borrow() -> None:
        start.wait(5)
        with store.denoiser(model) as one:
            found.append(one)

    threads = [threading.Thread(target=borrow) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(found) == 4
    assert len({id(one) for one in found}) == 1
    assert store.loads == 1


def mapped(path: Path) -> list[range]:
    """Where in this process's memory the file at `path` is mapped."""
    lines = Path("/proc/self/maps").read_text().splitlines()
    spans = (line.split()[0].split("-") for line in lines if line.endswith(str(path)))
    return [range(int(start, 16), int(end, 16)) for start, end in spans]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks the kernel of Linux")
def test_weights_are_mapped_and_not_copied(tiny_files: Tiny) -> None:
    whole = tiny_files.file
    parts = {
        tiny_files.folder: tiny_files.folder / "unet" / "diffusion_pytorch_model.safetensors",
        whole: whole,
    }
    for path, weights in parts.items():
        store = ModelStore("cpu")
        with store.denoiser(Model(open_checkpoint(path, FileIndex()))) as denoiser:
            spans = mapped(weights)
            pointers = [weight.data_ptr() for weight in denoiser.module.parameters()]
            assert all(any(at in span for span in spans) for at in pointers)
        half = ModelStore("cpu")
        with half.denoiser(Model(open_checkpoint(path, FileIndex()), "bfloat16")) as denoiser:
            spans = mapped(weights)
            pointers = [weight.data_ptr() for weight in denoiser.module.parameters()]
            assert not any(any(at in span for span in spans) for at in pointers)


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


def test_weights_in_memory_are_not_used_when_their_file_was_written_to(
    tiny: Tiny, tmp_path: Path
) -> None:
    folder, twin = tmp_path / "model", tmp_path / "twin"
    shutil.copytree(tiny.folder, folder)
    shutil.copytree(tiny.folder, twin)
    run = make_run()
    files = run.service(FileIndex)
    recipe, same = (Model(open_checkpoint(path, files)) for path in (folder, twin))
    store = models(run)
    use(store, recipe)
    weights = folder / "unet" / "diffusion_pytorch_model.safetensors"
    with weights.open("r+b") as file:
        file.seek(-4, 2)
        file.write(b"\1\2\3\4")
    with pytest.raises(CheckpointError, match="was replaced by another file"):
        use(store, recipe)
    use(store, same)  # the same content elsewhere is loaded anew, not from the file written to
    assert store.loads == 2
    shutil.rmtree(twin)
    use(store, same)  # deleted, but mapped
    assert store.loads == 2


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
