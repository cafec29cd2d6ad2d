"""The requirement catalogue: requirements, their sources, and levels of certification."""

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
