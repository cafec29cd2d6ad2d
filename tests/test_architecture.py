"""The shape of the project: who may import whom, how modules and tests look."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest
import requests
from lxml import etree

from tck.checks.support.inventory import checks
from tck.reference_server.embedded import Embedded
from tck.schemas.operations import API

PROJECT = Path(__file__).parents[1]
SOURCES = sorted((PROJECT / "tck").rglob("*.py"))
TESTS = sorted((PROJECT / "tests").rglob("*.py"))
CHECKS = sorted((PROJECT / "tck" / "checks").glob("*.py"))

# What each part may import (docs/architecture.md); the entry points, DOORS, may import all.
_JUDGING = {"schemas", "requirements", "endpoint", "rules"}
MAY_IMPORT = {
    "signals": set(),
    "schemas": set(),
    "requirements": {"schemas"},
    "endpoint": {"schemas"},
    "rules": {"schemas", "endpoint"},
    "safety": {"schemas", "endpoint"},
    "checks": _JUDGING | {"safety"},
    "report": _JUDGING,
    "certification": _JUDGING | {"report"},
    "reference_server": {"schemas"},
    "prove": _JUDGING | {"safety", "checks", "report", "audit", "reference_server"},
    "scenarios": _JUDGING | {"report", "audit", "prove", "reference_server"},
    "audit": _JUDGING | {"report", "reference_server"},
    "proxy": _JUDGING | {"report", "audit", "reference_server"},
    "run": _JUDGING | {"safety", "checks", "report", "reference_server"},
}
DOORS = {"plugin", "fixtures", "commands", "cli", "apidocs", "vectors", "__main__"}

# The same inside tck.reference_server, from its outer parts inwards. The HTTP server (http1) could
# be used without the rest; drivers do not know how they are served.
_ANSWERING = {"call", "errors", "http", "representations", "site"}
MAY_IMPORT_IN_SERVER = {
    "errors": set(),
    "resources": set(),
    "http1": set(),
    "content": {"errors"},
    "storage": {"content"},
    "drivers": {"content", "errors", "resources", "storage"},
    "http": {"content", "errors"},
    "site": {"drivers", "resources"},
    "representations": {"drivers", "resources", "site"},
    "call": {"drivers", "http", "site"},
    "pages": _ANSWERING,
    "answers": _ANSWERING | {"pages"},
    "blob_handlers": _ANSWERING | {"answers", "content"},
    "handlers": _ANSWERING | {"answers", "blob_handlers", "resources"},
    "serving": {"http1"},
}
SERVER = PROJECT / "tck" / "reference_server"
NO_MODULE = re.compile(r"(utils?|helpers?|common|misc)\.py")


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


def part(path: Path) -> str:
    """`report` of tck/report/ledger.py; `plugin` of tck/plugin.py."""
    return path.relative_to(PROJECT / "tck").parts[0].removesuffix(".py")


def module(path: Path) -> str:
    """`tck.rules.http` of tck/rules/http.py, `tck.rules` of its __init__.py."""
    return ".".join(path.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__")


def names(path: Path) -> Iterator[str]:
    """What a module imports of the kit, as full names, even inside functions or for typing."""
    for node in ast.walk(parsed(path)):
        imported: list[str] = []
        if isinstance(node, ast.Import):
            imported = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path} imports relatively"
            imported = [f"{node.module}.{alias.name}" for alias in node.names]
        yield from (name for name in imported if name.startswith("tck."))


def imports(path: Path) -> Iterator[str]:
    """Parts of the kit that a module imports."""
    yield from (part for name in names(path) if (part := name.split(".")[1]) != "__version__")


def test_the_page_has_the_same_table() -> None:
    page = (PROJECT / "docs" / "architecture.md").read_text("utf-8")
    table = page.partition("| package | may import |\n")[2].partition("\n\n")[0]
    rows = [
        [set(re.findall(r"`(\w+)`", cell)) for cell in r.split("|")[1:3]] for r in table.split("\n")
    ]
    assert rows[1][0] == DOORS
    assert {name: allowed for names, allowed in rows[2:] for name in names} == MAY_IMPORT
    order = [name for names, _ in rows[2:] for name in names]
    assert [n for n in order if MAY_IMPORT[n] & set(order[: order.index(n)])] == []


@pytest.mark.parametrize("name", MAY_IMPORT)
def test_arrows_point_one_way(name: str) -> None:
    wrong = {
        (str(path.relative_to(PROJECT)), imported)
        for path in SOURCES
        if part(path) == name
        for imported in imports(path)
        if imported not in MAY_IMPORT[name] | {name}
    }
    assert wrong == set()


@pytest.mark.parametrize("name", MAY_IMPORT_IN_SERVER)
def test_arrows_point_one_way_inside_the_reference_server(name: str) -> None:
    single = SERVER / f"{name}.py"
    prefix = f"{module(SERVER)}."
    wrong = {
        (str(path.relative_to(SERVER)), imported)
        for path in ([single] if single.exists() else (SERVER / name).rglob("*.py"))
        for imported in names(path)
        if imported.startswith(prefix)
        and imported.removeprefix(prefix).split(".")[0] not in MAY_IMPORT_IN_SERVER[name] | {name}
    }
    assert wrong == set()


def test_the_http_server_knows_nothing_of_the_kit() -> None:
    inside = f"{module(SERVER)}.http1."
    wrong = {n for p in (SERVER / "http1").glob("*.py") for n in names(p) if inside not in n}
    assert wrong == set()


def test_every_part_of_the_reference_server_has_its_place() -> None:
    parts = {path.relative_to(SERVER).parts[0].removesuffix(".py") for path in SERVER.rglob("*.py")}
    assert parts - {"__init__", "app", "embedded"} == set(MAY_IMPORT_IN_SERVER)


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Not even inside functions or for typing: such modules can only be understood together."""
    modules = {module(path) for path in SOURCES}
    graph = {
        module(path): {n if n in modules else n.rpartition(".")[0] for n in names(path)}
        for path in SOURCES
    }
    circle = []
    try:
        TopologicalSorter({m: imported - {m} for m, imported in graph.items()}).prepare()
    except CycleError as error:
        circle = error.args[1]
    assert circle == []


