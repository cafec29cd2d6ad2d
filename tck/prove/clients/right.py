"""Clients that are right, and unusual: as old libraries, scripts and careful programs are."""

from __future__ import annotations

import re

from tck.prove.clients.caller import FORM, JSON, Caller
from tck.prove.clients.client import Clients

right = Clients()
_MULTIPART = "multipart/form-data; boundary=xyz"


def _work(c: Caller) -> None:
    """What any client does: look around, launch, look, stop, destroy."""
    c.entry()
    c.get("/images")
    c.get("/realms")
    id_ = c.instance()
    c.get(f"/instances/{id_}")
    c.post(f"/instances/{id_}/stop")
    c.get(f"/instances/{id_}")
    c.delete(f"/instances/{id_}")


@right()
def xml_only(c: Caller) -> None:
    """Speaks XML and nothing else."""
    _work(c)


@right()
def json_only(c: Caller) -> None:
    """Speaks JSON and nothing else."""
    c.accept = JSON
    _work(c)


@right()
def http_1_0(c: Caller) -> None:
    """Speaks HTTP/1.0, without Host and with a connection for each request."""
    c.version, c.keeps = "1.0", False
    c.extra = {"Host": None}  # type: ignore[dict-item]
    _work(c)


@right()
def a_connection_each(c: Caller) -> None:
    """Closes every connection after one answer."""
    c.keeps = False
    _work(c)


@right()
def old_library(c: Caller) -> None:
    """Sends what libraries of 2010 sent in Accept, with weights that are no weights today."""
    c.accept = "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"
    c.extra = {"User-Agent": "Java/1.6.0_20", "Connection": "keep-alive"}
    c.entry()
    c.accept = "*/*; q=0.5, application/xml"
    _work(c)


@right()
def no_accept(c: Caller) -> None:
    """Sends no Accept at all."""
    c.accept = None
    _work(c)


@right()
def format_in_the_query(c: Caller) -> None:
    """Chooses the format in the query, and accepts what a browser does."""
    c.accept = "text/html,application/xhtml+xml,*/*;q=0.8"
    c.get("?format=xml")
    c.get("/images?format=json")
    c.post("/keys?format=xml", {"name": "k"})
    c.delete("/keys/k?format=xml")


@right()
def parameters_in_the_query(c: Caller) -> None:
    """Sends the parameters of a POST in the query, as the official Ruby client does."""
    c.entry()
    c.post("/keys?name=k")
    c.send("POST", "/instances", query={"image_id": "img1", "password": "secret1"})
    c.post("/firewalls/default/rules?protocol=tcp&port_from=1&port_to=2&ip_address1=10.0.0.0%2F8")


@right()
def parameters_in_two_places(c: Caller) -> None:
    """Sends some parameters in the query and others in the form."""
    c.entry()
    c.post("/instances?image_id=img1", {"realm_id": "us", "name": "i"})


@right()
def odd_content_types(c: Caller) -> None:
    """Sends a Content-Type with everything, and content with nothing."""
    c.extra = {"Content-Type": JSON}
    c.entry()
    c.get("/keys")
    c.post("/keys?name=k")
    c.delete("/keys/k")


@right()
def charset_behind_the_form(c: Caller) -> None:
    """Says that its form is UTF-8, as Java clients do, and means it."""
    c.entry()
    body = b"name=schl%C3%BCssel+1"
    c.send("POST", "/keys", body=body, fields={"Content-Type": f"{FORM}; charset=UTF-8"})


@right()
def blanks_in_the_form(c: Caller) -> None:
    """Has a blank after each `&`, as a printed command line does."""
    c.entry()
    c.send("POST", "/storage_volumes", body=b"capacity=2& name=v", fields={"Content-Type": FORM})


@right()
def multipart_forms(c: Caller) -> None:
    """Sends every form as multipart."""
    c.entry()
    part = 'Content-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
    parts = [part.format("image_id", "img1"), part.format("name", "i")]
    body = "".join(f"--xyz\r\n{p}" for p in parts) + "--xyz--\r\n"
    c.send("POST", "/instances", body=body.encode(), fields={"Content-Type": _MULTIPART})
    file = 'Content-Disposition: form-data; name="blob_data"; filename="a"\r\n\r\n\0\1\r\n'
    meta = [("meta_params", "1"), ("meta_name1", "a"), ("meta_value1", "b"), ("blob_id", "b")]
    body = "".join(f"--xyz\r\n{part.format(*pair)}" for pair in meta) + f"--xyz\r\n{file}--xyz--"
    c.send("POST", "/buckets/bucket1", body=body.encode(), fields={"Content-Type": _MULTIPART})


@right()
def method_override(c: Caller) -> None:
    """Deletes by a form with `_method`."""
    c.entry()
    c.post("/keys", {"name": "k"})
    c.post("/keys/k", {"_method": "delete"})


@right()
def matrix_parameters(c: Caller) -> None:
    """Selects the driver in matrix parameters, and posts to links that have some."""
    c.get(";driver=mock")
    c.get(";driver=mock/images")
    c.entry()
    c.post("/instances;image_id=img1", {"image_id": "img1"})


@right()
def other_driver(c: Caller) -> None:
    """Selects a driver by a field, reads its entry point, and uses what that lists."""
    c.extra = {"X-Deltacloud-Driver": "ec2"}
    c.entry()
    c.get("/load_balancers")


@right()
def polls_by_head(c: Caller) -> None:
    """Waits for something by HEAD."""
    c.entry()
    for _ in range(40):
        c.send("HEAD", "/instances")


