"""Nodes that bring models into a graph."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NamedTuple

from graph.declare import node
from graph.files import FileIndex
from graph.hints import Doc, File
from graph.run import Run
from graph.spec import Lane
from graph.values import Checkpoint, Difference, Model, TextEncoder, Vae
from nodes.errors import CheckpointError
from nodes.families.detect import Kind, inspect
from nodes.families.difference import base_of, is_difference
from nodes.families.registry import FAMILIES, family_of
from nodes.tokenizers import (
    find_tokenizer,
    known_tokenizer,
    own_tokenizer,
    tokenizer_files,
    vocabulary_of,
)


class LoadedCheckpoint(NamedTuple):
    """The three parts of a checkpoint."""

    model: Annotated[Model, Doc("Denoises latents; goes into Sample.")]
    text_encoder: Annotated[TextEncoder, Doc("Reads prompts; goes into Encode Text.")]
    vae: Annotated[Vae, Doc("Turns latents into pictures and back.")]


@node(
    "Load Checkpoint",
    category="Models",
    synonyms=("model", "open", "safetensors", "diffusers"),
    lane=Lane.IO,
)
def load_checkpoint(
    run: Run,
    checkpoint: Annotated[
        Path | None,
        File("checkpoint", (".safetensors",), folders=True),
        Doc("A .safetensors file, or a folder with a model_index.json."),
    ] = None,
) -> LoadedCheckpoint:
    """Open a diffusion model.

    A checkpoint holds three networks: the model that denoises, the text encoder that reads prompts,
    and the VAE between latents and pictures. This looks at the file only; weights are read when the
    first node needs them, and stay in memory.
    """
    if checkpoint is None:
        message = "no checkpoint is chosen: choose a .safetensors file or a model folder"
        raise CheckpointError(message)
    files = run.service(FileIndex)
    base, difference = checkpoint, None
    if is_difference(checkpoint):
        base = base_of(checkpoint, files)
        difference = Difference(files.fingerprint(checkpoint), checkpoint)
    opened = open_checkpoint(base, files)
    if opened.vocabulary:
        run.reads.extend(tokenizer_files(base, known_tokenizer(files)))
    model = Model(opened, difference=difference)
    return LoadedCheckpoint(model, TextEncoder(opened), Vae(opened))


def open_checkpoint(path: Path, files: FileIndex) -> Checkpoint:
    """Return what the checkpoint at `path` is, having checked that it is whole and can be run.

    Raises:
        CheckpointError: it is missing, broken, or another kind of file.
        TokenizerError: it brings no tokenizer, and none is on this machine.
    """
    found = inspect(path)
    known = " or ".join(family.title for family in FAMILIES.values())
    if found.kind is not Kind.CHECKPOINT:
        message = f"{path.name} is {found.title}: choose a full checkpoint ({known})"
        raise CheckpointError(message)
    if found.family not in FAMILIES:
        message = f"{path.name} is {found.title}, which cannot be run yet: choose {known}"
        raise CheckpointError(message)
    family_of(found.family).verify(path)
    fingerprint = files.fingerprint(path)
    if own_tokenizer(path) is not None:
        return Checkpoint(fingerprint, found.family, path)
    tokenizer = find_tokenizer(path, known_tokenizer(files))
    vocabulary = vocabulary_of(tokenizer, files)
    return Checkpoint(fingerprint, found.family, path, tokenizer, vocabulary)
