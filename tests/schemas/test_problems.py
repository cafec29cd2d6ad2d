"""What a problem says: where it is, which part it concerns, of what kind it is, in plain words."""

import json
import re

import pytest
from lxml import etree

from tck.schemas.documents import DOCUMENTS, Problem, json_problems, xml_problems

from .mutants import json_mutants, xml_mutants

INSTANCE = """
<instance href='http://h/api/instances/i1' id='i1'>
  <owner_id>me</owner_id>
  <image href='http://h/api/images/img1' id='img1'/>
  <realm href='http://h/api/realms/us' id='us'/>
  <state>RUNNING</state>
  <hardware_profile href='http://h/api/hardware_profiles/small' id='small'/>
  <public_addresses>
    <address type='ipv4'>10.0.0.1</address><address type='ipv4'>10.0.0.2</address>
  </public_addresses>
  <storage_volumes/>
</instance>
"""


def _instance(old: str = "", new: str = "") -> str:
    assert old in INSTANCE
    return INSTANCE.replace(old, new, 1).strip()


def _problems(text: str, document: str = "instance") -> list[Problem]:
    return xml_problems(etree.fromstring(text), document)


def test_a_right_document_has_no_problems() -> None:
    assert _problems(_instance()) == []


def test_a_missing_attribute() -> None:
    assert _problems(_instance(" type='ipv4'>10.0.0.2", ">10.0.0.2")) == [
        Problem(
            "/instance/public_addresses/address[2]",
            "instance/public_addresses/address/@type",
            "missing",
            "an attribute type of <address>: text without white space around it, not empty",
            "no such attribute",
        )
    ]


def test_a_missing_element_in_a_list() -> None:
    members = _instance() + _instance("<state>RUNNING</state>")
    assert _problems(f"<instances>{members}</instances>", "instances") == [
        Problem(
            "/instances/instance[2]",
            "instance/state",
            "missing",
            "an element <state> in <instance>",
            "no such element",
        )
    ]


def test_a_wrong_value() -> None:
    assert _problems(_instance("RUNNING", " running\n")) == [
        Problem(
            "/instance/state",
            "instance/state",
            "value",
            "a name in upper case, such as RUNNING, without white space around it",
            '" running\\n"',
        )
    ]


def test_a_wrong_value_of_an_attribute() -> None:
    assert _problems(_instance("id='us'", "id=''")) == [
        Problem(
            "/instance/realm/@id",
            "instance/realm/@id",
            "value",
            "id of <realm>: text without white space around it, not empty",
            "nothing",
        )
    ]


def test_a_repeated_element() -> None:
    assert _problems(_instance("<storage_volumes/>", "<storage_volumes/><storage_volumes/>")) == [
        Problem(
            "/instance/storage_volumes[2]",
            "instance/storage_volumes",
            "unexpected",
            "one element <storage_volumes> in <instance>",
            "another one",
        )
    ]


def test_text_between_elements() -> None:
    assert _problems(_instance("<storage_volumes/>", "<storage_volumes/> none")) == [
        Problem(
            "/instance",
            "instance",
            "unexpected",
            "elements, not text, in <instance>",
            'the text "none"',
        )
    ]


def test_an_element_within_text() -> None:
    assert _problems(_instance("RUNNING", "<b>RUNNING</b>")) == [
        Problem(
            "/instance/state",
            "instance/state",
            "unexpected",
            "text, without elements inside",
            "the element <b>",
        )
    ]


def test_a_wrong_root() -> None:
    assert _problems("<error xmlns='urn:x'/>") == [
        Problem(
            "/*",
            "instance",
            "value",
            "the root element <instance>",
            "the root element <error> of namespace urn:x",
        )
    ]


def test_the_root_is_wrong_in_its_namespace_only() -> None:
    (problem,) = _problems(_instance("<instance ", "<instance xmlns='urn:x' "))
    assert problem.got == "the root element <instance> of namespace urn:x"


