"""A careful client: launches an instance, stops and destroys it, makes a key and removes it.

python examples/clients/careful.py URL        (user and password from the environment)

It finds its way by what the endpoint tells, takes answers as HTTP means them, and says by its exit
code whether it could do its work. `deltacloud-tck client --scenario all -- python
examples/clients/careful.py {url}` shows that it is right.
"""

from __future__ import annotations

import base64
import http.client
import os
import sys
import time
import urllib.parse
import uuid
import xml.etree.ElementTree as ET
from dataclasses import dataclass

TRIES, DEADLINE, INTERVAL = 4, 15.0, 0.6


class Refused(Exception):
    """The endpoint does not do what was asked for."""


class Lost(Exception):
    """No answer came to a request that may have been done."""


@dataclass
class Answer:
    """What came back; names of header fields in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def xml(self) -> ET.Element:
        """The document."""
        return ET.fromstring(self.body)


class Cloud:
    """Requests to one endpoint."""

    def __init__(self, url: str, user: str, password: str) -> None:
        """`url`: of the entry point; credentials are sent to its origin only."""
        self.url = url
        pair = base64.b64encode(f"{user}:{password}".encode()).decode()
        self._authorization = f"Basic {pair}"

    def get(self, url: str) -> Answer:
        """Read, also where that has moved. Raises Refused."""
        answer = self._ask("GET", url)
        for _ in range(3):
            if answer.status not in (301, 302, 303, 307, 308):
                break
            url = urllib.parse.urljoin(url, answer.headers["location"])
            answer = self._ask("GET", url)
        if answer.status != 200:
            raise Refused(f"GET {url}: {answer.status}")
        return answer

    def post(self, url: str, form: dict[str, str] | None = None) -> Answer:
        """Send a form. Raises Lost, Refused."""
        return self._ask("POST", url, urllib.parse.urlencode(form or {}).encode())

    def delete(self, url: str) -> Answer:
        """Remove. Raises Lost, Refused."""
        return self._ask("DELETE", url)

    def _ask(self, method: str, url: str, body: bytes | None = None) -> Answer:
        """One answer: what was busy is asked again when it says so, and a lost read at once."""
        for _ in range(TRIES):
            try:
                answer = self._once(method, url, body)
            except (OSError, http.client.HTTPException) as error:
                if method != "GET":
                    raise Lost(f"{method} {url}") from error
                continue
            if answer.status not in (429, 503):
                return answer
            time.sleep(min(float(answer.headers.get("retry-after", "1")), 10) + 0.05)
        raise Refused(f"{method} {url}: no answer")

    def _once(self, method: str, url: str, body: bytes | None) -> Answer:
        parts = urllib.parse.urlsplit(url)
        headers = {"Accept": "application/xml", "User-Agent": "careful/1.0"}
        own = urllib.parse.urlsplit(self.url)
        if (parts.scheme, parts.netloc) == (own.scheme, own.netloc):
            headers["Authorization"] = self._authorization
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = http.client.HTTPConnection(parts.netloc, timeout=20)
        try:
            target = parts.path + ("?" + parts.query if parts.query else "")
            connection.request(method, target, body, headers)
            response = connection.getresponse()
            fields = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, fields, response.read())
        finally:
            connection.close()


def hrefs(document: ET.Element, tag: str) -> dict[str, str]:
    """id: href of the members of a list."""
    return {str(e.get("id")): str(e.get("href")) for e in document.iterfind(tag)}


def actions(member: ET.Element) -> dict[str, tuple[str, str]]:
    """Method and URL of what can be done with an object, by rel."""
    links = member.iterfind("actions/link")
    return {str(e.get("rel")): (str(e.get("method")), str(e.get("href"))) for e in links}


class Work:
    """What this client does, after it has read the entry point."""

    def __init__(self, cloud: Cloud) -> None:
        """Raises Refused."""
        self.cloud = cloud
        entry = cloud.get(cloud.url).xml
        self.links = {str(e.get("rel")): str(e.get("href")) for e in entry.iterfind("link")}
        self.features = {
            f"{e.get('rel')}.{f.get('name')}"
            for e in entry.iterfind("link")
            for f in e.iterfind("feature")
        }

    def create(self, collection: str, tag: str, form: dict[str, str]) -> str:
        """Href of a new object; if the answer is lost, what is new on the list is it."""
        url = self.links[collection]
        before = hrefs(self.cloud.get(url).xml, tag)
        for _ in range(2):
            try:
                answer = self.cloud.post(url, form)
            except Lost:
                after = hrefs(self.cloud.get(url).xml, tag)
                new = [href for id_, href in after.items() if id_ not in before]
                if new:
                    return new[0]
                continue
            if answer.status not in (200, 201):
                raise Refused(f"creating in {collection}: {answer.status}")
            return urllib.parse.urljoin(url, answer.headers["location"])
        raise Refused(f"creating in {collection}: no answer")

    def act(self, href: str, rel: str) -> None:
        """Ask for an action as soon as the object offers it."""
        until = time.monotonic() + DEADLINE
        while time.monotonic() < until:
            offered = actions(self.cloud.get(href).xml)
            if rel in offered:
                method, url = offered[rel]
                answer = self.cloud.delete(url) if method == "delete" else self.cloud.post(url)
                if answer.status in (301, 302, 303):
                    self.cloud.get(urllib.parse.urljoin(url, answer.headers["location"]))
                    return
                if answer.status < 300:
                    return
            time.sleep(INTERVAL)
        raise Refused(f"{rel} of {href} was never possible")

    def instance(self) -> None:
        """Launch, stop and destroy."""
        images = hrefs(self.cloud.get(self.links["images"]).xml, "image")
        if not images:
            return
        form = {"image_id": next(iter(images))}
        if "instances.user_name" in self.features:
            form["name"] = f"careful-{uuid.uuid4().hex[:8]}"
        href = self.create("instances", "instance", form)
        if "destroy" not in actions(self.cloud.get(href).xml):
            self.act(href, "stop")
        self.act(href, "destroy")

    def key(self) -> None:
        """Make one and remove it."""
        href = self.create("keys", "key", {"name": f"careful-{uuid.uuid4().hex[:8]}"})
        self.act(href, "destroy")


def main() -> int:
    """Do the work; the exit code."""
    user, password = os.environ["DELTACLOUD_USER"], os.environ["DELTACLOUD_PASSWORD"]
    try:
        work = Work(Cloud(sys.argv[1], user, password))
        if "realms" in work.links:
            realms = hrefs(work.cloud.get(work.links["realms"]).xml, "realm")
            print(f"{len(realms)} realms")
        if {"images", "instances"} <= work.links.keys():
            work.instance()
            print("an instance was launched, stopped and destroyed")
        if "keys" in work.links:
            work.key()
            print("a key was made and removed")
    except (Refused, Lost) as error:
        print(f"given up: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
