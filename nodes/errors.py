"""What the built-in nodes raise on purpose; each message says what, where and the remedy."""

from __future__ import annotations

from graph.errors import SfumatoError


class CheckpointError(SfumatoError):
    """A model file or folder that is missing, broken, or of the wrong kind."""


class PickleError(CheckpointError):
    """A model file in Python's pickle format, which can run code when it is read."""


class TokenizerError(CheckpointError):
    """A checkpoint whose tokenizer is nowhere to be found."""


class LoraError(CheckpointError):
    """A LoRA that is broken or made for another model, or block weights that cannot be read."""


class DeviceError(SfumatoError):
    """A device that this machine does not have, or that PyTorch was not built for."""


class PromptError(SfumatoError):
    """A prompt, or a way to encode it, that the text encoder cannot follow."""


class LatentError(SfumatoError):
    """A latent whose size, family or noise does not fit what it is wired into."""


class SampleError(SfumatoError):
    """Settings of a sampler that cannot be carried out."""


class ImageError(SfumatoError):
    """A picture that cannot be read, or cannot be written."""
