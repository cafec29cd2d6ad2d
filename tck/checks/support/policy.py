"""What a run is allowed and told to do at an endpoint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from tck.safety.waiting import Patience

T = TypeVar("T")
# By profile: histories of requests at once that a check makes.
HISTORIES = {"smoke": 0, "standard": 3, "thorough": 100}


@dataclass(frozen=True, slots=True)
class RunPolicy:
    """The settings of a run that checks and clean-up depend on.

    `patience`: how long to wait for a state change. `read_only`: no unsafe request is sent.
    `read_after_write_delay`: seconds until every reader sees a write. `launch_defaults`:
    parameters of every launch (image_id, hwp_id, realm_id). `largest_blob`: bytes; the
    original's mock driver cannot store 112 KiB (B64). `one_of_each`: of several values that a
    check could try, the first is enough. `histories`: how many of requests at once a check
    makes. `outlives_run`: what is not removed stays after the run, as it does everywhere except
    on an embedded server. `free`: nothing that is created costs anything, so more may be
    created where nothing can be removed. `cleanup_seconds`: most that clean-up may wait in
    vain. `shared`: a folder of all processes of the run, if there are several. `wire`: requests
    may be sent as bytes, malformed ones, too.
    """

    patience: Patience = field(default_factory=Patience)
    read_only: bool = False
    read_after_write_delay: float = 0.0
    launch_defaults: Mapping[str, str] = field(default_factory=dict)
    largest_blob: int = 111 * 1024
    one_of_each: bool = False
    histories: int = 2
    outlives_run: bool = True
    free: bool = False
    cleanup_seconds: float = 600.0
    shared: Path | None = None
    wire: bool = False

    def sample(self, values: Sequence[T], most: int) -> Sequence[T]:
        """The values a check tries: the first `most`, or just the first if `one_of_each`."""
        return values[: 1 if self.one_of_each else most]
