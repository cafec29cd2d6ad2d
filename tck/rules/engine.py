"""Judging one exchange: the rules that apply to it, and what each examined.

A rule is a generator over an exchange that yields one `Judgement` for each thing it looked
at. Nothing yielded means nothing examined, which is not a pass. Rules are pure: no network,
no clock, no memory of other exchanges.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from tck.endpoint.exchange import Exchange
from tck.rules.judgement import Judgement
from tck.rules.reading import kind_of

Evidence = Literal["document", "message", "connection"]
RuleFunction = Callable[[Exchange], Iterator[Judgement]]


@dataclass(frozen=True, slots=True)
class Rule:
    """What judges one exchange.

    `name` is `module.function`, as findings show it; `requirements` the ids that it may judge;
    `evidence` "document" if the body alone is enough to judge, "message" if status and fields are
    needed, "connection" if it judges disturbed exchanges, too;
    `of` the kinds of objects that it looks at, as `kind_of` names them, or empty for a
    rule that looks at every exchange; `doc` what it demands, in English.
    """

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
    """Register a function as a rule; the arguments are those of `Rule`."""

    def register(function: RuleFunction) -> Rule:
        name = f"{function.__module__.rsplit('.', 1)[-1]}.{function.__name__}"
        doc = (function.__doc__ or "").strip()
        RULES[name] = Rule(name, requirements, function, evidence, frozenset(of), doc)
        return RULES[name]

    return register


def judge(exchange: Exchange) -> Iterator[tuple[Rule, Judgement]]:
    """Every judgement that the rules make on an exchange, with the rule that made it.

    Of each rule no more are made than `Limits.judgements`, and none on an exchange outside the
    endpoint's base: it is not part of the API, nor on the answer to a request that is malformed:
    what is right for that depends on what is wrong with it. Of a lone document only rules that need
    no more than the body judge, of a disturbed exchange only those about its
    connection; a document that may repeat what the kit provoked is not judged. Raises ValueError if
    a rule judges a requirement that it was not registered for.
    """
    if exchange.api_path is None or exchange.request.malformed:
        return
    kind = kind_of(exchange)
    for candidate in RULES.values():
        if candidate.of and kind not in candidate.of:
            continue
        if exchange.lone and candidate.evidence != "document":
            continue
        if exchange.provoked and exchange.ok and candidate.evidence == "document":
            continue
        if exchange.disturbance and candidate.evidence != "connection":
            continue
        for judgement in islice(candidate.judge(exchange), exchange.limits.judgements):
            if judgement.requirement not in candidate.requirements:
                raise ValueError(f"{candidate.name} judged {judgement.requirement}, not its own")
            yield candidate, judgement
