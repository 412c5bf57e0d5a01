"""Cutout: a tiny latent diffusion model of paper cut-outs, its renderer, judge and training."""
