"""Making a tree of a document, of which size and depth are known before.

A tree takes many times the memory of its text: `<a/>` is 4 bytes, and 120 as a node. So the marks
that can begin a node are counted first, which is more than the nodes that there can be, and costs
nothing. How deep a JSON text is nested is seen by looking at its brackets; the depth of XML is
limited by the parser itself, which stops at 256 levels.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, NamedTuple

from lxml import etree

from tck.endpoint.limits import Limits

_BEGINNING = 1 << 16  # bytes that are looked at of what is too large
# A string, to its end or that of the text, or a bracket. Possessive, so linear: whatever begins
# with a quotation mark matches.
_JSON_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.?)*+(?:"|\Z)|[][{}]', re.DOTALL)


class _Ignore:
    """The target of a parser that only looks whether a document is well-formed."""

    def close(self) -> None:
        """The document has ended."""


# No entity is expanded and nothing is fetched: the endpoint may be hostile.
def _parser(**options: Any) -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, **options)


_PARSER = _parser()


class Parsed(NamedTuple):
    """The tree of a document or its JSON value; or else why there is none.

    `error`: it is not well-formed; `beyond`: it is larger than what is judged. `namespace`: of the
    root; the tree has its elements without it, so that all else about them can be judged.
    """

    tree: Any = None
    error: str | None = None
    beyond: str = ""
    namespace: str = ""


def parse(content: bytes, format_: str | None, limits: Limits) -> Parsed:
    """A document of a format ("xml", "json"); nothing for any other, or without content."""
    if not content or format_ not in ("xml", "json"):
        return Parsed()
    marks = b"<=&" if format_ == "xml" else b"{[:,"
    nodes = sum(content.count(mark) for mark in marks)
    make = _xml if format_ == "xml" else _json
    try:
        tree = make(content, nodes, limits)
    except (etree.XMLSyntaxError, ValueError, RecursionError) as error:
        return Parsed(error=str(error))
    if nodes > limits.nodes:
        return Parsed(beyond=f"about {nodes} nodes, more than {limits.nodes} (limit nodes)")
    if format_ == "xml" and len(content) > limits.attribute and _is_long(tree, limits.attribute):
        words = f"an attribute of more than {limits.attribute} characters (limit attribute)"
        return Parsed(beyond=words)
    namespace = etree.QName(tree).namespace if format_ == "xml" else None
    if namespace:
        for element in tree.iter(f"{{{namespace}}}*"):
            element.tag = etree.QName(element).localname
    return Parsed(tree, namespace=namespace or "")


def _xml(content: bytes, nodes: int, limits: Limits) -> Any:
    if nodes > limits.nodes:
        etree.fromstring(content, _parser(target=_Ignore()))
        return None
    root = etree.fromstring(content, _PARSER)
    if root.xpath("boolean(/*" + "/*" * limits.depth + ")"):
        raise ValueError(f"elements are nested more than {limits.depth} deep")
    return root


def _is_long(root: etree._Element, most: int) -> bool:
    """Whether an attribute has more characters."""
    return bool(root.xpath(f"boolean(//@*[string-length() > {most}])"))


def _json(content: bytes, nodes: int, limits: Limits) -> Any:
    if nodes > limits.nodes:
        _require_depth(content[:_BEGINNING], limits.depth)
        return None
    _require_depth(content, limits.depth)
    return parse_json(content)


def _require_depth(content: bytes, most: int) -> None:
    """Raises ValueError if brackets are nested deeper."""
    depth = 0
    for token in _JSON_TOKEN.finditer(content):
        if token[0] in b"{[":
            depth += 1
            if depth > most:
                raise ValueError(f"values are nested more than {most} deep")
        elif token[0] in b"}]":
            depth -= 1


def parse_json(content: bytes, pairs: Callable[[list[tuple[str, Any]]], Any] | None = None) -> Any:
    """The value of a JSON text (RFC 8259) in UTF-8. Raises ValueError, RecursionError.

    `pairs`: makes an object from its (name, value) pairs; None for a dict. NaN and Infinity,
    which Python would accept, are refused.
    """
    return json.loads(
        content.decode("utf-8"),
        object_pairs_hook=pairs,
        parse_constant=_no_constant,
        # to read longer ones takes time that grows with the square of their length
        parse_int=lambda digits: int(digits) if len(digits) < 100 else float(digits),
    )


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON value")