def test_all_problems_of_a_document_are_found() -> None:
    text = _instance("RUNNING", "running").replace(" type", " t")
    assert [p.part for p in _problems(text)] == [
        "instance/state",
        "instance/public_addresses/address/@type",
        "instance/public_addresses/address/@type",
    ]


def test_a_document_inside_another_tree_is_judged_in_place() -> None:
    tree = etree.fromstring(f"<bundle>{_instance('RUNNING', 'running')}</bundle>")
    (problem,) = xml_problems(tree[0], "instance")
    assert (problem.place, problem.part) == ("/bundle/instance/state", "instance/state")


@pytest.mark.parametrize("inserted", ["<!-- c -->", "<?pi x?>", "<vendor><state/></vendor>"])
def test_what_the_schema_ignores(inserted: str) -> None:
    assert _problems(_instance("<state>", f"{inserted}<state>")) == []


def test_a_comment_within_a_value_is_not_part_of_it() -> None:
    assert _problems(_instance("RUNNING", "RUN<!-- n -->NING")) == []
    (problem,) = _problems(_instance("RUNNING", "RUN<!-- n -->ning"))
    assert problem.got == '"RUNning"'


def test_every_dropped_part_is_named() -> None:
    """A required part of XML, dropped, is one problem that names the part at its parent."""
    always_missing = "load_balancer/instances/instance/link/@method"  # B35
    named = set()
    for mutant in xml_mutants():
        if mutant.change != "drop" or mutant.root.tag == "dropped":
            continue
        problems = xml_problems(mutant.root, mutant.document)
        problems = [p for p in problems if p.kind == "missing" and p.part != always_missing]
        assert {p.part for p in problems} <= {mutant.part}
        for problem in problems:
            (parent,) = mutant.root.xpath(problem.place)
            assert parent.tag == re.sub(r"/@?\w+$", "", mutant.part).split("/")[-1]
            named.add(problem.part)
    assert len(named) > 150


# ----------------------------------------------------------------------------------- JSON


def _json_instance() -> dict[str, object]:
    link = {"id": "x", "href": "http://h/api/x/x"}
    return {
        **link,
        **{"name": None, "state": "RUNNING", "owner": "me", "actions": [], "storage_volumes": []},
        **{"image": link, "realm": link, "hardware_profile": link, "private_addresses": []},
        "public_addresses": [{"address": "10.0.0.1", "type": "ipv4"}],
    }


def test_a_json_instance_may_be_wrapped_bare_or_both() -> None:
    bare = _json_instance()
    for value in ({"instance": bare}, bare, {**bare, "instance": bare}):
        assert json_problems(value, "instance") == []


@pytest.mark.parametrize(
    ("wrap", "document", "place"),
    [
        ("show", "instance", "instance.public_addresses[0]"),
        ("bare", "instance", "public_addresses[0]"),
        ("list", "instances", "instances[1].public_addresses[0]"),
    ],
)
def test_a_missing_key(wrap: str, document: str, place: str) -> None:
    wrong = {**_json_instance(), "public_addresses": [{"address": "10.0.0.1"}]}
    value = {
        "show": {"instance": wrong},
        "bare": wrong,
        "list": {"instances": [_json_instance(), wrong]},
    }[wrap]
    assert json_problems(value, document) == [
        Problem(
            place,
            "instance.public_addresses[].type",
            "missing",
            'a key "type": a string without white space around it, not empty',
            "no such key",
        )
    ]


