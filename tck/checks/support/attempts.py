"""Running a check again where an endpoint is not the kit's alone.

Others may create and destroy while a check looks, a write may show late, a cloud may have no
time: what a check finds wrong there counts if it finds something wrong again. Such a second
attempt waits until writes show (`ReadAfterWriteDelay`). A disturbed write ends an attempt, too
(within a generated example only that example, see `generated.given`), and so does an endpoint
that does not do the same twice where requests are generated.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from hypothesis.errors import FlakyStrategyDefinition

from tck.checks.support.client import OverBudget
from tck.checks.support.cloud import Cloud
from tck.checks.support.verify import UnshrunkViolation, Verify
from tck.endpoint.disturbance import Disturbed

_MOST = 6
# Seconds within which something wrong is found if a shorter way to it is worth looking for:
# that takes a hundred examples, and each may wait as long for what does not come.
_QUICK = 20.0


def run(check: Callable[[], object], cloud: Cloud, verify: Verify, *, alone: bool) -> list[str]:
    """Run a check until an attempt counts; why the ones before did not.

    `alone`: nothing but this process changes the endpoint, so the first attempt counts.
    Raises what the attempt that counts raises.
    """
    reasons: list[str] = []
    began = time.monotonic()
    before = len(cloud.journal.live)
    verify.final = alone
    verify.shrink = alone

    def again_for_good(reason: str) -> None:
        reasons.append(reason.partition("\n")[0])
        verify.final = cloud.delay.enabled = True
        verify.shrink = time.monotonic() - began <= _QUICK

    try:
        for _ in range(_MOST):
            try:
                check()
            except Disturbed as disturbed:
                reasons.append(str(disturbed))
            except FlakyStrategyDefinition:
                if alone:
                    raise  # a defect of the kit
                reasons.append("the same requests led elsewhere, so nothing could be generated")
            except pytest.skip.Exception as skipped:
                # a read that came too early may hide what there is to examine
                if verify.final or not cloud.delay.seconds or isinstance(skipped, OverBudget):
                    raise
                again_for_good(str(skipped.msg))
            except UnshrunkViolation as unshrunk:
                if verify.final:
                    raise unshrunk.violation from None
                again_for_good(str(unshrunk))
            except Exception as error:
                if verify.final:
                    raise
                again_for_good(str(error))
            else:
                return reasons
            cloud.remove_since(before)
            cloud.trail.clear()
            cloud.once.clear()
    finally:
        cloud.delay.enabled = False
    verify.inconclusive(f"disturbed {_MOST} times: {reasons[-1]}")
