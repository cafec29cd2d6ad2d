"""Single documents stand for the exchange that would have brought them."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests

from tck.endpoint.files import UnreadableFile, read
from tck.reference_server.embedded import Embedded
from tck.rules import judge
from tck.schemas.operations import API

from .exchanges import exchange
from .written import written

SHOWN = [n for n in API.top_level if "show" in API.collections[n].operations]


def _documents(full: Embedded, collection: str, format_: str) -> list[tuple[str, bytes]]:
    """(operation, document) of a collection's list and of its first member."""
    get = {"auth": (full.user, full.password), "headers": {"Accept": f"application/{format_}"}}
    listed = requests.get(f"{full.url}/{collection}", **get, timeout=10)  # type: ignore[arg-type]
    found = [(f"{collection}.index", listed.content)]
    plain = requests.get(
        f"{full.url}/{collection}", auth=(full.user, full.password), timeout=10
    ).content
    root = exchange("/" + collection, plain).xml
    first = None if root is None else root.find("*[@href]")
    if first is not None and collection in SHOWN:
        url = str(first.get("href"))
        shown = requests.get(url, **get, timeout=10)  # type: ignore[arg-type]
        found.append((f"{collection}.show", shown.content))
    return found


@pytest.mark.parametrize("format_", ["xml", "json"])
@pytest.mark.parametrize("collection", API.top_level)
def test_a_document_stands_for_its_exchange(
    full: Embedded, collection: str, format_: str, tmp_path: Path
) -> None:
    for operation, content in _documents(full, collection, format_):
        if operation.startswith("drivers.") and format_ == "json":
            continue  # keyed by id: nothing in the document tells what it is (J3)
        [x] = read(written(tmp_path, f"{operation}.{format_}", content))
        assert x.operation is not None, operation
        assert x.operation.id == operation
        assert x.lone
        judged = [j for _, j in judge(x)]
        assert judged, "something was examined"
        assert [j for j in judged if not j.ok] == []


@pytest.mark.parametrize(
    ("content", "path"),
    [
        ('<error status="404" url="/api/keys/x"><a/></error>', "/api/keys/x"),
        ('<error status="404" url="http://h/api/keys/x?a=b"><a/></error>', "/api/keys/x"),
        ('<error status="404" url="/cloud/v2/keys/x"><a/></error>', "/cloud/v2/keys/x"),
        ('<error status="404"><a/></error>', "/api"),
        ('{"code": 404, "message": "none"}', "/api"),
    ],
)
def test_an_error_document_answers_the_request_that_it_names(
    content: str, path: str, tmp_path: Path
) -> None:
    [x] = read(written(tmp_path, "error", content))
    assert x.status == 404
    assert x.request.path == path
    assert [j for _, j in judge(x) if j.requirement == "DC-ERR-012" and not j.ok] == []


def test_an_xml_document_keeps_its_encoding(tmp_path: Path) -> None:
    text = '<?xml version="1.0" encoding="ISO-8859-1"?><realm id="r" href="http://h/api/realms/r"><name>ä</name></realm>'
    [x] = read(written(tmp_path, "realm.xml", text.encode("latin-1")))
    assert x.xml is not None
    assert x.xml.findtext("name") == "ä"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "the file is empty"),
        (" \n\t", "the file is empty"),
        (b"\xff\xfe\x00", "not UTF-8 text"),
        ("<keys>", "not well-formed XML"),
        ("<html><body/></html>", "'html' is not the root of a document of the API"),
        ("{}", "not a document of the Deltacloud API"),
        ('{"cloud": {}}', "'cloud' is not the root of a document of the API"),
        ("{\n\n", "neither JSON nor JSON Lines"),
        ('{"log": 5, "a": 1}', "not a document of the Deltacloud API"),
        ("[" * 100_000 + "]" * 100_000, "neither JSON nor JSON Lines"),
        ("hello", "not an exchange"),
    ],
)
def test_what_is_no_document(content: str | bytes, said: str, tmp_path: Path) -> None:
    path = written(tmp_path, "document", content)
    with pytest.raises(UnreadableFile) as refused:
        list(read(path))
    assert str(refused.value).startswith(f"{path}:")
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    for path in (tmp_path / "none.jsonl", tmp_path):
        with pytest.raises(UnreadableFile) as refused:
            list(read(path))
        assert str(path) in str(refused.value)


HOST = "http://host:3001/deltacloud/api"
INSTANCE = f"<instance href='{HOST}/instances/i1' id='i1'>"


@pytest.mark.parametrize(
    ("name", "content", "operation"),
    [
        ("a.xml", f"<api><link rel='keys' href='{HOST}/keys'/></api>", "api.show"),
        (
            "a.json",
            f'{{"api": {{"links": [{{"rel": "keys", "href": "{HOST}/keys"}}]}}}}',
            "api.show",
        ),
        ("r.xml", f"{INSTANCE}<command>ls</command></instance>", "instances.run"),
        (
            "r.json",
            f'{{"instance": {{"href": "{HOST}/instances/i1", "command": "ls"}}}}',
            "instances.run",
        ),
        ("i.xml", f"{INSTANCE}</instance>", "instances.show"),
    ],
)
def test_a_document_is_of_the_endpoint_that_its_links_lead_to(
    name: str, content: str, operation: str, tmp_path: Path
) -> None:
    [x] = read(written(tmp_path, name, content.encode()))
    assert (x.base, x.operation and x.operation.id) == (HOST, operation)


def test_a_namespace_is_told_and_the_rest_judged(tmp_path: Path) -> None:
    content = f"<dc:realm xmlns:dc='urn:x' href='{HOST}/realms/us' id='us'><dc:name/></dc:realm>"
    [x] = read(written(tmp_path, "realm.xml", content.encode()))
    wrong = {j.requirement for _, j in judge(x) if not j.ok}
    assert (x.namespace, x.operation and x.operation.id) == ("urn:x", "realms.show")
    assert "DC-DOC-004" in wrong
    assert "DC-DOC-003" not in wrong
