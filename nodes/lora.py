"""The node that puts a LoRA on a model."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

from graph.declare import node
from graph.files import FileIndex
from graph.hints import Doc, File, Label, Range
from graph.run import Run
from graph.spec import Lane
from graph.values import Lora, LoraUse, Model, TextEncoder
from nodes.adapters.blocks import read_blocks
from nodes.adapters.survey import listed, survey
from nodes.device import Part
from nodes.errors import LoraError
from nodes.families.detect import Kind, require
from nodes.families.header import read_header
from nodes.families.registry import family_of
from nodes.sources import find_weights

if TYPE_CHECKING:
    from nodes.adapters.survey import Survey
    from nodes.families.header import Header

_STRONGEST = 10
_TRIGGERS = ("modelspec.trigger_phrase", "ss_trigger_words", "trigger_words", "trained_words")
_BASES = ("ss_sd_model_name", "ss_base_model_version", "modelspec.architecture")
_TAGS = "ss_tag_frequency"
_SHOWN_TAGS = 5


class WithLora(NamedTuple):
    """A model that wears a LoRA."""

    model: Annotated[Model, Doc("Goes into Sample, or into the next Load LoRA.")]
    text_encoder: Annotated[TextEncoder | None, Doc("Goes into Encode Text.")]
    triggers: Annotated[str, Label("Trigger words"), Doc("What the LoRA listens to in a prompt.")]


@node(
    "Load LoRA",
    category="Models",
    synonyms=("adapter", "style", "character", "LyCORIS", "LoHa", "LoKr"),
    lane=Lane.IO,
)
def load_lora(
    run: Run,
    model: Annotated[Model, Doc("From Load Checkpoint, or another Load LoRA.")],
    text_encoder: Annotated[
        TextEncoder | None, Doc("Of the same checkpoint; many LoRAs change it too.")
    ] = None,
    lora: Annotated[
        Path | None,
        File("lora", (".safetensors",)),
        Label("LoRA"),
        Doc("A .safetensors file, as kohya's, PEFT's, diffusers' or LyCORIS' tools write it."),
    ] = None,
    strength_model: Annotated[
        float,
        Range(-_STRONGEST, _STRONGEST, step=0.05),
        Doc("How much it changes the model: 1 as trained, 0 not at all."),
    ] = 1.0,
    strength_text: Annotated[
        float,
        Range(-_STRONGEST, _STRONGEST, step=0.05),
        Doc("How much it changes the text encoder."),
    ] = 1.0,
    blocks: Annotated[
        str,
        Doc("Factors for parts of the networks, such as: down.1 0.5, mid 0, up 1.2, text 0.8."),
    ] = "",
) -> WithLora:
    """Teach a model a style, a character or a thing.

    A LoRA is a small file that changes a model it was made for. Wire several Load LoRA one behind
    the other; their order does not matter. The model's own weights stay as they are: another
    strength loads nothing and samples again. This looks at the file only; weights are read when the
    first node needs them.
    """
    if lora is None:
        message = "no LoRA is chosen: choose a .safetensors file"
        raise LoraError(message)
    parts = read_blocks(blocks)
    header, found = _opened(run, lora, model)
    run.remarks.extend(_remarks(header, found, wired=text_encoder is not None))
    worn = Lora(run.service(FileIndex).fingerprint(lora), model.checkpoint.family, lora)
    if Part.DENOISER in found.counts and strength_model:
        use = LoraUse(worn, strength_model, parts)
        model = replace(model, loras=_with(model.loras, use))
    if Part.TEXT in found.counts and strength_text and text_encoder is not None:
        use = LoraUse(worn, strength_text, parts)
        text_encoder = replace(text_encoder, loras=_with(text_encoder.loras, use))
        model = replace(model, text_loras=_with(model.text_loras, use))
    return WithLora(model, text_encoder, trigger_words(header))


def _opened(run: Run, lora: Path, model: Model) -> tuple[Header, Survey]:
    """Return the header of `lora` and what it holds for `model`; raise when it does not fit."""
    family = family_of(model.checkpoint.family)
    require(lora, Kind.LORA, (family.name,))
    header = read_header(lora)
    base = find_weights(model.checkpoint, run.service(FileIndex))
    return header, survey(lora, header, family.layers(base))


def _with(uses: tuple[LoraUse, ...], use: LoraUse) -> tuple[LoraUse, ...]:
    """Return `uses` and `use` by content: the order that they came in changes nothing."""
    return tuple(sorted((*uses, use), key=lambda u: (u.lora.fingerprint, u.weight, u.blocks)))


def trigger_words(header: Header) -> str:
    """Return the words that a LoRA was trained to listen to, as its metadata says; or nothing."""
    said = next(filter(None, (header.metadata.get(key, "").strip() for key in _TRIGGERS)), "")
    return said or ", ".join(_frequent(header.metadata.get(_TAGS, "")))


def _frequent(tags: str) -> list[str]:
    """Return the captions' most frequent tags, as kohya's trainer counts them by data set."""
    try:
        counted: Counter[str] = Counter()
        for each in json.loads(tags or "{}").values():
            counted.update({tag.strip(): int(count) for tag, count in each.items()})
    except (AttributeError, TypeError, ValueError):
        return []
    return [tag for tag, _count in counted.most_common(_SHOWN_TAGS)]


def _remarks(header: Header, found: Survey, *, wired: bool) -> list[str]:
    """Return what is worth to know of a LoRA that fits."""
    base = next(filter(None, (header.metadata.get(key, "") for key in _BASES)), "")
    ranks = f"rank {' to '.join(str(r) for r in _ends(found.ranks))}" if found.ranks else ""
    made = f"made for {base}" if base else ""
    counts = ", ".join(f"{count} layers of the {part}" for part, count in found.counts.items())
    remarks = ["; ".join(filter(None, (counts, ranks, made)))]
    if found.strangers:
        remarks.append(f"{len(found.strangers)} tensors do not fit: {listed(found.strangers)}")
    if found.magnitudes:
        remarks.append(f"the magnitudes (DoRA) of {found.magnitudes} layers are left out")
    if Part.TEXT in found.counts and not wired:
        remarks.append("it changes the text encoder too: wire that through here")
    return remarks


def _ends(ranks: tuple[int, ...]) -> tuple[int, ...]:
    return ranks if len(ranks) == 1 else (ranks[0], ranks[-1])
