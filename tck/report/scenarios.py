"""What became of a client in each scenario, for every form of a report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ScenarioOutcome:
    """One scenario: `text` says what is unusual in it, `right` what a right client does.

    `outcome`: survived, gave up (where it may), failed, did not end, sent nothing, or not met: the
    client did not come to what is unusual, as `reason` says. `ended`: how, in words; `requests`
    that were sent; `failed` and `warned`: requirements that were violated, MUSTs and others, of
    so many `examined`; `output`: the file, in the folder of the report, with what the client
    printed.
    """

    name: str
    text: str
    outcome: str
    ended: str
    seconds: float
    requests: int
    failed: tuple[str, ...] = ()
    warned: tuple[str, ...] = ()
    output: str = ""
    right: str = ""
    reason: str = ""
    examined: int = 0

    @property
    def is_good(self) -> bool:
        """Whether nothing is wrong with the client here."""
        return self.outcome in ("survived", "gave up", "not met") and not self.failed

    def to_json(self) -> dict[str, Any]:
        """The form in results.json."""
        return {n: list(v) if isinstance(v, tuple) else v for n, v in asdict(self).items()}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> ScenarioOutcome:
        """What `to_json` wrote."""
        parts: dict[str, Any] = {
            n: tuple(v) if isinstance(v, list) else v for n, v in value.items()
        }
        return cls(**parts)


def table(outcomes: Sequence[ScenarioOutcome]) -> Iterator[str]:
    """The scenarios as lines of text."""
    width = max((len(o.name) for o in outcomes), default=0)
    for one in outcomes:
        violated = " ".join((*one.failed, *one.warned, *filter(None, [one.reason])))
        yield (
            f"{one.name:<{width}}  {one.outcome:<12} {one.requests:>5} requests "
            f"{one.seconds:>6.1f} s {one.examined:>3} examined  {violated}".rstrip()
        )
