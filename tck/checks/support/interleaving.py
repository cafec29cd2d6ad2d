"""State machines over several resources, with a plain Python model as the oracle."""

from __future__ import annotations

import hypothesis
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from tck.checks.support.cloud import Cloud
from tck.checks.support.verify import Verify


class Interleaved(RuleBasedStateMachine):
    """One example: a sequence of operations; what it created is removed at its end.

    What a step draws may depend on the model, but not on the ids that the endpoint chose: the
    same choices must lead to the same sequence again, or nothing can be generated or shrunk.
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
