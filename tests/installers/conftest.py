"""The small checkout as a fixture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.installers.checkout import Checkout

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout.make(tmp_path)
