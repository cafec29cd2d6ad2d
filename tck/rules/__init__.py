"""Rules: pure judgements on one exchange. Importing this package registers them all."""

from tck.rules import (
    authentication,
    documents,
    entry_point,
    errors,
    hardware_profiles,
    http,
    instance_states,
    instances,
    links,
    negotiation,
    resources,
    schema,
)
from tck.rules.engine import RULES, Rule, judge
from tck.rules.judgement import Judgement

__all__ = [
    "RULES",
    "Judgement",
    "Rule",
    "authentication",
    "documents",
    "entry_point",
    "errors",
    "hardware_profiles",
    "http",
    "instance_states",
    "instances",
    "judge",
    "links",
    "negotiation",
    "resources",
    "schema",
]
