"""The requirement catalogue."""

from tck.requirements.catalogue import (
    Catalogue,
    Level,
    Requirement,
    Source,
    load,
    not_requirements,
    sources,
)

__all__ = [
    "Catalogue",
    "Level",
    "Requirement",
    "Source",
    "load",
    "not_requirements",
    "sources",
]
