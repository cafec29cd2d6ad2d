"""Mutants: small changes to the reference server that nobody thought of, each judged by the kit.

Faults are written by people who know what checks look for. A mutant is made by a machine: a
comparison turned round, a text that is another, a statement or an argument left out. Most that
survive differ in nothing that a client could see; the others show what the kit overlooks.
"""

from __future__ import annotations

import ast
import importlib.abc
import importlib.util
import json
import multiprocessing
import os
import select
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import tck
from tck.checks.support import running
from tck.checks.support.cases import cases

ROOT = Path(tck.__path__[0]).parent
SERVER = ROOT / "tck" / "reference_server"
# What no client of the mock cloud in memory sees over WSGI.
_OUTSIDE = ("pages", "http1", "ec2", "libvirt", "swift", "provider.py", "content_file.py")
_OUTSIDE += ("disk.py", "serving.py", "embedded.py", "forwarding.py", "record_json.py")
_OUTSIDE += ("__init__.py",)
_SECONDS = 60
_OPPOSITE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    **{ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In},
    **{ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.Lt: ast.LtE, ast.LtE: ast.Lt},
    **{ast.Gt: ast.GtE, ast.GtE: ast.Gt},
}
Edit = Callable[[Any], object]
Mutant = tuple[Path, int, int]  # a module, the number of a node and of an edit


def _without(name: str, number: int) -> Edit:
    def edit(node: Any) -> None:
        del getattr(node, name)[number]
        if name == "keys":
            del node.values[number]

    return edit


def _value(value: object) -> Edit:
    return lambda node: setattr(node, "value", value)


def _edits(node: ast.AST) -> Iterator[tuple[str, Edit]]:
    """What can be changed about one node: (what, how)."""
    match node:
        case ast.Compare(ops=ops):
            for n, op in enumerate(ops):
                other = _OPPOSITE[type(op)]
                yield f"{other.__name__} for {type(op).__name__}", _op(n, other)
        case ast.BoolOp(op=op):
            swapped = ast.Or if isinstance(op, ast.And) else ast.And
            yield "and, or", lambda node: setattr(node, "op", swapped())
        case ast.If() | ast.IfExp() | ast.While():
            yield "not", lambda n: setattr(n, "test", ast.UnaryOp(ast.Not(), n.test))
        case ast.Constant(value=bool() | int() | str() as value) if value != "":
            other = _another(value)
            yield f"{other!r} for {value!r}", _value(other)
        case ast.Return(value=ast.expr()):
            yield "return None", _value(ast.Constant(None))
        case ast.List(elts=parts) | ast.Tuple(elts=parts, ctx=ast.Load()) if len(parts) > 1:
            yield from ((f"without part {n}", _without("elts", n)) for n in range(len(parts)))
        case ast.Dict(keys=keys):
            yield from ((f"without key {n}", _without("keys", n)) for n in range(len(keys)))
        case ast.Call(keywords=named):
            for n, given in enumerate(named):
                yield f"without {given.arg}", _without("keywords", n)
        case ast.comprehension(ifs=[_, *_]):
            yield "without if", lambda node: node.ifs.clear()


def _another(value: bool | int | str) -> object:
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int) else value + "x"


def _op(number: int, other: type[ast.cmpop]) -> Edit:
    return lambda node: node.ops.__setitem__(number, other())


def _blocks(node: ast.AST) -> Iterator[tuple[str, Edit]]:
    """Statements of a block that can be left out."""
    for name in ("body", "orelse", "finalbody"):
        statements = getattr(node, name, None)
        for n, statement in enumerate(statements if isinstance(statements, list) else ()):
            calls = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)
            if calls or isinstance(statement, ast.Raise | ast.AugAssign | ast.Delete):
                yield f"without: {ast.unparse(statement)[:60]}", _passing(name, n)


def _passing(name: str, number: int) -> Edit:
    return lambda node: getattr(node, name).__setitem__(number, ast.Pass())


def _nodes(source: str) -> tuple[ast.Module, list[ast.AST]]:
    """A module's syntax tree, and the nodes that do something, always in one order."""
    tree, quiet = ast.parse(source), set[ast.AST]()
    for node in ast.walk(tree):
        for part in ("annotation", "returns"):
            quiet |= set(ast.walk(getattr(node, part, None) or ast.Pass()))
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(
            node
        ):
            quiet |= set(ast.walk(node.body[0]))
        for decorator in getattr(node, "decorator_list", ()):
            quiet |= set(ast.walk(decorator))
    return tree, [node for node in ast.walk(tree) if node not in quiet]


def mutants(path: Path) -> Iterator[tuple[Path, int, int, str]]:
    """(path, number of the node, number of the edit, what is changed) of all of a module."""
    source = path.read_text("utf-8")
    for number, node in enumerate(_nodes(source)[1]):
        for n, (what, _) in enumerate((*_edits(node), *_blocks(node))):
            yield path, number, n, f"{path.relative_to(SERVER)}:{getattr(node, 'lineno', 0)} {what}"


