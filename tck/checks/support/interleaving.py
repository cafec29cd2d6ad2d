"""State machines over several resources, with a plain Python model as the oracle."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import hypothesis
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from tck.checks.support.cloud import Cloud
from tck.checks.support.verify import Verify

T = TypeVar("T")
ANY = st.integers(0, 59)  # divides evenly among up to six


def one_of(options: Sequence[T], number: int) -> T:
    """The option that a drawn number stands for; 0 is the first."""
    return options[number % len(options)]


class Interleaved(RuleBasedStateMachine):
    """One example: a sequence of operations; what it created is removed at its end.

    A step draws numbers (`ANY`), of which `one_of` makes choices: what is drawn must not depend
    on what the endpoint said, or sequences could neither be repeated nor made shorter.
    """

    cloud: Cloud
    verify: Verify

    def __init__(self) -> None:
        """Begin an example with nothing of its own."""
        super().__init__()
        self.cloud.trail.clear()
        self._before = len(self.cloud.journal.live)

    def teardown(self) -> None:
        """Remove what the example created."""
        self.cloud.tidy(self._before)


def explore(machine: type[Interleaved], share: int = 1, /, **members: object) -> None:
    """Run a machine on an endpoint; `share` divides the number of examples.

    `members` (cloud, verify, and what the machine needs besides) become class attributes.
    """
    settings = hypothesis.settings(max_examples=max(1, hypothesis.settings().max_examples // share))
    run_state_machine_as_test(type(machine.__name__, (machine,), members), settings=settings)
