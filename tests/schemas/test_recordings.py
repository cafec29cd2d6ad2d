"""The schemas against the recorded answers of 1.1.3: they refuse its defects and nothing else."""

import json

import pytest
from lxml import etree

from tck.schemas.documents import json_problems, xml_problems

from .recorded import documents

# Every recorded document that is refused, with the part that is wrong. B15: an empty value
# of a required parameter is accepted and creates objects without an id. B35: the unregister link
# has no method. B4: realms of a balancer are labels of Ruby objects.
WRONG_XML = {
    "life.xml.create.emptyimage": "instance/image/@id",  # B15
    "life.xml.create.emptyimage.show": "instance/image/@id",  # B15
    "life.xml.create.emptyimage.stop": "instance/image/@id",  # B15
    "key.xml.create.empty": "key/@id",  # B15
    "x.load_balancers.index.xml": "load_balancer/instances/instance/link/@method",  # B35
    "x.load_balancers.show.lb1.xml": "load_balancer/instances/instance/link/@method",  # B35
    "x.lb.create.xml": "load_balancer/instances/instance/link/@method",  # B35
    "x.lb.create.badproto.xml": "load_balancer/instances/instance/link/@method",  # B35
    "x.lb.register.xml": "load_balancer/instances/instance/link/@method",  # B35
    "x.lb.unregister.xml": "load_balancer/instances/instance/link/@method",  # B35
}
# Markup characters in a name are not escaped: the document is not well-formed.
NOT_WELL_FORMED = {
    "life.xml.create.xmlchars",
    "life.xml.create.xmlchars.show",
    "life.xml.create.xmlchars.stop",
}
WRONG_JSON = {
    "life.json.create.emptyimage": "instance.image.id",  # B15
    "life.json.create.emptyimage.show": "instance.image.id",  # B15
    "life.json.create.emptyimage.stop": "instance.image.id",  # B15
    "x.load_balancers.index.json": "load_balancer.realms[]",  # B4
    "x.lb.create.json": "load_balancer.realms[]",  # B4
    "x.lb.create.badproto.json": "load_balancer.realms[]",  # B4
    "x.lb.register.json": "load_balancer.realms[]",  # B4
    "x.lb.unregister.json": "load_balancer.realms[]",  # B4
}


def test_xml_that_is_refused_has_a_known_defect() -> None:
    wrong: dict[str, str] = {}
    broken: set[str] = set()
    for recorded in documents("application/xml"):
        try:
            root = etree.fromstring(recorded.body.encode())
        except etree.XMLSyntaxError:
            broken.add(recorded.id)
            continue
        for problem in xml_problems(root, recorded.document):
            wrong[recorded.id] = problem.part
    assert wrong == WRONG_XML
    assert broken == NOT_WELL_FORMED


def test_json_that_is_refused_has_a_known_defect() -> None:
    wrong = {
        recorded.id: problem.part
        for recorded in documents("application/json")
        for problem in json_problems(json.loads(recorded.body), recorded.document)
    }
    assert wrong == WRONG_JSON


@pytest.mark.parametrize(("media", "least"), [("application/xml", 380), ("application/json", 320)])
def test_the_recordings_are_all_read(media: str, least: int) -> None:
    assert len(documents(media)) >= least
