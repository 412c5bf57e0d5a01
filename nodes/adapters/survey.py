"""Holds a LoRA file against the networks that it is to change, from headers alone.

What cannot be meant for them is an error on the loader, not a wrong picture later.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from nodes.adapters.layers import full_shape, kind_of, rank_of
from nodes.adapters.names import flat, read_name
from nodes.device import Part
from nodes.errors import LoraError
from nodes.families.traits import Layout, lora_layout

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from nodes.families.header import Header

Shape: TypeAlias = tuple[int, ...]
Layers: TypeAlias = "Mapping[Part, Mapping[str, Shape]]"
"""Part -> path of a layer -> shape of its weights."""

_ALPHA = ("alpha",)
_SAID = "lora_adapter_metadata"
"""Where diffusers writes PEFT's settings as JSON."""
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Survey:
    """What a LoRA file holds for a model."""

    counts: Mapping[Part, int]
    """How many layers it changes, by network; only of networks that it changes."""
    ranks: tuple[int, ...]
    """All ranks in it, from the smallest; empty where there are none."""
    strangers: tuple[str, ...]
    """Tensors that are of no use for the model."""
    magnitudes: int = 0
    """Layers whose magnitudes (DoRA) are left out."""


def tensors_by_layer(names: Iterable[str]) -> dict[tuple[Part, str], dict[str, str]]:
    """Return network and layer -> factor -> name, of those of `names` that are a LoRA's."""
    found: dict[tuple[Part, str], dict[str, str]] = defaultdict(dict)
    for name in names:
        said = read_name(name)
        if said is not None:
            found[said.part, said.layer][said.factor] = name
    return dict(found)


def survey(path: Path, header: Header, layers: Layers) -> Survey:
    """Return what the LoRA at `path` with `header` holds for networks with `layers`.

    Raises:
        LoraError: it is broken, or made for another model.
    """
    known = {
        (part, flat(name)): shape for part, rows in layers.items() for name, shape in rows.items()
    }
    grouped = tensors_by_layer(header.shapes)
    fitting = {place: names for place, names in grouped.items() if place in known}
    _refuse_without_alpha(path, header, grouped)
    if not fitting:
        message = (
            f"{path.name} is a LoRA ({lora_layout(header)}) for another model: none of its "
            f"{len(grouped)} layers, such as {_example(header, grouped)}, is in this one: choose a "
            "LoRA for this model"
        )
        raise LoraError(message)
    for place, names in fitting.items():
        _check(path, {factor: header.shapes[name] for factor, name in names.items()},
               next(iter(names.values())), known[place])  # fmt: skip
    counts = {part: sum(place[0] is part for place in fitting) for part in Part}
    used = {name for names in fitting.values() for name in names.values()}
    shapes = [{f: header.shapes[n] for f, n in names.items()} for names in fitting.values()]
    return Survey(
        {part: count for part, count in counts.items() if count},
        tuple(sorted({rank_of(each) for each in shapes} - {0})),
        tuple(sorted(header.shapes.keys() - used)),
        sum("magnitude" in each for each in shapes),
    )


def _example(header: Header, grouped: Mapping[tuple[Part, str], Mapping[str, str]]) -> str:
    for names in grouped.values():
        return next(iter(names.values()))
    return next(iter(header.shapes))


def _check(path: Path, shapes: Mapping[str, Shape], name: str, wanted: Shape) -> None:
    """Raise when factors with `shapes` do not make a change of weights of the shape `wanted`."""
    factors = {factor: shape for factor, shape in shapes.items() if factor not in _ALPHA}
    weights = {k: shape for k, shape in factors.items() if k not in {"magnitude", "bias"}}
    if kind_of(weights) is None:
        message = (
            f"{path.name} is a LoRA with gaps: of {name} it has {', '.join(sorted(weights))} only: "
            "download it again"
        )
        raise LoraError(message)
    try:
        found = full_shape(weights)
    except ValueError as error:
        message = (
            f"{path.name} is a LoRA whose factors do not fit each other at {name} ({error}): "
            "download it again"
        )
        raise LoraError(message) from error
    if found != (wanted[0], math.prod(wanted[1:])):
        message = (
            f"{path.name} is a LoRA for another model: at {name} it changes {found[0]} × {found[1]}"
            f" weights, this model has {wanted[0]} × {math.prod(wanted[1:])}: choose a LoRA for "
            "this model"
        )
        raise LoraError(message)


def _refuse_without_alpha(
    path: Path, header: Header, grouped: Mapping[tuple[Part, str], Mapping[str, str]]
) -> None:
    """Raise when the file's way of naming scales by alpha, and it has none for some layers."""
    if lora_layout(header) not in (Layout.KOHYA, Layout.LYCORIS) or said_alpha(header) is not None:
        return
    for names in grouped.values():
        if "alpha" not in names and "whole" not in names:
            layer = next(iter(names.values()))
            message = (
                f"{path.name} is a LoRA ({lora_layout(header)}) without the alpha of {layer}, so "
                "that its strength is unknown: download it again, or choose its diffusers edition"
            )
            raise LoraError(message)


def said_alpha(header: Header) -> float | None:
    """Return the alpha that kohya's trainer wrote into the metadata; None where it is not told."""
    try:
        return float(header.metadata["ss_network_alpha"])
    except (KeyError, ValueError):
        return None


@dataclass(frozen=True, slots=True)
class Scaling:
    """How strong a change is at strength 1: alpha over rank, or over its root."""

    alphas: Mapping[str, float]
    """By layer, where it differs."""
    alpha: float | None = None
    """Of all others; None is the rank, so that nothing is scaled."""
    rooted: bool = False
    """Whether it is over the root of the rank (rsLoRA, Kalajdzievski 2023)."""

    def of(self, layer: str, rank: int, alpha: float | None) -> float:
        """Return the factor for `layer`, whose own `alpha` is known or not."""
        if not rank:
            return 1.0
        said = next((a for end, a in self.alphas.items() if layer.endswith(end)), self.alpha)
        chosen = alpha if alpha is not None else said
        if chosen is None:
            return 1.0
        return chosen / (math.sqrt(rank) if self.rooted else rank)


def scaling_of(header: Header, part: Part) -> Scaling:
    """Return what the metadata of a file says of its scale, for one network."""
    prefix = "text_encoder." if part is Part.TEXT else "unet."
    try:
        said = json.loads(header.metadata.get(_SAID, "{}"))
    except ValueError:
        said = {}
    own = {key.removeprefix(prefix): value for key, value in said.items()}
    pattern = own.get("alpha_pattern") or {}
    alpha = own.get("lora_alpha")
    return Scaling(
        {flat(name.strip("^$")): float(value) for name, value in pattern.items()},
        said_alpha(header) if alpha is None else float(alpha),
        bool(own.get("use_rslora")),
    )


def listed(names: tuple[str, ...]) -> str:
    """Return the first of `names`, and how many more there are."""
    more = f" and {len(names) - _SHOWN} more" if names[_SHOWN:] else ""
    return ", ".join(names[:_SHOWN]) + more
