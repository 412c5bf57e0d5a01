"""The model store: the one place that turns recipes into weights in memory.

A recipe on a wire costs nothing; the store loads what it names once, keeps it by content, and lends
it out for exclusive use. Weights are mapped from their file, so that where their precision is the
one asked for nothing is copied on the CPU. A GPU has a budget of its own: what does not fit there
any more goes to the host's memory and comes back without the disk, and from there it is dropped
(see `nodes.tiers`). What is lent never goes.
"""

from __future__ import annotations

import threading
import time
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

import torch
from torch import nn

from graph.files import FileIndex
from nodes.adapters.adapter import read_adapter, wearing
from nodes.device import Part, choose_device, choose_dtype
from nodes.errors import CheckpointError
from nodes.families.base import (
    Autoencoder,
    Component,
    ControlNetwork,
    Denoiser,
    TextCoder,
)
from nodes.families.registry import family_of
from nodes.frugal import OneByOne, Tiling
from nodes.memory import Budgets, free_memory, memory_budgets, shortage_of
from nodes.quiet import hush
from nodes.sources import find_vocabulary, find_weights, is_intact
from nodes.streaming import streamed
from nodes.tiers import Item, Tiers
from nodes.uploads import Uploads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from graph.run import Run
    from graph.values import ControlNet, LoraUse, Model, TextEncoder, Vae
    from nodes.sources import Source

Loaded = TypeVar("Loaded", bound=Component)

Key: TypeAlias = tuple[Part, str, str, torch.dtype]
"""Which part, of which content, in which edition, in which precision. The edition is a text
encoder's vocabulary, a denoiser's difference, or the part of the model that wears a LoRA."""

Move: TypeAlias = "Callable[[nn.Module, torch.device, torch.dtype], object]"
"""Brings the weights of a network to a device, in a precision."""

_HOST = torch.device("cpu")
_READING = 1 << 30
"""Bytes a second that a disk gives: what is mapped is read only when it is used."""


@dataclass(slots=True, eq=False, kw_only=True)
class _Shelf(Item):
    """The place of one component, loaded or not; whoever uses it holds the lock."""

    key: Key
    lock: threading.RLock = field(default_factory=threading.RLock)
    component: Component | None = None
    source: Path | None = None
    """What its weights are mapped from."""
    users: int = 0
    """How often the thread that holds the lock has borrowed it."""


@dataclass(frozen=True, slots=True)
class _Order(Generic[Loaded]):
    """What to lend, and how it is loaded when it is not here."""

    key: Key
    source: Source
    load: Callable[[Path], Loaded]
    frugal: bool


