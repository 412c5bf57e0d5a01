"""The model families that this version can run, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nodes.errors import CheckpointError
from nodes.families.sd1 import Sd1

if TYPE_CHECKING:
    from nodes.families.base import ModelFamily

FAMILIES: dict[str, ModelFamily] = {family.name: family for family in (Sd1(),)}


def family_of(name: str) -> ModelFamily:
    """Return the family called `name`; raise `CheckpointError` when this version has none."""
    family = FAMILIES.get(name)
    if family is None:
        known = ", ".join(each.title for each in FAMILIES.values())
        message = f"the model family {name!r} cannot be run yet: this version runs {known}"
        raise CheckpointError(message)
    return family
