"""LoRAs and their kin: how files name them, what they add to a layer, how a network wears them."""
