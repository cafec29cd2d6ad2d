"""Every check of a refusal has a positive twin: the same without what is refused succeeds.

Otherwise an endpoint that refuses everything would pass, and nobody would know what the refusal was
for.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import tck.checks

CHECKS = Path(tck.checks.__path__[0])
# Functions that judge for checks; what only sends and prepares proves nothing.
JUDGING = [*sorted(CHECKS.glob("*.py"))]
JUDGING += [CHECKS / "support" / f"{name}.py" for name in ("life", "instances", "shared")]
FUNCTIONS = {
    node.name: node
    for path in JUDGING
    for node in ast.walk(ast.parse(path.read_text()))
    if isinstance(node, ast.FunctionDef)
}


def _name(call: ast.Call) -> str:
    return getattr(call.func, "attr", "") or getattr(call.func, "id", "")


def _statuses(call: ast.Call) -> list[int]:
    given = [argument.value for argument in call.args if isinstance(argument, ast.Constant)]
    return [value for value in given if isinstance(value, int)]


def _verbs(function: ast.AST, known: set[str]) -> Iterator[str]:
    """`refusal` and `success`, for each judgement or precondition in a function and below it."""
    for node in ast.walk(function):
        guards = isinstance(node, ast.If) and ".ok" in ast.unparse(node.test)
        if guards and "inconclusive" in ast.unparse(node):
            yield "success"
        if not isinstance(node, ast.Call):
            continue
        name, statuses = _name(node), _statuses(node)
        if name == "refused" or (name == "status" and statuses and min(statuses) >= 400):
            yield "refusal"
        elif name == "accepted" or (name == "status" and statuses and min(statuses) < 300):
            yield "success"
        elif name in FUNCTIONS and name not in known:
            known.add(name)
            yield from _verbs(FUNCTIONS[name], known)


def _checks(source: str) -> Iterator[ast.FunctionDef]:
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node


def without_twin(source: str) -> list[str]:
    """Checks of a module that judge refusals and nothing else."""
    found = ((check.name, set(_verbs(check, {check.name}))) for check in _checks(source))
    return [name for name, verbs in found if verbs == {"refusal"}]


@pytest.mark.parametrize("path", sorted(CHECKS.glob("*.py")), ids=lambda path: path.stem)
def test_every_refusal_has_a_twin(path: Path) -> None:
    assert without_twin(path.read_text()) == []


def test_a_refusal_without_a_twin_is_found() -> None:
    alone = "def test_a(cloud, verify):\n    verify.refused('DC-X', cloud.get('/a'))\n"
    assert without_twin(alone) == ["test_a"]
    assert without_twin(alone + "    verify.accepted('DC-X', cloud.get('/b'))\n") == []
    assert without_twin(alone.replace("refused('DC-X', ", "status('DC-X', 404, ")) == ["test_a"]
    assert without_twin(alone + "    need_shown(cloud, verify, '/b')\n") == []
