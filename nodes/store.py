"""The model store: the one place that turns recipes into weights in memory.

A recipe on a wire costs nothing; the store loads what it names once, keeps it by content, and lends
it out for exclusive use. What was used least recently goes first when the byte budget is full; what
is lent never goes.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from graph.files import FileIndex
from graph.params import FileRef
from nodes.device import Part, Placement, choose_device, choose_dtype, memory_budget
from nodes.errors import CheckpointError
from nodes.families.base import Autoencoder, Component, Denoiser, TextCoder
from nodes.families.registry import family_of
from nodes.quiet import hush

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    import torch
    from torch import nn

    from graph.run import Run
    from graph.values import Checkpoint, Model, TextEncoder, Vae

Loaded = TypeVar("Loaded", bound=Component)

Key: TypeAlias = tuple[Part, str, str]
"""Which part, of which content, in which precision."""


@dataclass(slots=True, eq=False)
class _Shelf:
    """The place of one component, loaded or not."""

    lock: threading.RLock = field(default_factory=threading.RLock)
    component: Component | None = None
    size: int = 0
    """Bytes of its weights."""
    lent: int = 0
    used: int = 0
    """When it was last lent, counted in loans."""


class ModelStore:
    """Weights of one device, by content; safe to use from several threads."""

    def __init__(self, device: str = "auto", budget: int | None = None) -> None:
        """Serve `device`; keep at most `budget` bytes that nobody uses (None: as fits)."""
        hush()
        self.device = choose_device(device)
        self.budget = memory_budget(self.device) if budget is None else budget
        self.files: FileIndex | None = None
        """Tells whether a file still is what a recipe names; `models` sets it."""
        self.loads = 0
        """How many components were loaded since the start."""
        self._shelves: dict[Key, _Shelf] = {}
        self._lock = threading.Lock()
        self._loans = 0

    @contextmanager
    def denoiser(self, recipe: Model) -> Iterator[Denoiser]:
        """Lend the denoiser of `recipe`, for this thread alone, until the block is left."""
        family = family_of(recipe.checkpoint.family)
        key, place = self._plan(Part.DENOISER, recipe)
        with self._lend(key, recipe.checkpoint, lambda p: family.load_denoiser(p, place)) as found:
            yield found

    @contextmanager
    def text(self, recipe: TextEncoder) -> Iterator[TextCoder]:
        """Lend the text encoder of `recipe`, likewise."""
        family, named = family_of(recipe.checkpoint.family), recipe.checkpoint.tokenizer
        key, place = self._plan(Part.TEXT, recipe)
        with self._lend(
            key, recipe.checkpoint, lambda p: family.load_text(p, named, place)
        ) as found:
            yield found

    @contextmanager
    def autoencoder(self, recipe: Vae) -> Iterator[Autoencoder]:
        """Lend the VAE of `recipe`, likewise."""
        family = family_of(recipe.checkpoint.family)
        key, place = self._plan(Part.VAE, recipe)
        with self._lend(key, recipe.checkpoint, lambda p: family.load_vae(p, place)) as found:
            yield found

    def held(self) -> int:
        """Return how many bytes of weights are in memory."""
        with self._lock:
            return sum(shelf.size for shelf in self._shelves.values())

    def clear(self) -> None:
        """Let go of everything that nobody uses."""
        with self._lock:
            self._evict(0)

    def _plan(self, part: Part, recipe: Model | TextEncoder | Vae) -> tuple[Key, Placement]:
        dtype = choose_dtype(recipe.precision, part, self.device)
        key = (part, recipe.checkpoint.fingerprint, str(dtype))
        return key, Placement(self.device, dtype)

    @contextmanager
    def _lend(
        self, key: Key, checkpoint: Checkpoint, load: Callable[[Path], Loaded]
    ) -> Iterator[Loaded]:
        with self._lock:
            shelf = self._shelves.setdefault(key, _Shelf())
            shelf.lent += 1
            self._loans += 1
            shelf.used = self._loans
        try:
            with shelf.lock:
                if shelf.component is None:
                    self._fill(shelf, checkpoint, load)
                # One key is only ever filled by one kind of load.
                yield shelf.component  # type: ignore[misc]
        finally:
            with self._lock:
                shelf.lent -= 1
                self._evict(self.budget)

    def _fill(
        self, shelf: _Shelf, checkpoint: Checkpoint, load: Callable[[Path], Component]
    ) -> None:
        path = self._found(checkpoint)
        try:
            component = load(path)
        except (KeyError, OSError, RuntimeError, ValueError) as error:
            # What diffusers, transformers and safetensors raise for weights that do not fit.
            why = str(error).strip().partition("\n")[0]
            message = f"{checkpoint.path.name} cannot be loaded ({why}): download it again"
            raise CheckpointError(message) from error
        shelf.size = sum(_bytes(component.module))
        shelf.component = component
        self.loads += 1
        with self._lock:
            self._evict(self.budget)

    def _found(self, checkpoint: Checkpoint) -> Path:
        """Return where the weights of `checkpoint` lie; raise when they are not what it names."""
        path = checkpoint.path
        if self.files is not None and not path.exists():
            path = _moved(checkpoint, self.files)
        if not path.exists():
            message = f"{path} is gone: put it back, or choose another checkpoint"
            raise CheckpointError(message)
        if self.files is not None and self.files.fingerprint(path) != checkpoint.fingerprint:
            message = f"{path} was replaced by another file after this run began: run again"
            raise CheckpointError(message)
        return path

    def _evict(self, budget: int) -> None:
        """Drop idle components, the least recently used first, until `budget` is kept."""
        total = sum(shelf.size for shelf in self._shelves.values())
        for key, shelf in sorted(self._shelves.items(), key=lambda item: item[1].used):
            if total <= budget:
                return
            if not shelf.lent:
                total -= shelf.size
                del self._shelves[key]


def _moved(checkpoint: Checkpoint, files: FileIndex) -> Path:
    """Return where else a file of the same name and content lies, or where it was."""
    for name in files.names("checkpoint", (".safetensors",), folders=True):
        path = files.find(FileRef(name), "checkpoint")
        if path.name == checkpoint.path.name and files.fingerprint(path) == checkpoint.fingerprint:
            return path
    return checkpoint.path


def models(run: Run) -> ModelStore:
    """Return the engine's model store for the body of a node."""
    store = run.service(ModelStore)
    store.files = run.service(FileIndex)
    return store


def _bytes(module: nn.Module) -> Iterable[int]:
    tensors: Iterable[torch.Tensor] = (*module.parameters(), *module.buffers())
    return (tensor.nbytes for tensor in tensors)
