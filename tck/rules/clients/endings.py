"""Rules on how a client ended that was run against a server: whether it did its work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tck.rules.judgement import Judgement, holds


@dataclass(frozen=True, slots=True)
class Ending:
    """How a client ended in a scenario.

    `code`: the exit code, negative for a signal (as subprocess has it), None if it did not end in
    time and was ended; `seconds` that it ran. `disturbed`: something went wrong between it and the
    endpoint; `may_give_up`: nobody could do all the work there. `met`: the client came to what is
    unusual there; else its exit code says nothing about that.
    """

    code: int | None
    seconds: float
    disturbed: bool = False
    may_give_up: bool = False
    met: bool = True

    @property
    def words(self) -> str:
        """The same for people."""
        if self.code is None:
            return f"had not ended after {self.seconds:.0f} s"
        return f"ended by signal {-self.code}" if self.code < 0 else f"exit code {self.code}"


@dataclass(frozen=True, slots=True)
class EndingRule:
    """What judges the ending of a client; its parts are as those of `ClientRule`."""

    name: str
    requirements: tuple[str, ...]
    judge: Callable[[Ending], Iterator[Judgement]]
    doc: str


def _ends(ending: Ending) -> Iterator[Judgement]:
    """A client ends by itself, in time, and not by a signal."""
    by_itself = ending.code is not None and ending.code >= 0
    yield holds("DC-CLI-057", "end", "an end by itself, in time", ending.words, by_itself)


def _does_its_work(ending: Ending) -> Iterator[Judgement]:
    """A client does its work where it can, which it says by exit code 0.

    Where it cannot, either is right.
    """
    told = ending.code is not None and ending.code >= 0
    if told and ending.met and not ending.may_give_up:
        id_ = "DC-CLI-056" if ending.disturbed else "DC-CLI-055"
        yield holds(id_, "end", "exit code 0", ending.words, ending.code == 0)


ENDING_RULES = {
    rule.name: rule
    for rule in (
        EndingRule("clients.endings.ends", ("DC-CLI-057",), _ends, str(_ends.__doc__)),
        EndingRule(
            "clients.endings.does_its_work",
            ("DC-CLI-055", "DC-CLI-056"),
            _does_its_work,
            str(_does_its_work.__doc__),
        ),
    )
}


def judge_ending(ending: Ending) -> Iterator[tuple[EndingRule, Judgement]]:
    """Every judgement on how a client ended, with the rule that made it."""
    for rule in ENDING_RULES.values():
        for judgement in rule.judge(ending):
            yield rule, judgement