def _mutated(path: Path, number: int, edit: int) -> ast.Module:
    tree, nodes = _nodes(path.read_text("utf-8"))
    (*_edits(nodes[number]), *_blocks(nodes[number]))[edit][1](nodes[number])
    return ast.fix_missing_locations(tree)


class _Importer(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Puts a mutant in the place of a module."""

    def __init__(self, path: Path, tree: ast.Module) -> None:
        self.name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        self.path, self.tree = path, tree

    def find_spec(self, name: str, _path: Any, _target: Any = None) -> Any:
        if name != self.name:
            return None
        return importlib.util.spec_from_loader(name, self, origin=str(self.path))

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self.tree, str(self.path), "exec"), module.__dict__)


def _examine(order: Sequence[str], mutant: Mutant | None) -> Any:
    """Judge the server, or a mutant of it, in a process that has not loaded it yet."""
    if mutant is not None:
        sys.meta_path.insert(0, _Importer(mutant[0], _mutated(*mutant)))
    from tck.prove import trial  # noqa: PLC0415 - the server is loaded here
    from tck.prove.altered.alteration import Alteration  # noqa: PLC0415
    from tck.reference_server.app import create_app  # noqa: PLC0415

    class Plain(Alteration):
        def app(self, **options: Any) -> Any:
            return create_app(self.persona, **options)

    rank = {name: n for n, name in enumerate(order)}
    known = sorted(cases(), key=lambda case: rank.get(case.name, len(rank)))
    return trial.judge(
        Plain("mutant", (), "full"),
        known,
        lambda book: bool(book.findings or book.kit_errors),
        traced=mutant is None,
    )


def _outcome(order: Sequence[str], examined: Sequence[str], mutant: Mutant) -> str:
    """What became of a mutant: found, unexamined, broken or survived."""
    try:
        seen = _examine(order, mutant)
    except BaseException:  # noqa: BLE001 - a server that ends its own process is no server
        return "broken"
    if seen.found_by or seen.kit_errors:
        return "found"
    if seen.unfit:
        return "broken"
    return "survived" if all(seen.examined[id_] for id_ in examined) else "unexamined"


def _apart(call: Callable[[], Any]) -> Any:
    """The result of a call in a process of its own, which loads a server of its own.

    None if it takes too long: a mutant may go round in circles.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        with os.fdopen(writing, "w") as out:
            json.dump(call(), out)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as told:
        ready, _, _ = select.select([told], [], [], _SECONDS)
        result = json.loads(told.read() or "null") if ready else None
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return result


def _baseline() -> tuple[list[str], list[str]]:
    """Cases, those that see most in least time first, and what is examined of a right server."""
    right = _examine((), None)
    assert right.traces and not right.found_by, right.found_by  # noqa: PT018
    left, known, order = dict(right.traces), set[str](), list[str]()
    while left:
        gain = {
            name: len((trace.examined | trace.operations) - known) / (trace.seconds + 0.002)
            for name, trace in left.items()
        }
        order.append(best := max(gain, key=gain.__getitem__))
        known |= left[best].examined | left.pop(best).operations
    return order, sorted(right.examined)


def _run(task: tuple[Callable[[Mutant], str], Mutant]) -> str:
    judged, mutant = task
    return _apart(partial(judged, mutant)) or "broken"


def measure(every: int, report: Path) -> Iterator[str]:
    """Judge every so-many-th mutant; the survivors are listed in a file."""
    running.configure_hypothesis(8, 8, 1, shrink=False)
    paths = [p for p in sorted(SERVER.rglob("*.py")) if not set(_OUTSIDE) & {p.name, *p.parts}]
    chosen = [mutant for path in paths for mutant in mutants(path)][::every]
    order, examined = _apart(_baseline)
    judged = partial(_outcome, order, examined)
    outcomes: list[str] = []
    with multiprocessing.get_context("fork").Pool(2) as pool:
        for outcome in pool.imap(_run, [(judged, m[:3]) for m in chosen], chunksize=1):
            outcomes.append(outcome)
            if sys.stderr.isatty() or len(outcomes) % 500 == 0:
                end = "" if sys.stderr.isatty() else "\n"
                print(f"\r{len(outcomes)} of {len(chosen)}", end=end, file=sys.stderr, flush=True)
    counts = Counter(outcomes)
    told = ", ".join(f"{counts[name]} {name}" for name in ("found", "unexamined", "broken"))
    yield f"{len(chosen)} mutants of the reference server: {told}, {counts['survived']} survived"
    report.parent.mkdir(parents=True, exist_ok=True)
    pairs = zip(chosen, outcomes, strict=True)
    report.write_text(json.dumps([m[3] for m, o in pairs if o == "survived"], indent=1), "utf-8")
    yield f"survivors in {report}"
