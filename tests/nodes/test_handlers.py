"""The written contracts of our socket types, enforced."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from graph import sockets
from graph.errors import ContractError
from graph.handlers import Packed
from graph.values import Checkpoint, Conditioning, Latent, Model, TextEncoder, Vae
from nodes.handlers import ConditioningHandler, LatentHandler, all_handlers

HANDLERS = all_handlers()
LATENT = HANDLERS[sockets.LATENT.name]
CONDITIONING = HANDLERS[sockets.CONDITIONING.name]
RGB = ((1.0, 0.0, 0.0), (0.0, 0.5, 0.0), (0.0, 0.0, 0.0), (0.0, 0.0, 0.0), (0.25, 0.25, 0.25))


def checkpoint(path: str = "a/b", fingerprint: str = "f" * 64) -> Checkpoint:
    return Checkpoint(fingerprint, "sd1", Path(path))


def latent(**more: Any) -> Latent:
    return Latent(**{"samples": torch.ones(1, 4, 2, 3), "family": "sd1", "rgb": RGB, **more})


@pytest.mark.parametrize("kind", [Model, TextEncoder, Vae])
class TestRecipes:
    def test_where_weights_lie_is_no_part_of_the_identity(self, kind: type[Model]) -> None:
        handler = HANDLERS[kind.__name__]
        here, there = kind(checkpoint("a")), kind(checkpoint("b"))
        other = kind(checkpoint("a", "0" * 64))
        borrowing = kind(replace(checkpoint("a"), tokenizer=Path("t"), vocabulary="v"))
        recipes = (here, there, other, borrowing)
        digests = [handler.pack(value).digest(kind.__name__) for value in recipes]
        assert digests[0] == digests[1]
        assert len(set(digests)) == 3
        assert handler.pack(kind(checkpoint(), "float16")).digest("") != handler.pack(
            kind(checkpoint())
        ).digest("")

    def test_it_comes_back_with_its_places_in_another_process(self, kind: type[Model]) -> None:
        recipe = kind(
            Checkpoint("1" * 64, "sd1", Path("somewhere"), Path("borrowed"), "2" * 64), "bfloat16"
        )
        packed = HANDLERS[kind.__name__].pack(recipe)
        stored = json.loads(json.dumps([packed.meta, packed.aside]))
        back = all_handlers()[kind.__name__].unpack(Packed(stored[0], aside=stored[1]))
        assert back == recipe
        assert isinstance(back, kind)
        assert back.checkpoint.path == Path("somewhere")
        assert back.checkpoint.tokenizer == Path("borrowed")
        plain = kind(checkpoint())
        assert HANDLERS[kind.__name__].unpack(HANDLERS[kind.__name__].pack(plain)) == plain

    def test_one_without_a_place_must_be_made_again(self, kind: type[Model]) -> None:
        packed = HANDLERS[kind.__name__].pack(kind(checkpoint()))
        with pytest.raises(ContractError, match="not known where the weights"):
            HANDLERS[kind.__name__].unpack(Packed(packed.meta))

    def test_another_type_is_refused(self, kind: type[Model]) -> None:
        with pytest.raises(ContractError, match=f"expected a {kind.__name__}, got str"):
            HANDLERS[kind.__name__].check("model")
        assert HANDLERS[kind.__name__].preview(kind(checkpoint()), 0) is None


GOOD_LATENTS = [
    latent(),
    latent(sigma=3.5, rgb=()),
    latent(empty=True, family="", factor=16),
    latent(samples=torch.ones(2, 3, 4, 4).permute(0, 3, 1, 2)),
    latent(samples=torch.ones(1, 4, 2, 2, requires_grad=True)),
]


@pytest.mark.parametrize("value", GOOD_LATENTS)
def test_latents_come_back(value: Latent) -> None:
    checked = LATENT.check(value)
    assert isinstance(checked, Latent)
    assert checked.samples.is_contiguous()
    assert not checked.samples.requires_grad
    packed = LATENT.pack(checked)
    back = LATENT.unpack(packed)
    assert isinstance(back, Latent)
    assert torch.equal(back.samples, value.samples)
    assert replace(back, samples=value.samples).__repr__() == value.__repr__()
    assert LATENT.pack(back).digest("Latent") == packed.digest("Latent")


BAD_LATENTS: list[tuple[object, str]] = [
    ("x", "expected a Latent, got str"),
    (latent(samples=np.ones((1, 4, 2, 2), np.float32)), "must be a tensor, got ndarray"),
    (latent(samples=torch.ones(4, 2, 2), rgb=()), "rank 4, got float32"),
    (latent(samples=torch.ones(1, 4, 2, 2).half()), "must be float32 of rank 4, got float16"),
    (latent(samples=torch.ones(0, 4, 2, 2)), "rank 4"),
    (latent(samples=torch.full((1, 4, 1, 1), torch.nan)), "NaN or infinity"),
    (latent(samples=torch.full((1, 4, 1, 1), -torch.inf)), "NaN or infinity"),
    (latent(sigma=-1.0), "below the least"),
    (latent(factor=0), "below the least"),
    (latent(rgb=RGB[:3]), "4 channels, but 3 colours"),
]


@pytest.mark.parametrize(("value", "message"), BAD_LATENTS)
def test_bad_latents(value: object, message: str) -> None:
    with pytest.raises(ContractError, match=message):
        LATENT.check(value)


@pytest.mark.parametrize(
    "more", [{"sigma": 1.0}, {"family": ""}, {"factor": 4}, {"empty": True}, {"rgb": ()}]
)
def test_everything_about_a_latent_is_its_identity(more: dict[str, Any]) -> None:
    one, other = LATENT.pack(latent()), LATENT.pack(latent(**more))
    assert one.digest("Latent") != other.digest("Latent")


def test_a_change_in_place_is_found_out() -> None:
    value = LATENT.check(latent())
    assert isinstance(value, Latent)
    LATENT.pack(value)
    value.samples[0, 0, 0, 0] = 7
    for look in (LATENT.pack, LATENT.check):
        with pytest.raises(ContractError, match="was changed in place"):
            look(value)


def test_what_a_body_was_given_is_verified_after_it_ran() -> None:
    value = LATENT.check(latent())
    prompt = CONDITIONING.check(Conditioning(torch.ones(1, 77, 8), "sd1", torch.ones(1, 5)))
    assert isinstance(value, Latent)
    assert isinstance(prompt, Conditioning)
    verify_latent, verify_prompt = LatentHandler().verify, ConditioningHandler().verify
    verify_latent(value)
    verify_prompt(prompt)
    value.samples.mul(2)
    verify_latent(value)
    value.samples.mul_(2)
    with pytest.raises(ContractError, match="Latent was changed in place"):
        verify_latent(value)
    assert prompt.pooled is not None
    prompt.pooled[0] = 3
    with pytest.raises(ContractError, match="Conditioning pooled was changed in place"):
        verify_prompt(prompt)
    prompt.tokens.zero_()
    with pytest.raises(ContractError, match="Conditioning tokens was changed in place"):
        verify_prompt(prompt)


def test_a_latent_draws_itself() -> None:
    value = latent(samples=torch.tensor([[[[0.0, 0.5]], [[0.0, 1.0]], [[9.0, 9.0]], [[9.0, 9.0]]]]))
    full = LATENT.preview(value, 0)
    assert full is not None
    assert full.shape == (8, 16, 3)
    assert full.dtype == np.uint8
    assert full[0, 0].tolist() == [64, 64, 64]
    assert full[0, -1].tolist() == [191, 191, 64]
    small = LATENT.preview(value, 6)
    assert small is not None
    assert small.shape == (3, 6, 3)


def test_a_large_latent_is_shrunk() -> None:
    found = LATENT.preview(latent(samples=torch.ones(1, 4, 64, 32)), 16)
    assert found is not None
    assert max(found.shape[:2]) <= 16


def test_a_latent_without_colours_draws_nothing() -> None:
    assert LATENT.preview(latent(rgb=()), 0) is None
    assert LATENT.preview(latent(empty=True), 0) is None


@pytest.mark.parametrize("pooled", [None, torch.ones(1, 5)])
def test_conditionings_come_back(pooled: torch.Tensor | None) -> None:
    value = CONDITIONING.check(Conditioning(torch.ones(1, 77, 8), "sd1", pooled))
    packed = CONDITIONING.pack(value)
    back = CONDITIONING.unpack(packed)
    assert isinstance(back, Conditioning)
    assert back.family == "sd1"
    assert back.tokens.shape == (1, 77, 8)
    assert (back.pooled is None) == (pooled is None)
    assert CONDITIONING.pack(back).digest("") == packed.digest("")
    assert CONDITIONING.preview(value, 0) is None


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (3, "expected a Conditioning, got int"),
        (Conditioning(torch.ones(77, 8), "sd1"), "tokens must be float32 of rank 3"),
        (Conditioning(torch.ones(1, 77, 8), "sd1", torch.ones(5)), "pooled must be float32 of"),
    ],
)
def test_bad_conditionings(value: object, message: str) -> None:
    with pytest.raises(ContractError, match=message):
        CONDITIONING.check(value)
