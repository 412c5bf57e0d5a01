"""Third parties stay silent and offline, from the first import to the picture."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import torch

from graph.values import Model
from nodes.latents import empty_latent
from nodes.sample import sample
from nodes.text import encode_text
from tests.nodes.driver import drain

if TYPE_CHECKING:
    from graph.run import Run
    from nodes.loaders import LoadedCheckpoint
    from tests.nodes.conftest import Tiny

CODE = """
import socket, sys

def refuse(*_):
    raise AssertionError("something went online")

socket.socket.connect = refuse

from pathlib import Path

from graph.pack import load_packs
loaded = load_packs(("nodes",), "cpu")

import torch
from nodes.families.registry import FAMILIES
from nodes.families.sd1 import Sd1
from nodes.latents import empty_latent
from nodes.loaders import load_checkpoint
from nodes.sample import sample
from nodes.schedulers import Scheduler
from nodes.text import encode_text
from nodes.vae import vae_decode
from tests.nodes.driver import drain, make_run

torch.set_num_threads(1)
FAMILIES["sd1"] = Sd1(Path(sys.argv[1]))
for path in map(Path, sys.argv[1:]):
    run = make_run()
    parts = load_checkpoint(run, path)
    positive = encode_text(run, parts.text_encoder, "a (red:1.2) star " * 30)
    for scheduler in Scheduler:
        settings = {"steps": 2, "guidance": 1.0, "scheduler": scheduler}
        latent = drain(sample(run, parts.model, positive, empty_latent(16, 16), **settings))
    drain(vae_decode(run, parts.vae, latent))
"""


def test_nothing_is_said_and_nobody_is_asked(tiny: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SFUMATO_TOKENIZER", str(tiny.folder / "tokenizer"))
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", CODE, str(tiny.folder), str(tiny.file)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_half_precision_is_near(run: Run, parts: LoadedCheckpoint, precision: str) -> None:
    positive = encode_text(run, parts.text_encoder, "a red star")
    more: dict[str, Any] = {"steps": 2, "guidance": 1.0}
    half = Model(parts.model.checkpoint, precision)
    whole = drain(sample(run, parts.model, positive, empty_latent(32, 32), **more)).samples
    found = drain(sample(run, half, positive, empty_latent(32, 32), **more)).samples
    assert found.dtype == torch.float32
    assert not torch.equal(found, whole)
    assert (found - whole).abs().mean() < 0.05 * whole.abs().mean()
