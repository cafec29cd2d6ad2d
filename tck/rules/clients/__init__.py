"""Rules on clients: pure judgements on what one client sends. Importing this registers them all."""

from tck.rules.clients import credentials, discovery, messages, operations, reactions
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
    "ON_PURPOSE",
    "ClientJudge",
    "ClientRule",
    "Session",
    "credentials",
    "discovery",
    "judge_client",
    "messages",
    "operations",
    "reactions",
]
