"""Drivers: what stands behind the frontend. `base` is the interface, `mock` the one built in."""
