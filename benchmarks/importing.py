"""Mutants: how one module is changed a little, and how it is loaded in the place of the module."""

from __future__ import annotations

import ast
import importlib.abc
import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).parent.parent
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
            yield (
                path,
                number,
                n,
                f"{path.relative_to(ROOT / 'tck')}:{getattr(node, 'lineno', 0)} {what}",
            )


def mutated(path: Path, number: int, edit: int) -> ast.Module:
    tree, nodes = _nodes(path.read_text("utf-8"))
    (*_edits(nodes[number]), *_blocks(nodes[number]))[edit][1](nodes[number])
    return ast.fix_missing_locations(tree)


class Importer(importlib.abc.MetaPathFinder, importlib.abc.Loader):
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
