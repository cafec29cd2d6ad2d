"""Rules on clients: pure judgements on what one client sends. Importing this registers them all."""

from tck.rules.clients import credentials, discovery, messages, operations, reactions
from tck.rules.clients.endings import ENDING_RULES, Ending, EndingRule, judge_ending
from tck.rules.clients.engine import (
    CLIENT_RULES,
    ON_PURPOSE,
    ClientJudge,
    ClientRule,
    judge_client,
)
from tck.rules.clients.session import Session

__all__ = [
    "CLIENT_RULES",
    "ENDING_RULES",
    "ON_PURPOSE",
    "ClientJudge",
    "ClientRule",
    "Ending",
    "EndingRule",
    "Session",
    "credentials",
    "discovery",
    "judge_client",
    "judge_ending",
    "messages",
    "operations",
    "reactions",
]
