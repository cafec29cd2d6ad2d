"""Judging one exchange: the rules that apply to it, and what each examined.

A rule is a generator over an exchange that yields one `Judgement` for each thing it looked
at. Nothing yielded means nothing examined, which is not a pass. Rules are pure: no network,
no clock, no memory of other exchanges.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from tck.endpoint.exchange import Exchange
from tck.rules.reading import kind_of


class Judgement(NamedTuple):
    """One thing examined for one requirement.

    `place` says where in the exchange: an XPath, a JSON path, a header field, "status".
    `expected` and `got` are sentences for a reader who has never seen the kit; they may be
    empty where `ok`.
    """

    requirement: str
    ok: bool
    place: str = ""
    expected: str = ""
    got: str = ""


Evidence = Literal["document", "message"]
RuleFunction = Callable[[Exchange], Iterator[Judgement]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A judgement on one exchange, tied to the requirements it may name."""

    name: str
    requirements: tuple[str, ...]
    judge: RuleFunction
    evidence: Evidence
    of: frozenset[str]
    doc: str


RULES: dict[str, Rule] = {}


def rule(
    *requirements: str, evidence: Evidence = "message", of: Collection[str] = ()
) -> Callable[[RuleFunction], Rule]:
    """Register a rule. `evidence`: "document" if the body alone is enough to judge.

    `of`: the kinds of objects that it looks at, as `kind_of` tells them; none means that it
    looks at every exchange.
    """

    def register(function: RuleFunction) -> Rule:
        module = function.__module__.rsplit(".", 1)[-1]
        made = Rule(
            f"{module}.{function.__name__}",
            requirements,
            function,
            evidence,
            frozenset(of),
            (function.__doc__ or "").strip(),
        )
        RULES[made.name] = made
        return made

    return register


def judge(exchange: Exchange) -> Iterator[tuple[Rule, Judgement]]:
    """Every judgement that the rules have on an exchange of the API.

    An exchange outside the endpoint's base is none of the API's business: no judgements.
    """
    if exchange.api_path is None:
        return
    kind = kind_of(exchange)
    for candidate in RULES.values():
        if candidate.of and kind not in candidate.of:
            continue
        if exchange.lone and candidate.evidence == "message":
            continue
        for judgement in candidate.judge(exchange):
            if judgement.requirement not in candidate.requirements:
                raise ValueError(f"{candidate.name} judged {judgement.requirement}, not its own")
            yield candidate, judgement
