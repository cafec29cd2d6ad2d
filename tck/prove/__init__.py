"""Proof of the kit: every fault is found, and no server that is right is blamed."""
