"""Running a check again where an endpoint is not the kit's alone.

Theory of operation. At a cloud that others use, too, a check may find something wrong that is
nobody's fault: another user created or destroyed something between two of its requests, its own
write did not show yet in a later read, or the cloud answered "not now". On the other hand a
defect must be found, and a check that is repeated until it passes finds nothing. So:

- The first attempt does not count if it finds anything wrong; what it judged right before that
  stays recorded. It ends at once (`verify.final` is off, so a violated SHOULD ends it, too), what
  it created is removed, and the check runs again.
- The second attempt counts, whatever it finds (`verify.final`). It also waits before each read
  until the writes before it must be visible (`ReadAfterWriteDelay`), which would slow down every
  run if the first did so. What is wrong with an endpoint is wrong twice; a disturbance by others
  rarely strikes the same check in two attempts.
- If nothing can be examined in the second attempt, what was waited for in vain in the first counts:
  others cannot have caused that, and it may be the reason (`Overdue`).
- An attempt in which a write was disturbed (`Disturbed`) is repeated with the same settings; if it
  was the first, the repetition still does not count. Within a generated example only that example
  is given up (`generated.given`). The same holds where an endpoint behaves differently on the same
  requests while Hypothesis generates.
- After six attempts the check is inconclusive, with the last reason.

At an embedded server nobody else is there (`alone`): the first attempt counts, and a flaky
generation is a defect of the kit. Every attempt that did not count is listed in the report.

Hypothesis looks for a shorter example of a failure by trying about a hundred others. That is done
only in the attempt that counts, and only if the failure was found quickly: where each example
waits long for something that does not come, shrinking would take hours.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from hypothesis.errors import FlakyStrategyDefinition

from tck.checks.support.client import OverBudget
from tck.checks.support.cloud import Cloud
from tck.checks.support.verify import Overdue, UnshrunkViolation, Verify
from tck.endpoint.disturbance import Disturbed

_MOST_ATTEMPTS = 6
_MOST_SECONDS_TO_SHRINK = 20.0  # a failure that took longer to find is not shrunk


def run(check: Callable[[], object], cloud: Cloud, verify: Verify, *, alone: bool) -> list[str]:
    """Run a check until an attempt counts; the reasons why earlier ones did not.

    `alone`: only this process changes the endpoint. Raises what the attempt that counts raises.
    """
    reasons: list[str] = []
    overdue: Overdue | None = None
    began = time.monotonic()
    before = cloud.live
    verify.final = alone
    verify.shrink = alone

    def make_next_final(reason: str) -> None:
        reasons.append(reason.partition("\n")[0])
        verify.final = cloud.delay.enabled = True
        verify.shrink = time.monotonic() - began <= _MOST_SECONDS_TO_SHRINK

    try:
        for _ in range(_MOST_ATTEMPTS):
            try:
                check()
            except Disturbed as disturbed:
                reasons.append(str(disturbed))
            except FlakyStrategyDefinition:
                if alone:
                    raise  # a defect of the kit
                reasons.append("the same requests had other results, so nothing could be generated")
            except pytest.skip.Exception as skipped:
                # a read that came too early may not show what there is to examine
                if verify.final or not cloud.delay.seconds or isinstance(skipped, OverBudget):
                    raise (skipped if overdue is None else overdue.violation) from None
                make_next_final(str(skipped.msg))
            except UnshrunkViolation as unshrunk:
                if verify.final:
                    raise unshrunk.violation from None
                overdue = unshrunk if isinstance(unshrunk, Overdue) else None
                make_next_final(str(unshrunk))
            except Exception as error:
                if verify.final:
                    raise
                make_next_final(str(error))
            else:
                return reasons
            cloud.remove_others(before)
            cloud.trail.clear()
            cloud.once.clear()
    finally:
        cloud.delay.enabled = False
    verify.inconclusive(f"disturbed {_MOST_ATTEMPTS} times: {reasons[-1]}")
