"""Generated examples, and generated sequences of operations with a plain model as the oracle."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import hypothesis
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, get_state_machine_test

from tck.checks.support.cloud import Cloud
from tck.checks.support.verify import Verify
from tck.endpoint.disturbance import Away, Disturbed

T = TypeVar("T")
ANY = st.integers(0, 59)  # divides evenly among up to six


def given(
    *strategies: st.SearchStrategy[Any],
) -> Callable[[Callable[..., None]], Callable[[], None]]:
    """Hypothesis' `given`, for endpoints that may be disturbed (see `_reject_disturbed`)."""
    return lambda example: _reject_disturbed(hypothesis.given(*strategies)(example))


def _reject_disturbed(test: Callable[..., None]) -> Callable[..., None]:
    """Make a Hypothesis test reject an example in which a write was answered "not now".

    Nothing can be judged by such an example. If it raised Disturbed, Hypothesis would take that
    for a failure and shrink it; rejected, it is replaced by another example. `inner_test` is the
    hook that Hypothesis documents for plugins which wrap the execution of examples.
    """
    handle = test.hypothesis  # type: ignore[attr-defined]
    inner = handle.inner_test

    @functools.wraps(inner)
    def example(*args: object, **kwargs: object) -> None:
        try:
            inner(*args, **kwargs)
        except Away as away:
            pytest.skip(str(away))  # which Hypothesis does not take for a failure
        except Disturbed:
            hypothesis.reject()

    handle.inner_test = example
    return test


def choose(options: Sequence[T], number: int) -> T:
    """The option that a drawn number stands for; 0 is the first."""
    return options[number % len(options)]


class Interleaved(RuleBasedStateMachine):
    """One example: a sequence of operations; what it created is removed at its end.

    A step draws numbers (`ANY`), from which `choose` picks: what is drawn must not depend on what
    the endpoint answered, or sequences could neither be repeated nor shortened.
    """

    cloud: Cloud
    verify: Verify

    def __init__(self) -> None:
        """Begin with the trail cleared and the live resources counted."""
        super().__init__()
        self.cloud.trail.clear()
        self._before = list(self.cloud.journal.live)

    def teardown(self) -> None:
        """Remove what the example created."""
        self.cloud.remove_others(self._before)


def explore(machine: type[Interleaved], share: int = 1, /, **members: object) -> None:
    """Run a machine on an endpoint; `share` divides the number of examples.

    `members` (cloud, verify, and what else the machine needs) become class attributes.
    """
    settings = hypothesis.settings(max_examples=max(1, hypothesis.settings().max_examples // share))
    bound = type(machine.__name__, (machine,), members)
    _reject_disturbed(get_state_machine_test(bound, settings=settings))()
