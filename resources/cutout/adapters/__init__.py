"""Cutout's adapters: ControlNet, LoRAs and inpainting on the frozen base; how they are trained."""
