"""Writes the generated files of this folder: `python -m tck.schemas.generate`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from tck.schemas import openapi, relaxng

FILES: Mapping[str, Callable[[], bytes]] = {
    "deltacloud.rng": relaxng.grammar,
    "deltacloud-run.rng": relaxng.run_grammar,
    "openapi.json": openapi.document,
}


def main() -> None:
    """Write the files that are generated from the others."""
    folder = Path(__file__).parent
    for name, content in FILES.items():
        (folder / name).write_bytes(content())


if __name__ == "__main__":
    main()
