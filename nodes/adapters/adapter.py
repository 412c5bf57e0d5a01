"""Adapters in memory, and networks that wear them for a while."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias, cast
from weakref import WeakKeyDictionary

from torch import Tensor, nn

from nodes.adapters.blocks import factor_of
from nodes.adapters.layers import Change, Host, kind_of, rank_of
from nodes.adapters.names import flat
from nodes.adapters.survey import scaling_of, tensors_by_layer
from nodes.families.header import read_header
from nodes.families.weights import read_tensors

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from torch.utils.hooks import RemovableHandle

    from graph.values import LoraUse
    from nodes.device import Part


@dataclass(frozen=True, slots=True)
class Adapter:
    """The changes that a LoRA makes to one network, by flat path of the layer."""

    module: nn.ModuleDict


Worn: TypeAlias = tuple[tuple[Adapter, "LoraUse"], ...]

_WORN: WeakKeyDictionary[nn.Module, Worn] = WeakKeyDictionary()
_HOSTS: WeakKeyDictionary[nn.Module, dict[str, tuple[str, Host]]] = WeakKeyDictionary()


def read_adapter(path: Path, part: Part) -> Adapter:
    """Read what the LoRA at `path` changes in the network `part`; weights stay mapped."""
    tensors = read_tensors(path)
    scaling = scaling_of(read_header(path), part)
    changes = nn.ModuleDict()
    for (network, layer), names in tensors_by_layer(tensors).items():
        factors = {factor: tensors[name] for factor, name in names.items()}
        alpha = factors.pop("alpha", None)
        factors.pop("magnitude", None)
        kind = kind_of(factors)
        if network is part and kind is not None:
            rank = rank_of({factor: tuple(tensor.shape) for factor, tensor in factors.items()})
            scale = scaling.of(layer, rank, None if alpha is None else float(alpha))
            changes[layer] = kind(factors, scale)
    return Adapter(changes)


@contextmanager
def wearing(module: nn.Module, adapters: Sequence[tuple[Adapter, LoraUse]]) -> Iterator[None]:
    """Let `module` wear `adapters` and no others until the block is left.

    Weights are not touched: the layers' outputs are added to. Blocks may be nested, also with other
    adapters; each sees its own.
    """
    before, now = _WORN.get(module, ()), tuple(adapters)
    if now == before:
        yield
        return
    _WORN[module] = now
    handles = _put_on(module, now)
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
        _WORN[module] = before


def _put_on(module: nn.Module, adapters: Worn) -> list[RemovableHandle]:
    handles = []
    for layer, (name, host) in _hosts(module).items():
        changes = [
            (cast("Change", adapter.module[layer]), use.weight * factor_of(name, use.blocks))
            for adapter, use in adapters
            if layer in adapter.module
        ]
        strong = [(change, strength) for change, strength in changes if strength]
        if strong:
            handles.append(host.register_forward_hook(partial(_add, module, adapters, strong)))
    return handles


def _add(
    module: nn.Module,
    adapters: Worn,
    changes: list[tuple[Change, float]],
    host: Host,
    given: tuple[Any, ...],
    output: Tensor,
) -> Tensor:
    if _WORN.get(module) != adapters:
        return output  # a block within this one wears others
    for change, strength in changes:
        output = output + change(given[0], host) * strength
    return output


def _hosts(module: nn.Module) -> dict[str, tuple[str, Host]]:
    """Return flat path -> path and layer, of all layers that can be changed."""
    found = _HOSTS.get(module)
    if found is None:
        found = _HOSTS[module] = {
            flat(name): (name, layer)
            for name, layer in module.named_modules()
            if isinstance(layer, (nn.Linear, nn.Conv2d))
        }
    return found