def test_the_proxy_knows_of_the_server_only_how_it_speaks_http() -> None:
    server = f"{module(SERVER)}."
    used = {n for p in SOURCES if part(p) == "proxy" for n in names(p) if n.startswith(server)}
    assert {name for name in used if not name.startswith(f"{server}http1")} == set()


def test_only_doors_know_the_reference_server() -> None:
    """Else a shared mistake hides itself."""
    knowing = {part(path) for path in SOURCES if "reference_server" in imports(path)}
    assert knowing - {"reference_server"} <= {
        "run",
        "commands",
        "prove",
        "audit",
        "proxy",
        "scenarios",
        "apidocs",
        "vectors",
    }


def test_every_package_has_its_place() -> None:
    packages = {path.parent.name for path in (PROJECT / "tck").glob("*/__init__.py")}
    assert packages <= set(MAY_IMPORT) | DOORS


# ---------------------------------------------------------------- modules


def test_modules_are_short() -> None:
    long = {
        str(path.relative_to(PROJECT)): length
        for path in SOURCES
        if (length := len(path.read_text("utf-8").splitlines())) > 400
    }
    assert long == {}


def test_modules_are_named_after_what_they_are() -> None:
    assert [str(p) for p in (*SOURCES, *TESTS) if NO_MODULE.fullmatch(p.name)] == []


def test_functions_fit_on_a_screen() -> None:
    long = {
        f"{path.relative_to(PROJECT)}:{node.name}"
        for path in SOURCES
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno >= 60
    }
    assert long == set()


