"""Sampling through the graph against the bare components of diffusers, in one process."""

from __future__ import annotations

import statistics
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graph.edits import set_param
from graph.events import NodeFailed
from tests.benchmarks.harness import Row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graph.execute import Engine
    from graph.graph import Graph

ROUNDS, STEPS, GUIDANCE = 5, 20, 3.0
RATIO = 1.05


def run() -> Iterator[Row]:
    """Measure."""
    from graph.engine.settings import EngineSettings
    from resources import models, templates

    if "cutout" not in models.named():
        yield Row("the Cutout model", "not yet")
        return
    from graph.format import parse

    folder = models.named()["cutout"]
    settings = EngineSettings(device="cpu", named={"cutout": str(folder)})
    engine = settings.engine()
    graph = parse(templates.read("text-to-image"), catalog=engine.loaded.catalog)
    graph = _set(engine, graph, steps=STEPS, guidance=GUIDANCE, scheduler="ddim")
    with closing(engine), tempfile.TemporaryDirectory() as out:
        yield from _compare(engine, graph, _Bare(folder, _tokens(engine, graph)), Path(out))


def _compare(engine: Engine, graph: Graph, bare: _Bare, out: Path) -> Iterator[Row]:
    ours, theirs = [], []
    for seed in range(ROUNDS + 1):
        seeded = _set(engine, graph, seed=seed)
        start = time.perf_counter()
        _sample(engine, seeded, out)
        middle = time.perf_counter()
        bare.sample(seed)
        if seed:  # the first round warms both up
            ours.append(middle - start)
            theirs.append(time.perf_counter() - middle)
    yield Row(f"{STEPS} steps through the graph", statistics.median(ours) * 1000, "ms")
    yield Row(f"{STEPS} steps with bare components", statistics.median(theirs) * 1000, "ms")
    ratios = [a / b for a, b in zip(ours, theirs, strict=True)]
    yield Row("through the graph against bare", statistics.median(ratios), "times", RATIO)


def _set(engine: Engine, graph: Graph, **params: Any) -> Graph:
    for name, value in params.items():
        graph = set_param(graph, engine.loaded.catalog, "sampler", name, value).graph
    return graph


def _sample(engine: Engine, graph: Graph, out: Path) -> None:
    for event in engine.run(graph, targets=["sampler"], output_folder=out):
        problem = event.problem if isinstance(event, NodeFailed) else None
        assert problem is None, problem


def _tokens(engine: Engine, graph: Graph) -> Any:
    """Return the encoded prompts, so that both ways get the very same: negative, positive."""
    import torch

    found = {}
    for event in engine.run(graph, targets=["prompt", "negative"]):
        node, digests = getattr(event, "node", ""), getattr(event, "digests", ())
        if digests:
            found[node] = engine.value(digests[0])
    tokens: list[Any] = [getattr(found[name], "tokens") for name in ("negative", "prompt")]  # noqa: B009 - a value of a type that graph only names
    return torch.cat(tokens)


class _Bare:
    """What a script with diffusers does, and nothing else."""

    def __init__(self, folder: Path, tokens: Any) -> None:
        import torch
        from diffusers import DDIMScheduler, UNet2DConditionModel

        self._torch = torch
        self._tokens = tokens
        self._unet = UNet2DConditionModel.from_pretrained(
            folder / "unet", torch_dtype=torch.float32
        ).eval()
        self._scheduler = DDIMScheduler.from_pretrained(folder / "scheduler")

    def sample(self, seed: int) -> object:
        torch = self._torch
        generator = torch.Generator().manual_seed(seed)
        self._scheduler.set_timesteps(STEPS)
        side = 128 // 8
        latents = torch.randn((1, self._unet.config.in_channels, side, side), generator=generator)
        latents = latents * self._scheduler.init_noise_sigma
        with torch.no_grad():
            for now in self._scheduler.timesteps:
                both = self._scheduler.scale_model_input(torch.cat([latents] * 2), now)
                guess = self._unet(both, now, encoder_hidden_states=self._tokens).sample
                without, with_ = guess.chunk(2)
                guess = without + GUIDANCE * (with_ - without)
                latents = self._scheduler.step(guess, now, latents).prev_sample
        return latents
