"""Keeps third parties silent, offline and considerate; import it before torch and the others.

Standard output belongs to the command line and standard error to our own messages. Nothing is
fetched behind the artist's back: without the offline switch the hub client asks the network even
when only local files were wanted.
"""

from __future__ import annotations

import logging
import os
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# All are read when the libraries are imported, so they must be set before that.
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
# A thread of torch that waits for another one sleeps instead of spinning. On a busy machine the
# spinning ones keep the others from working (measured on two busy cores: 39 s against 5 s for 20
# steps of Cutout), and the window shares the machine with us.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def hush() -> None:
    """Turn off what diffusers and transformers say of every load: progress, and a false alarm."""
    import diffusers.utils.logging
    import transformers.utils.logging

    diffusers.utils.logging.disable_progress_bar()
    transformers.utils.logging.disable_progress_bar()
    logging.getLogger("diffusers.models.modeling_utils").addFilter(_is_no_false_alarm)


def _is_no_false_alarm(record: logging.LogRecord) -> bool:
    """Say whether `record` is anything but diffusers' warning that it casts an empty list.

    It says so of all half-precision networks that have nothing to be kept in single precision.
    """
    return "should be kept in float32: []" not in record.getMessage()


@contextmanager
def tensors_as_arrays() -> Iterator[None]:
    """Let diffusers turn tensors into arrays without a warning that is not for us.

    Its schedulers call `numpy.array(tensor)`; numpy 2 asks for a `copy` argument in
    `Tensor.__array__`, which PyTorch 2.13 does not have.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", "__array__ implementation doesn't accept a copy", DeprecationWarning
        )
        yield
