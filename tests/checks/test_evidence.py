"""Nothing is passed by fiat: no judgement of a rule or check is right because the code says so."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import tck
from tck.rules import judgement as verbs

TCK = Path(tck.__path__[0])
# Verb: where its arguments stand that say what is expected, what was got and whether that is right.
ARGUMENTS = {
    "holds": ("requirement", "place", "expected", "got", "ok"),
    **dict.fromkeys(("equal", "one_of", "contains"), ("requirement", "place", "expected", "got")),
    "lacks": ("requirement", "place", "unwanted", "got"),
    **dict.fromkeys(("present", "absent"), ("requirement", "place", "expected", "got")),
}
JUDGED = [path for folder in ("checks", "rules") for path in sorted((TCK / folder).rglob("*.py"))]


def by_fiat(source: str) -> Iterator[str]:
    """Where a module passes something without looking, a line each."""
    tree = ast.parse(source)
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            yield from _in_block(function.body, (), _constants(function))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node) == "Judgement":
            yield f"{node.lineno}: a judgement that no verb made"


def _constants(function: ast.FunctionDef) -> set[str]:
    """Names that are only ever bound to a literal in a function."""
    literal, computed = set(), set()
    for node in ast.walk(function):
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for name in (t.id for t in targets if isinstance(t, ast.Name)):
                (literal if isinstance(node.value, ast.Constant) else computed).add(name)
        elif isinstance(node, ast.For | ast.comprehension | ast.AugAssign):
            computed |= {n.id for n in ast.walk(node.target) if isinstance(n, ast.Name)}
    return literal - computed


def _in_block(
    block: list[ast.stmt], known: tuple[tuple[str, str], ...], constants: set[str]
) -> Iterator[str]:
    """`known`: pairs of code (got, expected) of which an enclosing `if` has made sure."""
    for statement in block:
        if isinstance(statement, ast.FunctionDef):
            continue
        inner = known + tuple(_ensured(statement.test)) if isinstance(statement, ast.If) else known
        bodies = ("body", "orelse", "finalbody", "handlers")
        for body in bodies:
            sub = getattr(statement, body, [])
            yield from _in_block(sub, inner if body == "body" else known, constants)
        own = [v for k, v in ast.iter_fields(statement) if k not in bodies]
        for node in (n for v in own for part in _listed(v) for n in ast.walk(part)):
            if isinstance(node, ast.Call):
                yield from _judge(node, known, constants)


def _listed(value: object) -> list[ast.AST]:
    values = value if isinstance(value, list) else [value]
    return [v for v in values if isinstance(v, ast.AST)]


def _ensured(test: ast.expr) -> Iterator[tuple[str, str]]:
    for part in test.values if isinstance(test, ast.BoolOp) else [test]:
        if isinstance(part, ast.Compare) and isinstance(part.ops[0], ast.In | ast.Eq | ast.Is):
            yield ast.unparse(part.left), ast.unparse(part.comparators[0])
            yield ast.unparse(part.comparators[0]), ast.unparse(part.left)


def _judge(
    call: ast.Call, known: tuple[tuple[str, str], ...], constants: set[str]
) -> Iterator[str]:
    names = ARGUMENTS.get(_name(call), ())
    given = dict(zip(names, call.args, strict=False))
    given |= {k.arg: k.value for k in call.keywords if k.arg in names}
    if "requirement" not in given or len(given) < len(names):
        return
    ok, got, expected = (given.get(name) for name in ("ok", "got", "expected"))
    if isinstance(ok, ast.Constant) and ok.value is False:
        return
    if isinstance(ok, ast.Constant) or (isinstance(ok, ast.Name) and ok.id in constants):
        yield f"{call.lineno}: right by a literal"
    elif isinstance(got, ast.Constant):
        yield f"{call.lineno}: what was got is a literal"
    if isinstance(expected, ast.Constant) and expected.value == "" and _name(call) != "equal":
        yield f"{call.lineno}: nothing is expected"
    if got is not None and expected is not None:
        pair = ast.unparse(got), ast.unparse(expected)
        if pair in known or pair[0] == pair[1]:
            yield f"{call.lineno}: {pair[0]} cannot be other than {pair[1]} here"


def _name(call: ast.Call) -> str:
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


@pytest.mark.parametrize("path", JUDGED, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_nothing_is_passed_by_fiat(path: Path) -> None:
    if path.name != "judgement.py":  # the verbs themselves
        assert list(by_fiat(path.read_text("utf-8"))) == []


@pytest.mark.parametrize(
    "line",
    [
        'verify.holds("DC-A", "/a", "a", got, True, x=x)',
        'verify.holds("DC-A", "/a", "a", got, ok=True, x=x)',
        "ok = True\n    holds(id_, place, words, got, ok)",
        'verify.holds("DC-A", "/a", "", got, got > 1, x=x)',
        'verify.absent("DC-A", "/a", "no a", None, x=x)',
        'verify.holds("DC-A", "/a", "a", "another", ok, x=x)',
        'verify.equal("DC-A", "/a", state, state, x=x)',
        'if state in ENDS:\n        verify.one_of("DC-A", "/a", ENDS, state, x=x)',
        'if a and b == "x":\n        equal("DC-A", "/a", "x", b)',
        'yield Judgement("DC-A", ok, "/a", 1, 1)',
    ],
)
def test_the_linter_finds(line: str) -> None:
    assert len(list(by_fiat(f"def check():\n    {line}\n"))) == 1


def test_no_judgement_without_evidence() -> None:
    with pytest.raises(ValueError, match="without evidence"):
        verbs.holds("DC-KEY-001", "/key", "", "x", ok=True)
    at_an_empty_key = verbs.holds("DC-KEY-001", "", "a name", "x", ok=True)
    assert at_an_empty_key.place == verbs.EVERYWHERE
    with pytest.raises(TypeError):
        verbs.Judgement("DC-KEY-001", True, "/key")  # type: ignore[call-arg]