@cache
def calls(tree: ast.AST) -> frozenset[str]:
    """Names of what is called: `sleep` of both sleep() and time.sleep()."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            target = node.func
            if isinstance(target, ast.Name | ast.Attribute):
                found.add(target.id if isinstance(target, ast.Name) else target.attr)
    return frozenset(found)


def test_the_judging_side_waits_where_waiting_is_understood() -> None:
    waiting = {str(p.relative_to(PROJECT)) for p in SOURCES if "sleep" in calls(parsed(p))}
    judging = {path for path in waiting if "/reference_server/" not in path}
    places = ("safety/waiting.py", "safety/spacing.py", "endpoint/transport.py")
    assert judging <= {f"tck/{place}" for place in places}


def test_nothing_is_asserted_about_what_was_received() -> None:
    """An endpoint that fails is judged, or the check is inconclusive: it is no error of the kit."""
    asserting = [
        f"{path.relative_to(PROJECT)}:{node.lineno}"
        for path in SOURCES
        if part(path) in ("checks", "rules", "safety", "endpoint")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Assert)
    ]
    assert asserting == []


# ---------------------------------------------------------------- checks


def test_every_check_is_declared() -> None:
    written = {
        f"{path.stem}.{node.name}"
        for path in CHECKS
        for node in parsed(path).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }
    listed = {found.name for found in checks()}
    assert written - listed == set(), "a test without @check judges nobody"
    stateful = {name for name in listed - written if "Test" not in name}
    assert {name.split(".")[0] for name in stateful} <= {path.stem for path in CHECKS}


def test_checks_have_no_conditions_on_what_the_endpoint_supports() -> None:
    """Applicability is declared, not decided in the middle (there are few exceptions)."""
    asking = {
        f"{path.stem}.{node.name}"
        for path in CHECKS
        for node in parsed(path).body
        if isinstance(node, ast.FunctionDef)
        and node.name.startswith("test_")
        and {"skip"} & calls(node)
    }
    assert len(asking) <= 6, asking


def ids_of_the_mock(full: Embedded) -> set[str]:
    """Ids of everything that the reference server holds from the start."""
    found: set[str] = set()
    for name in API.top_level:
        if name not in ("drivers", "instance_states"):
            answer = requests.get(f"{full.url}/{name}", auth=(full.user, full.password), timeout=10)
            found |= {str(e.get("id")) for e in etree.fromstring(answer.content).iter("*")}
    return found - {"None", ""}


def literals(path: Path) -> Iterator[str]:
    """Strings of a module that are no docstrings."""
    tree = parsed(path)
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.value


def test_checks_know_no_id_of_some_cloud(full: Embedded) -> None:
    ids = ids_of_the_mock(full)
    assert {"img1", "inst1", "us", "m1-small"} <= ids
    known = {
        (path.stem, token)
        for path in CHECKS
        for literal in literals(path)
        for token in (literal, *re.split(r"[/;=?&]", literal)[1:])
        if token in ids
    }
    assert known == set()


# ---------------------------------------------------------------- tests


@cache
def functions() -> list[tuple[Path, ast.FunctionDef]]:
    return [
        (path, node)
        for path in TESTS
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef)
    ]


def _asserts(node: ast.AST) -> bool:
    return any(isinstance(inner, ast.Assert) for inner in ast.walk(node)) or bool(
        calls(node) & {"raises", "fail", "warns", "check_schema"}
    )


def test_every_test_can_fail() -> None:
    """It asserts something, itself or in a function that it calls."""
    judging = {node.name for _, node in functions() if _asserts(node)}
    while more := {n.name for _, n in functions() if calls(n) & judging} - judging:
        judging |= more
    tests = [(p, n) for p, n in functions() if n.name.startswith("test_")]
    assert len(tests) > 300
    assert [f"{p.stem}.{n.name}" for p, n in tests if n.name not in judging] == []


def test_a_skipped_test_says_why() -> None:
    silent = [
        f"{path}:{node.lineno}"
        for path in TESTS
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("skip", "skipif", "xfail")
        and not (node.keywords or (node.func.attr == "skip" and node.args))
    ]
    assert silent == []


def test_tests_do_not_wait() -> None:
    assert [str(path) for path in TESTS if "sleep" in calls(parsed(path))] == []
