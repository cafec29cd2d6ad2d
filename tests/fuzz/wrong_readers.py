"""Readers that end their process, or do not end: what a worker cannot tell of itself."""

from __future__ import annotations

import os
from pathlib import Path

from .reader import Reader


def readers(_scratch: Path) -> list[Reader]:
    """One of each kind, and a right one."""
    return [
        Reader("right", "a", "bytes", [b"right"], lambda folder: None),
        Reader("ends", "b", "bytes", [b"right"], _ends, share=1),
        Reader("hangs", "c", "bytes", [b"right"], _hangs, share=1),
    ]


def _ends(folder: Path) -> None:
    if (folder / "b").read_bytes() != b"right":
        os._exit(3)


def _hangs(folder: Path) -> None:
    while (folder / "c").read_bytes() != b"right":
        pass
