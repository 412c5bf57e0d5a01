"""The proofs: folders mirror the program's; what holds for all of it lies in `architecture`."""
