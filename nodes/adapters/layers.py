"""What an adapter adds to the output of one layer of a network.

The layer itself is never touched: its output plus the change is what the network goes on with. All
methods here see the layer as `host`, a Linear or a Conv2d, which says how inputs are walked over.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeAlias

import torch
from torch import Tensor, nn
from torch.nn import functional

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Host: TypeAlias = nn.Linear | nn.Conv2d
Factors: TypeAlias = "Mapping[str, Tensor]"
"""By the names of `nodes.adapters.names`."""


class Change(nn.Module):
    """The change of one layer's output, at strength 1."""

    def __init__(self, factors: Factors, scale: float) -> None:
        """Keep `factors` as weights that are not trained; `scale` is on top of their product."""
        super().__init__()
        self.scale = scale
        for name, tensor in factors.items():
            self.register_parameter(name, nn.Parameter(tensor, requires_grad=False))

    def forward(self, given: Tensor, host: Host) -> Tensor:
        """Return what is added to what `host` makes of `given`."""
        raise NotImplementedError

    def factor(self, name: str) -> Tensor | None:
        """Return a factor, or None when this change does without."""
        found: Tensor | None = self._parameters.get(name)
        return found


class LowRank(Change):
    """Up · down (LoRA, Hu et al. 2021), for some convolutions with a core between them (LoCon)."""

    def forward(self, given: Tensor, host: Host) -> Tensor:
        """Return up(down(given)), the convolution's steps taken by the factor that has its size."""
        down, up, mid = (self.factor(name) for name in ("down", "up", "mid"))
        assert down is not None  # noqa: S101 - `make_change` saw to it
        assert up is not None  # noqa: S101
        if isinstance(host, nn.Linear):
            low = functional.linear(given, down.flatten(1))
            return functional.linear(low, up.flatten(1)) * self.scale
        if mid is None:
            low = _walked(given, _kernel(down), host)
        else:
            low = _walked(functional.conv2d(given, _kernel(down)), _kernel(mid), host)
        return functional.conv2d(low, _kernel(up)) * self.scale


class Whole(Change):
    """A change that is a full matrix, made of its factors whenever it is needed."""

    def forward(self, given: Tensor, host: Host) -> Tensor:
        """Return what the layer would make of `given` with the change for its weights."""
        delta = (self.matrix() * self.scale).reshape(host.weight.shape)
        bias = self.factor("bias")
        if isinstance(host, nn.Linear):
            return functional.linear(given, delta, bias)
        return _walked(given, delta, host, bias)

    def matrix(self) -> Tensor:
        """Return the change of the weights, of any shape with as many numbers."""
        whole = self.factor("whole")
        assert whole is not None  # noqa: S101 - `make_change` saw to it
        return whole


class Hadamard(Whole):
    """The product, number by number, of two low-rank matrices (LoHa, Hyeon-Woo et al. 2021)."""

    def matrix(self) -> Tensor:
        """Return (w1_a · w1_b) ∘ (w2_a · w2_b)."""
        return self._product("1") * self._product("2")

    def _product(self, which: str) -> Tensor:
        left, right = self.factor(f"w{which}_a"), self.factor(f"w{which}_b")
        assert left is not None  # noqa: S101 - `make_change` saw to it
        assert right is not None  # noqa: S101
        core = self.factor(f"t{which}")
        return left @ right if core is None else _tucker(core, left, right)


class Kronecker(Whole):
    """The Kronecker product of a small matrix and a large one (LoKr, Yeh et al. 2023)."""

    def matrix(self) -> Tensor:
        """Return w1 ⊗ w2, either of them a product of factors itself."""
        first, second = self._side("1"), self._side("2")
        while first.ndim < second.ndim:
            first = first.unsqueeze(-1)
        return torch.kron(first, second.contiguous())

    def _side(self, which: str) -> Tensor:
        whole = self.factor(f"kw{which}")
        if whole is not None:
            return whole
        left, right = self.factor(f"kw{which}_a"), self.factor(f"kw{which}_b")
        assert left is not None  # noqa: S101 - `make_change` saw to it
        assert right is not None  # noqa: S101
        core = self.factor(f"kt{which}")
        return left @ right if core is None else _tucker(core, left, right)


_LOHA = ("w1_a", "w1_b", "w2_a", "w2_b")


def kind_of(factors: Mapping[str, object]) -> type[Change] | None:
    """Return which change `factors` make; None when some are missing."""
    if "down" in factors or "up" in factors:
        return LowRank if {"down", "up"} <= factors.keys() else None
    if any(name in factors for name in _LOHA):
        return Hadamard if set(_LOHA) <= factors.keys() else None
    if any(name.startswith("kw") for name in factors):
        sides = all(
            f"kw{side}" in factors or {f"kw{side}_a", f"kw{side}_b"} <= factors.keys()
            for side in "12"
        )
        return Kronecker if sides else None
    return Whole if "whole" in factors else None


def rank_of(shapes: Mapping[str, tuple[int, ...]]) -> int:
    """Return the rank of a change whose factors have `shapes`; 0 when it has none."""
    for name, axis in (("down", 0), ("w1_b", 0), ("kw1_b", 0), ("kw2_b", 0)):
        shape = shapes.get(name)
        if shape:
            return shape[axis]
    return 0


def full_shape(shapes: Mapping[str, tuple[int, ...]]) -> tuple[int, int]:
    """Return (numbers out, numbers in) of the matrix that factors with `shapes` make.

    Raises:
        ValueError: the factors do not fit each other.
    """
    kind = kind_of(shapes)
    with torch.device("meta"):
        factors = {name: torch.empty(shape) for name, shape in shapes.items()}
    if kind is LowRank:
        down, up, mid = (factors.get(name) for name in ("down", "up", "mid"))
        assert down is not None  # noqa: S101 - the kind says so
        assert up is not None  # noqa: S101
        ranks = {len(down), up.flatten(1).shape[1]} | (set() if mid is None else {*mid.shape[:2]})
        if len(ranks) > 1:
            message = f"down has rank {len(down)}, up has rank {up.flatten(1).shape[1]}"
            raise ValueError(message)
        kernel = 1 if mid is None else math.prod(mid.shape[2:])
        return len(up), math.prod(down.shape[1:]) * kernel
    if kind is None or not issubclass(kind, Whole):
        message = "some of its factors are missing"
        raise ValueError(message)
    try:
        matrix = kind(factors, 1.0).matrix()
    except RuntimeError as error:
        raise ValueError(str(error).partition("\n")[0]) from error
    return len(matrix), matrix[0].numel()


def _kernel(weight: Tensor) -> Tensor:
    return weight if weight.ndim > 2 else weight[..., None, None]  # noqa: PLR2004


def _walked(given: Tensor, kernel: Tensor, host: nn.Conv2d, bias: Tensor | None = None) -> Tensor:
    """Return the convolution of `given` with `kernel`, in the steps of `host`."""
    walk: Callable[..., Tensor] = functional.conv2d
    return walk(given, kernel, bias, host.stride, host.padding, host.dilation, host.groups)


def _tucker(core: Tensor, left: Tensor, right: Tensor) -> Tensor:
    """Return the kernel (out, in, h, w) of a `core` (r, s, h, w) with `left` (r, out), `right`."""
    return torch.einsum("ijkl,jr,ip->prkl", core, right, left)
