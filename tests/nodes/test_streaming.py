"""Weights that pass through the device: the same result, and nothing left behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch
from torch import Tensor, nn

from nodes.streaming import computes_on, streamed

if TYPE_CHECKING:
    from tests.nodes.conftest import Tiny

CPU, ELSEWHERE = torch.device("cpu"), torch.device("meta")


class Device:
    """Stands in for a GPU: copies what comes, and knows the most that it ever held."""

    def __init__(self) -> None:
        self.copies: list[Tensor] = []
        self.parts = 0

    def __call__(self, weight: Tensor) -> Tensor:
        self.parts += 1
        return weight.clone()


@torch.no_grad()
def predict(unet: nn.Module) -> Tensor:
    generator = torch.Generator().manual_seed(0)
    state = torch.randn(2, 4, 8, 8, generator=generator)
    tokens = torch.randn(2, 77, 32, generator=generator)
    found: Tensor = unet(state, torch.tensor(7), encoder_hidden_states=tokens).sample
    return found


def test_the_result_is_that_of_the_usual_way(tiny: Tiny) -> None:
    unet = tiny.pipeline.unet
    expected = predict(unet)
    pointers = {name: weight.data_ptr() for name, weight in unet.named_parameters()}
    device = Device()
    with streamed(unet, CPU, device):
        # Not to the last bit: the copies begin at other addresses, which kernels take note of.
        assert torch.allclose(predict(unet), expected, atol=1e-5)
        assert device.parts >= len(pointers)
        at_rest = {name: weight.data_ptr() for name, weight in unet.named_parameters()}
        assert at_rest == pointers
    count = device.parts
    assert torch.equal(predict(unet), expected)
    assert device.parts == count
    assert {name: weight.data_ptr() for name, weight in unet.named_parameters()} == pointers
    assert not any(part._forward_hooks or part._forward_pre_hooks for part in unet.modules())


def test_one_part_at_a_time() -> None:
    """No more weights are away from home than one part has."""
    net = nn.Sequential(*(nn.Linear(8, 8) for _ in range(4)))
    home = {weight.data_ptr() for weight in net.parameters()}
    most = 0

    def watch(weight: Tensor) -> Tensor:
        nonlocal most
        away = sum(each.data_ptr() not in home for each in net.parameters())
        most = max(most, away + 1)
        return weight.clone()

    with streamed(net, CPU, watch):
        net(torch.zeros(1, 8))
    assert most == 2  # the weight and the bias of one layer


def test_a_part_that_fails_leaves_nothing_behind() -> None:
    net = nn.Sequential(nn.Linear(8, 8), nn.Linear(3, 8))
    pointers = [weight.data_ptr() for weight in net.parameters()]
    with streamed(net, CPU, Tensor.clone):
        with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
            net(torch.zeros(1, 8))
        assert [weight.data_ptr() for weight in net.parameters()] == pointers
    assert [weight.data_ptr() for weight in net.parameters()] == pointers


def test_memory_that_ends_in_the_middle_of_a_part_leaves_nothing_behind() -> None:
    net = nn.Linear(8, 8)
    pointers = [weight.data_ptr() for weight in net.parameters()]

    def full(weight: Tensor) -> Tensor:
        if weight.ndim == 1:
            raise torch.OutOfMemoryError
        return weight.clone()

    with pytest.raises(torch.OutOfMemoryError), streamed(net, CPU, full):
        net(torch.zeros(1, 8))
    assert [weight.data_ptr() for weight in net.parameters()] == pointers


def test_it_says_where_it_computes() -> None:
    net = nn.Linear(2, 2)
    assert computes_on(net) == CPU
    with streamed(net, ELSEWHERE):
        assert computes_on(net) == ELSEWHERE
    assert computes_on(net) == CPU