@pytest.mark.parametrize(
    ("value", "document", "place", "part", "got"),
    [
        ({"code": "404", "message": "m"}, "error", "code", "error.code", '"404"'),
        ({"code": True, "message": "m"}, "error", "code", "error.code", "true"),
        ({"code": 1.5, "message": "m"}, "error", "code", "error.code", "the number 1.5"),
        ([{"name": "start"}], "states", "[0]", "state.transitions", "no such key"),
        ([], "states", "$", "states", "an empty array"),
        ({}, "instances", "$", "instances", "no such key"),
        ({"realm": None}, "realm", "realm", "realm", "null"),
        ({"realms": {"a": 1}}, "realms", "realms", "realms", "an object with keys a"),
        ({"sbc": {"name": ""}, "a b": {}}, "drivers", '["a b"]', "driver.name", "no such key"),
        ({"instance": {}}, "run", "instance", "instance.id", "no such key"),
        ("text", "api", "$", "api", '"text"'),
    ],
)
def test_places_and_parts(value: object, document: str, place: str, part: str, got: str) -> None:
    first = json_problems(value, document)[0]
    assert (first.place, first.part, first.got) == (place, part, got)


def test_a_condition_is_judged() -> None:
    address = {"id": "a", "href": "http://h/a", "associated": False}
    assert json_problems({"address": address}, "address") == []
    (problem,) = json_problems({"address": {**address, "associated": True}}, "address")
    assert problem.part == "address.instance_id"


def test_a_line_end_after_a_value_is_seen() -> None:
    wrong = {**_json_instance(), "state": "RUNNING\n"}
    assert [p.part for p in json_problems({"instance": wrong}, "instance")] == ["instance.state"]


def test_every_dropped_key_is_named() -> None:
    named = set()
    for mutant in json_mutants():
        bare = mutant.document == "instance" and not mutant.part.startswith("instance")
        if mutant.change == "drop" and not bare:
            part = mutant.part.replace(".[]", "[]").removeprefix("run.")
            problems = json_problems(mutant.value, mutant.document)
            missing = {p.part for p in problems if p.kind == "missing"}
            assert missing <= {part}
            named |= missing
    assert len(named) > 100


@pytest.mark.parametrize("document", sorted(DOCUMENTS))
def test_garbage_is_refused_without_an_exception(document: str) -> None:
    garbage = [None, True, 0, 1.5, "", "text", [], [[]], [None], {"": {}}, {document: 7}]
    garbage += [
        {document: [7]},
        {document: [[]]},
        {"instance": "x"},
        {1: 2},
        float("nan"),
        object(),
    ]
    for value in garbage:
        problems = json_problems(value, document)
        assert problems, value
        assert all(p.expected and p.got and p.part and p.place for p in problems)


def test_a_flood_of_problems_is_cut_off() -> None:
    assert len(_problems("<images>" + "<image/>" * 5000 + "</images>", "images")) == 1000
    assert len(json_problems({"images": [{}] * 5000}, "images")) == 1000


def test_text_that_rust_cannot_hold_is_judged_all_the_same() -> None:
    assert json_problems({"code": 500, "message": "\ud800"}, "error") == []
    (problem,) = json_problems({"code": "500", "message": "\ud800"}, "error")
    assert (problem.part, problem.got) == ("error.code", '"500"')


def test_a_refusal_without_an_explanation_is_a_problem_of_the_document() -> None:
    byte_order_mark = "\ufeff"  # white space in ECMA 262, not in Python
    assert json_problems({"code": 500, "message": byte_order_mark}, "error") == [
        Problem(
            "$", "error", "value", "a document that the JSON Schema accepts", "one that it refuses"
        )
    ]


def test_deep_nesting_is_judged() -> None:
    deep = json.loads("[" * 900 + "]" * 900)
    (problem,) = json_problems({"realms": deep}, "realms")
    assert (problem.place, problem.got) == ("realms[0]", "an array of 1")
    assert json_problems({"code": 500, "message": "m", "trace": deep}, "error") == []
    inner = "<x>" * 250 + "</x>" * 250  # the parser refuses more
    assert _problems(_instance("<storage_volumes/>", f"<storage_volumes/>{inner}")) == []


def test_of_a_long_list_only_what_is_wrong_is_explained() -> None:
    """Going through all of it with jsonschema would take half a minute."""
    right = _json_instance()
    value = {"instances": [right] * 30_000 + [{**right, "state": "running"}]}
    (problem,) = json_problems(value, "instances")
    assert problem.place == "instances[30000].state"