class ModelStore:
    """Weights of one device, by content; safe to use from several threads."""

    def __init__(
        self, device: str = "auto", budgets: Budgets | None = None, move: Move | None = None
    ) -> None:
        """Serve `device`; keep at most `budgets` bytes that nobody uses (None: as fits).

        `move` stands in for PyTorch's own way to move weights, for tests.
        """
        hush()
        self.device = choose_device(device)
        self.uploads = Uploads(self.device)
        """What nodes hand to each other on this device."""
        self.files: FileIndex | None = None
        """Tells whether a file still is what a recipe names; `models` sets it."""
        self.loads = 0
        """How many components were loaded from files since the start."""
        self.moves = 0
        """How many were moved between the device and the host."""
        self.budgets = memory_budgets(self.device) if budgets is None else budgets
        host = self.budgets.host
        self._places = [self.device] if host is None else [self.device, _HOST]
        sizes = [self.budgets.device] if host is None else [self.budgets.device, host]
        self._tiers: Tiers[_Shelf] = Tiers(sizes, self._evict)
        self._move = _to if move is None else move
        self._shelves: dict[Key, _Shelf] = {}
        self._lock = threading.Lock()

    @contextmanager
    def denoiser(self, recipe: Model, *, frugal: bool = False) -> Iterator[Denoiser]:
        """Lend the denoiser of `recipe`, for this thread alone, until the block is left.

        With `frugal` its weights stay on the host and pass through the device part by part, and it
        predicts for one latent at a time.
        """
        family, change = family_of(recipe.checkpoint.family), recipe.difference

        def load(path: Path) -> Denoiser:
            where = None if change is None else find_weights(change, self.files)
            return family.load_denoiser(path, where)

        edition = "" if change is None else change.fingerprint
        order = self._order(Part.DENOISER, recipe, load, frugal, edition)
        with self._lend(order) as found, self._wearing(found, order, recipe.loras):
            yield OneByOne(found) if frugal else found

    @contextmanager
    def text(self, recipe: TextEncoder, *, frugal: bool = False) -> Iterator[TextCoder]:
        """Lend the text encoder of `recipe`, likewise."""
        checkpoint = recipe.checkpoint

        def load(path: Path) -> TextCoder:
            vocabulary = find_vocabulary(checkpoint, path, self.files)
            return family_of(checkpoint.family).load_text(path, vocabulary)

        order = self._order(Part.TEXT, recipe, load, frugal, checkpoint.vocabulary)
        with self._lend(order) as found, self._wearing(found, order, recipe.loras):
            yield found

    @contextmanager
    def control_net(self, recipe: ControlNet, *, frugal: bool = False) -> Iterator[ControlNetwork]:
        """Lend the ControlNet of `recipe`, likewise."""
        load = family_of(recipe.family).load_control_net
        dtype = choose_dtype(recipe.precision, Part.CONTROL_NET, self.device)
        key: Key = (Part.CONTROL_NET, recipe.fingerprint, "", dtype)
        with self._lend(_Order(key, recipe, load, frugal)) as found:
            yield found

    @contextmanager
    def autoencoder(self, recipe: Vae, *, frugal: bool = False) -> Iterator[Autoencoder]:
        """Lend the VAE of `recipe`, likewise.

        It works in tiles with `frugal`, and where it is known that memory is too small for a whole
        picture.
        """
        load = family_of(recipe.checkpoint.family).load_vae
        with self._lend(self._order(Part.VAE, recipe, load, frugal)) as found:
            yield Tiling(found, (lambda _need: False) if frugal else self._has_room)

    @contextmanager
    def network(
        self, source: Source, load: Callable[[Path], Loaded], *, frugal: bool = False
    ) -> Iterator[Loaded]:
        """Lend a network that no family has, such as one that sees depth, in full precision."""
        key: Key = (Part.NETWORK, source.fingerprint, "", torch.float32)
        with self._lend(_Order(key, source, load, frugal)) as found:
            yield found

    def held(self, place: torch.device | None = None) -> int:
        """Return how many bytes of weights are at `place`, or anywhere in memory."""
        with self._lock:
            return self._tiers.held(None if place is None else self._places.index(place))

    def clear(self) -> None:
        """Let go of everything that nobody uses."""
        with self._lock:
            self._tiers.clear()
        self.uploads.clear()

    def _order(
        self,
        part: Part,
        recipe: Model | TextEncoder | Vae,
        load: Callable[[Path], Loaded],
        frugal: bool,
        edition: str = "",
    ) -> _Order[Loaded]:
        checkpoint = recipe.checkpoint
        dtype = choose_dtype(recipe.precision, part, self.device)
        return _Order((part, checkpoint.fingerprint, edition, dtype), checkpoint, load, frugal)

    @contextmanager
    def _wearing(
        self, component: Component, order: _Order[Any], loras: tuple[LoraUse, ...]
    ) -> Iterator[None]:
        """Have `component`, which `order` lent, wear exactly `loras` until the block is left."""
        part, *_, dtype = order.key
        with ExitStack() as stack:
            adapters = []
            for use in loras:
                key: Key = (Part.LORA, use.lora.fingerprint, part, dtype)
                load = partial(read_adapter, part=part)
                lent = self._lend(_Order(key, use.lora, load, order.frugal))
                adapters.append((stack.enter_context(lent), use))
            stack.enter_context(wearing(component.module, adapters))
            yield

    @contextmanager
    def _lend(self, order: _Order[Loaded]) -> Iterator[Loaded]:
        with self._lock:
            shelf = self._shelves.setdefault(order.key, _Shelf(key=order.key))
            shelf.lent += 1
        try:
            with shelf.lock, self._ready(shelf, order):
                # One key is only ever filled by one kind of load.
                yield shelf.component  # type: ignore[misc]
        finally:
            with self._lock:
                shelf.lent -= 1
                self._tiers.trim()
                if shelf.component is None and not shelf.lent:
                    self._shelves.pop(order.key, None)

    @contextmanager
    def _ready(self, shelf: _Shelf, order: _Order[Loaded]) -> Iterator[None]:
        """Have the component of `shelf` loaded and in its place until the block is left."""
        shelf.users += 1
        try:
            if shelf.users > 1:
                yield  # this thread has it already, as it is
                return
            self._drop_if_replaced(shelf)
            if shelf.component is None:
                self._load(shelf, order)
            self._bring(shelf, self._tiers.last if order.frugal else 0)
            with self._streamed(shelf):
                yield
        finally:
            shelf.users -= 1

    def _drop_if_replaced(self, shelf: _Shelf) -> None:
        """Let go of weights that are mapped from a file which is another one now."""
        if self.files is None or shelf.source is None or shelf.component is None:
            return
        if not is_intact(shelf.source, shelf.key[1], self.files):
            with self._lock:
                self._tiers.drop(shelf)

    def _load(self, shelf: _Shelf, order: _Order[Loaded]) -> None:
        path = find_weights(order.source, self.files)
        start = time.perf_counter()
        try:
            component = order.load(path)
        except (KeyError, OSError, RuntimeError, ValueError) as error:
            if shortage_of(error) is not None:
                raise
            # What diffusers, transformers and safetensors raise for weights that do not fit.
            why = str(error).strip().partition("\n")[0]
            message = f"{path.name} cannot be loaded ({why}): download it again"
            raise CheckpointError(message) from error
        shelf.component, shelf.source = component, path
        shelf.size = _size(component.module, shelf.key[-1])
        shelf.load_seconds = time.perf_counter() - start + shelf.size / _READING
        self.loads += 1

    def _bring(self, shelf: _Shelf, tier: int) -> None:
        """Have the weights of `shelf` in `tier`, others making room there."""
        was = shelf.tier
        with self._lock:
            if not self._tiers.claim(shelf, tier):
                return
        try:
            self._carry(shelf, tier)
        except BaseException:
            # Memory that is full leaves some weights here and some there.
            with self._lock:
                self._tiers.drop(shelf)
            raise
        self.moves += was is not None

    def _carry(self, shelf: _Shelf, tier: int) -> None:
        assert shelf.component is not None  # noqa: S101 - only what is loaded is carried
        start = time.perf_counter()
        self._move(shelf.component.module, self._places[tier], shelf.key[-1])
        shelf.move_seconds = time.perf_counter() - start

    def _evict(self, shelf: _Shelf, tier: int | None) -> bool:
        """Do what `Tiers` wants with a component: nobody uses it, and nobody can borrow it now."""
        if tier is None:
            shelf.component = shelf.source = None
            if not shelf.lent:
                self._shelves.pop(shelf.key, None)
            return True
        try:
            self._carry(shelf, tier)
        except (MemoryError, RuntimeError) as error:
            if shortage_of(error) is None:
                raise
            return False
        self.moves += 1
        return True

    def _has_room(self, need: int) -> bool:
        """Say whether the device has `need` bytes free, what nobody uses making room for them."""
        free = free_memory(self.device)
        if free is not None and free < need:
            with self._lock:
                self._tiers.spare(need - free)
            free = free_memory(self.device)
        return free is None or free >= need

    def _streamed(self, shelf: _Shelf) -> AbstractContextManager[None]:
        if shelf.tier == 0 or shelf.component is None:
            return nullcontext()
        return streamed(shelf.component.module, self.device)


def models(run: Run) -> ModelStore:
    """Return the engine's model store for the body of a node."""
    store = run.service(ModelStore)
    store.files = run.service(FileIndex)
    return store


def _to(module: nn.Module, device: torch.device, dtype: torch.dtype) -> None:
    # Not the module's own `to`: diffusers' warns of precisions that it would not choose.
    nn.Module.to(module, device, dtype)


def _size(module: nn.Module, dtype: torch.dtype) -> int:
    """Return the bytes of the weights of `module` once they are in `dtype`."""
    weights = (*module.parameters(), *module.buffers())
    sizes = ((w.numel(), dtype if w.is_floating_point() else w.dtype) for w in weights)
    return sum(count * kind.itemsize for count, kind in sizes)
