"""Which kit judged: the digest of its files, and whether it was a released one."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from pathlib import Path

import tck

_FINAL = re.compile(r"\d+(\.\d+)+")
# The list of released kits cannot be part of what it lists.
_RELEASES = "report/releases.toml"


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.is_dir() and path.name != "__pycache__":
            yield from _files(path)
        elif path.is_file() and path.suffix not in (".pyc", ".pyo"):
            yield path


@cache
def digest(*parts: str) -> str:
    """SHA-256 over names and content of every file of the installed package, in hexadecimal.

    `parts`: only files of these folders of the package (`rules`).
    """
    root, whole = Path(tck.__path__[0]), hashlib.sha256()
    for folder in (root / part for part in parts) if parts else [root]:
        for path in _files(folder):
            name = path.relative_to(root).as_posix()
            if name != _RELEASES:
                whole.update(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {name}\n".encode())
    return whole.hexdigest()


@cache
def releases() -> Mapping[str, str]:
    """Digests of the released kits that this one knows, by version."""
    text = (resources.files("tck") / _RELEASES).read_text("utf-8")
    digests: Mapping[str, str] = tomllib.loads(text)["releases"]
    return digests


def unreleased(version: str, kit_digest: str) -> str:
    """Why a kit cannot certify: it is not a released one. Empty if it is.

    Released are the kits in the list, and the kit that runs this code if its version is a final
    one: anyone who verifies with it trusts it.
    """
    if not _FINAL.fullmatch(version):
        return f"the kit's version {version!r} is not that of a release"
    if kit_digest in (releases().get(version), digest() if version == tck.__version__ else None):
        return ""
    return (
        f"the kit {version} ({kit_digest[:12]}) is neither a released one nor the one that "
        "verifies: it may have been changed"
    )
