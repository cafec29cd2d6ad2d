"""The processes of a run under pytest-xdist: what the controller hands out, and what comes back.

xdist gives plugins `workerinput` and `workeroutput` for that: dictionaries of plain values that
travel to a worker before it starts, and back after it has ended.
"""

from __future__ import annotations

import contextlib
import ctypes
import signal
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import pytest

_KEY = "tck"
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Handout:
    """What all processes of a run share.

    `user` and `password`, and those of the second user, may have been typed at a prompt, which a
    worker does not have. `folder` holds the limit on instances (`tck.safety.slots`) and the
    inventory (`tck.safety.inventory`).
    """

    run_id: str
    seed: int
    user: str | None
    password: str | None = field(repr=False)
    other_user: str | None
    other_password: str | None = field(repr=False)
    folder: str

    @property
    def secrets(self) -> tuple[str | None, ...]:
        """As `tck.run.options.build` takes them."""
        return self.user, self.password, self.other_user, self.other_password


@dataclass(frozen=True, slots=True)
class Worker:
    """A worker: its id (`gw0`), how many there are, and what they share."""

    id: str
    count: int
    shared: Handout

    @property
    def number(self) -> int:
        """From 0."""
        return int(self.id.removeprefix("gw"))


def worker_of(config: pytest.Config) -> Worker | None:
    """The worker that this process is, None in the controller and in a run of one process."""
    received = getattr(config, "workerinput", None)
    if received is None:
        return None
    return Worker(received["workerid"], int(received["workercount"]), Handout(**received[_KEY]))


def hand_out(node: Any, handout: Handout) -> None:
    """In the controller, before a worker starts (`node` of `pytest_configure_node`)."""
    node.workerinput[_KEY] = asdict(handout)


def is_unprepared(config: pytest.Config) -> bool:
    """Whether this is a worker to which the controller handed out nothing."""
    return _KEY not in getattr(config, "workerinput", {_KEY: None})


def process_id(node: Any) -> int:
    """The id of a worker's process, before the worker starts in it."""
    channel = node.gateway.remote_exec("import os; channel.send(os.getpid())")
    number = int(channel.receive())
    channel.waitclose()
    return number


def end_with_controller() -> None:
    """In a worker: end when the controller is killed, so that the journal can be used at once.

    Only Linux can do that; elsewhere it takes some seconds until execnet notices.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def send_to_controller(config: pytest.Config, dump: Mapping[str, Any]) -> None:
    """In a worker, at its end."""
    config.workeroutput[_KEY] = dump  # type: ignore[attr-defined]


def received_from(node: Any) -> Mapping[str, Any] | None:
    """In the controller, after a worker's end: what it sent, None if it was lost."""
    dump: Mapping[str, Any] | None = getattr(node, "workeroutput", {}).get(_KEY)
    return dump
