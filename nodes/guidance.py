"""Guidance: how predictions under several conditions become the one that a step is taken with.

The sampling loop knows only `Guidance`: a function of the latent and the time that asks the
denoiser as often as it needs to. Other forms (a scale for each frame, no negative at all) are other
functions; neither the loop nor the Sample node changes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import torch
from torch import Tensor

from nodes.families.base import Condition, Denoiser

Guidance: TypeAlias = Callable[[Denoiser, Tensor, Tensor, int], Tensor]
"""Takes the denoiser, the scaled latent, the timestep and the number of the step."""


def plain(condition: Condition) -> Guidance:
    """Return the guidance that follows `condition` alone: one call a step."""

    def guide(denoiser: Denoiser, state: Tensor, time: Tensor, step: int) -> Tensor:
        return denoiser.predict(state, time, condition.at(step))

    return guide


def classifier_free(positive: Condition, negative: Condition, scale: float) -> Guidance:
    """Return negative + `scale` · (positive - negative) (Ho and Salimans 2022)."""
    if scale == 1:
        return plain(positive)

    def guide(denoiser: Denoiser, state: Tensor, time: Tensor, step: int) -> Tensor:
        both = (negative.at(step), positive.at(step))
        without, with_ = predict_all(denoiser, state, time, both)
        return without + scale * (with_ - without)

    return guide


def predict_all(
    denoiser: Denoiser, state: Tensor, time: Tensor, conditions: Sequence[Condition]
) -> Sequence[Tensor]:
    """Return the prediction under each condition, in one call where their shapes agree."""
    if not all(conditions[0].joins(other) for other in conditions[1:]):
        return [denoiser.predict(state, time, condition) for condition in conditions]
    together = torch.cat([state] * len(conditions))
    return denoiser.predict(together, time, Condition.join(conditions)).chunk(len(conditions))