@right()
def polls_twice_a_second(c: Caller) -> None:
    """Waits for a state for a minute, twice a second."""
    c.entry()
    for _ in range(120):
        c.get("/instances/inst0")
        c.wait(0.51)


@right()
def sends_cookies_back(c: Caller) -> None:
    """Keeps cookies and sends them back, whoever set them."""
    c.extra = {"Cookie": "rack.session=abc; JSESSIONID=1"}
    _work(c)


@right()
def conditional(c: Caller) -> None:
    """Asks only for what has changed, with the tags and dates that it was given."""
    tag = c.entry().headers.get("ETag", '"x"')
    c.get("", fields={"If-None-Match": tag})
    c.get("", fields={"If-None-Match": f'W/"other", {tag}'})
    c.get("/keys", fields={"If-Modified-Since": "Sat, 28 Nov 2026 10:00:00 GMT"})
    c.get("/keys", fields={"If-Modified-Since": "Saturday, 28-Nov-26 10:00:00 GMT"})
    c.get("/buckets/bucket1/blob1/content", fields={"Range": "bytes=0-0,-1"})


@right()
def curl_session(c: Caller) -> None:
    """Is a person with curl: several connections, the same question again, a typo in an id."""
    c.keeps, c.accept = False, "*/*"
    c.entry()
    c.get("/keys", auth=False)
    c.get("/keys", fields={"Accept": "application/xml"})
    c.get("/instances/inst99")
    c.get("/instances/inst0?format=xml")
    c.send("OPTIONS", "/instances")
    c.get("/docs/instances")


@right()
def asks_without_credentials_first(c: Caller) -> None:
    """Shows its credentials only when it is asked for them, as HTTP libraries do."""
    c.entry()
    for path in ("/keys", "/images", "/instances"):
        c.get(path, auth=False)
        c.get(path)


@right()
def checks_credentials(c: Caller) -> None:
    """Asks for a check of its credentials, and gives up when they are wrong."""
    c.password = "wrong"
    c.get("?force_auth=true")
    c.get("/keys")


@right()
def script_in_a_page(c: Caller) -> None:
    """Adds a number to every GET so that nothing is taken from a cache."""
    c.get("?_=1")
    c.get("/instances?_=2")
    c.get("/instances?_=3&state=RUNNING")


@right()
def filters(c: Caller) -> None:
    """Uses every filter that there is."""
    c.entry()
    c.get("/images?id=img1")
    c.get("/images?architecture=i386&owner_id=self")
    c.get("/hardware_profiles?architecture=x86_64")
    c.get("/instances?state=RUNNING&realm_id=us")


@right()
def sizes_within_the_profile(c: Caller) -> None:
    """Chooses sizes at the edges of the profile, in any spelling of the number."""
    c.entry()
    c.get("/hardware_profiles")
    sizes = {"hwp_memory": "7680.0", "hwp_storage": "1024", "hwp_cpu": "6"}
    c.instance(hwp_id="m1-large", **sizes)
    c.instance(hwp_id="m1-small", hwp_cpu="1")


@right()
def many_sources(c: Caller) -> None:
    """Adds rules with several sources, also without a number, and all protocols."""
    c.entry()
    rule = {"protocol": "TCP", "port_from": "-1", "port_to": "-1"}
    c.post("/firewalls/default/rules", {**rule, "ip-address": "10.0.0.0/8"})
    more = {"ip_address1": "10.1.0.1", "ip_address2": "::/0", "group1": "default"}
    c.post("/firewalls/default/rules", {**rule, **more, "group1owner": "mockuser"})


@right()
def blobs_by_put(c: Caller) -> None:
    """Stores a blob by PUT, changes its metadata, reads and removes it."""
    c.entry()
    c.get("/buckets/bucket1")
    meta = {"X-Deltacloud-Blobmeta-Colour": "red", "Expect": "100-continue"}
    c.send("PUT", "/buckets/bucket1/new%20blob", body=b"hello", fields=meta)
    c.send("HEAD", "/buckets/bucket1/new%20blob")
    c.post("/buckets/bucket1/new%20blob", fields={"X-Deltacloud-Blobmeta-Colour": "blue"})
    c.get("/buckets/bucket1/new%20blob/content")
    c.delete("/buckets/bucket1/new%20blob")


@right()
def unicode_ids(c: Caller) -> None:
    """Names things in any script."""
    c.entry()
    c.post("/keys", {"name": "clé-ключ-鍵"})
    c.get("/keys/cl%C3%A9-%D0%BA%D0%BB%D1%8E%D1%87-%E9%8D%B5")


@right()
def reboots_twice(c: Caller) -> None:
    """Reboots again without a look: it makes sense twice."""
    c.entry()
    id_ = c.instance()
    c.post(f"/instances/{id_}/reboot")
    c.post(f"/instances/{id_}/reboot")


@right()
def several_of_a_kind(c: Caller) -> None:
    """Launches the same three times, because it wants three."""
    c.entry()
    for _ in range(3):
        c.instance()


@right()
def names_an_action_and_waits(c: Caller) -> None:
    """Creates, destroys, and creates again under the same name."""
    c.entry()
    for _ in range(2):
        c.post("/keys", {"name": "k"})
        c.delete("/keys/k")
        c.get("/keys/k")
    c.post("/buckets", {"name": "b"})
    c.delete("/buckets/b")
    c.post("/buckets", {"name": "b"})
    c.send("PUT", "/buckets/b/x", body=b"x")


@right(persona="mock")
def probes_what_is_there(c: Caller) -> None:
    """Looks at the entry point and asks only for what is listed."""
    for rel in re.findall(r'rel="(\w+)" href', c.entry().body):
        c.get(f"/{rel}")
