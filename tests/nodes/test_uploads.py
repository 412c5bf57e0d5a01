"""What nodes hand to each other on a device."""

from __future__ import annotations

import gc
import threading

import numpy as np
import pytest
import torch
from torch import Tensor

from nodes.uploads import Uploads

CPU = torch.device("cpu")


def uploads(budget: int = 1 << 20) -> Uploads:
    """A device that takes copies, as a GPU does."""
    return Uploads(CPU, budget, Tensor.clone)


def test_a_value_goes_there_once() -> None:
    device, value = uploads(), torch.ones(4)
    first = device.placed(value)
    assert first is not value
    assert device.placed(value) is first
    assert device.uploads == 1
    assert device.placed(value, torch.float16).dtype == torch.float16
    assert device.uploads == 1
    assert device.held() == 16


def test_what_was_made_there_is_found_there() -> None:
    device = Uploads(CPU, 1 << 20, lambda _value: pytest.fail("was uploaded"))
    made = torch.ones(4)
    value = device.taken(made)
    assert device.placed(value) is made
    picture = torch.rand(1, 2, 3, 3)
    array = device.taken_array(picture)
    array.flags.writeable = False
    assert device.placed(array) is picture


def test_read_only_pictures_are_copied_and_not_complained_about() -> None:
    array = np.ones((1, 2, 2, 3), np.float32)
    array.flags.writeable = False
    found = uploads().placed(array)
    assert found.shape == (1, 2, 2, 3)
    found[0] = 5
    assert array.max() == 1


def test_equal_values_are_not_the_same() -> None:
    device = uploads()
    one, other = torch.ones(4), torch.ones(4)
    assert device.placed(one) is not device.placed(other)


def test_one_that_was_changed_in_place_goes_there_again() -> None:
    device, value = uploads(), torch.ones(4)
    device.placed(value)
    value.mul_(2)
    assert device.placed(value).tolist() == [2, 2, 2, 2]
    assert device.uploads == 2
    assert device.held() == 16


def test_the_one_used_least_recently_goes_first() -> None:
    device = uploads(32)
    one, two, three = torch.ones(4), torch.ones(4), torch.ones(4)
    for value in (one, two, one, three):
        device.placed(value)
    assert (device.held(), device.uploads) == (32, 3)
    device.placed(one)
    assert device.uploads == 3
    device.placed(two)
    assert device.uploads == 4


def test_one_beyond_the_budget_is_not_kept() -> None:
    device, value = uploads(8), torch.ones(4)
    device.placed(value)
    device.placed(value)
    assert (device.held(), device.uploads) == (0, 2)


def test_what_nobody_has_any_more_is_let_go() -> None:
    device, value = uploads(), torch.ones(4)
    device.placed(value)
    del value
    gc.collect()
    assert device.held() == 0


def test_all_of_it_can_be_let_go() -> None:
    device, value = uploads(), torch.ones(4)
    device.placed(value)
    device.clear()
    assert device.held() == 0


def test_a_cpu_keeps_nothing() -> None:
    device, value = Uploads(CPU), torch.ones(4)
    assert device.placed(value) is value
    assert device.taken(value) is value
    assert device.held() == 0


def test_from_many_threads() -> None:
    device = uploads(64)
    values = [torch.full((4,), float(i)) for i in range(8)]

    def work() -> None:
        for value in values * 20:
            assert device.placed(value)[0] == value[0]

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert device.held() <= 64
