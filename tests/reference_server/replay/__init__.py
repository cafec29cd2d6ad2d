"""Replays what was recorded of the original against the reference server."""
