"""What Schemathesis loads: how links find ids in XML and HTML.

It runs in the environment of `make fuzz-server`, which has no other package of this project.
"""

from xml.etree import ElementTree  # of a server that we trust

import schemathesis


@schemathesis.deserializer("application/xml")
def _xml(_context, response):
    """Attributes and children by name as in JSON, where elements with a plural are lists."""
    root = ElementTree.fromstring(response.content)
    return {root.tag: _value(root)}


def _value(element):
    if element.tag.endswith("s") and element.tag != "address":
        return [_value(child) for child in element]
    return {**element.attrib, **{child.tag: _value(child) for child in element}}


@schemathesis.deserializer("text/html", "text/plain")
def _page(_context, _response):
    return {}
