"""Clients whose messages are wrong: as HTTP, as forms, or in how they show who they are."""

from __future__ import annotations

import base64

from tck.audit.disturbances import expired
from tck.prove.clients.caller import FORM, Caller
from tck.prove.clients.client import Clients

broken = Clients()
_MULTIPART = "multipart/form-data; boundary=xyz"
_PART = 'Content-Disposition: form-data; name="name"'


@broken("DC-CLI-001")
def two_hosts(c: Caller) -> None:
    """Sends two Host fields."""
    c.raw(b"GET /api HTTP/1.1\r\nHost: a.test\r\nHost: b.test\r\nConnection: close\r\n\r\n")


@broken("DC-CLI-001")
def two_lengths(c: Caller) -> None:
    """Sends Content-Length and Transfer-Encoding."""
    c.entry()
    fields = {"Transfer-Encoding": "chunked", "Content-Type": FORM}
    c.send("POST", "/addresses", body=b"0\r\n\r\n", fields=fields)


@broken("DC-CLI-001")
def blank_in_the_target(c: Caller) -> None:
    """Sends a target with a blank in it."""
    c.raw(b"GET /api/keys/my key HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n")


@broken("DC-CLI-001")
def length_is_no_number(c: Caller) -> None:
    """Says that the content is `unknown` bytes long."""
    c.entry()
    c.send("POST", "/addresses", fields={"Content-Length": "unknown"})


@broken("DC-CLI-001")
def field_with_a_blank(c: Caller) -> None:
    """Puts a blank before the colon of a field."""
    c.entry()
    c.get("/keys", fields={"X-Client ": "1"})


@broken("DC-CLI-002")
def no_host(c: Caller) -> None:
    """Speaks HTTP/1.1 and sends no Host."""
    c.get("", fields={"Host": None})


@broken("DC-CLI-003")
def accept_is_a_word(c: Caller) -> None:
    """Sends the name of a format in Accept."""
    c.get("", fields={"Accept": "xml"})


@broken("DC-CLI-003")
def weight_above_one(c: Caller) -> None:
    """Weighs formats by numbers above 1."""
    c.get("", fields={"Accept": "application/xml;q=10, application/json;q=5"})


@broken("DC-CLI-004")
def accepts_only_yaml(c: Caller) -> None:
    """Wants YAML and nothing else."""
    c.entry()
    c.get("/realms", fields={"Accept": "application/yaml"})


@broken("DC-CLI-004")
def refuses_everything(c: Caller) -> None:
    """Gives every format the weight 0."""
    c.entry()
    c.get("/realms", fields={"Accept": "application/xml;q=0, application/json;q=0"})


@broken("DC-CLI-004")
def accepts_a_type_of_its_own(c: Caller) -> None:
    """Wants a media type that the API never had."""
    c.get("", fields={"Accept": "application/vnd.deltacloud+json"})


@broken("DC-CLI-005")
def format_by_media_type(c: Caller) -> None:
    """Sends a media type in `format`."""
    c.entry()
    c.get("/realms?format=application/json")


@broken("DC-CLI-006")
def json_body(c: Caller) -> None:
    """Sends parameters as JSON."""
    c.entry()
    c.send("POST", "/keys", body=b'{"name": "k"}', fields={"Content-Type": "application/json"})


@broken("DC-CLI-006")
def xml_body(c: Caller) -> None:
    """Sends the new object as XML."""
    c.entry()
    body = b"<instance><image_id>img1</image_id></instance>"
    c.send("POST", "/instances", body=body, fields={"Content-Type": "application/xml"})


@broken("DC-CLI-006")
def form_without_a_type(c: Caller) -> None:
    """Sends a form without Content-Type."""
    c.entry()
    c.send("POST", "/keys", body=b"name=k")


@broken("DC-CLI-007")
def form_in_latin_1(c: Caller) -> None:
    """Escapes Latin-1 instead of UTF-8."""
    c.entry()
    c.send("POST", "/keys", body=b"name=caf%E9", fields={"Content-Type": FORM})


@broken("DC-CLI-007")
def percent_not_escaped(c: Caller) -> None:
    """Sends a percent sign as it is."""
    c.entry()
    c.send("POST", "/keys", body=b"name=100%", fields={"Content-Type": FORM})


@broken("DC-CLI-007")
def other_charset(c: Caller) -> None:
    """Sends a form in a charset of its own."""
    c.entry()
    fields = {"Content-Type": f"{FORM}; charset=ISO-8859-1"}
    c.send("POST", "/keys", body="name=café".encode("latin-1"), fields=fields)


@broken("DC-CLI-008", "DC-CLI-019")
def no_boundary(c: Caller) -> None:
    """Says multipart and no boundary."""
    c.entry()
    body = f"--xyz\r\n{_PART}\r\n\r\nk\r\n--xyz--\r\n".encode()
    c.send("POST", "/keys", body=body, fields={"Content-Type": "multipart/form-data"})


@broken("DC-CLI-008", "DC-CLI-019")
def no_last_boundary(c: Caller) -> None:
    """Does not end the last part."""
    c.entry()
    body = f"--xyz\r\n{_PART}\r\n\r\nk\r\n".encode()
    c.send("POST", "/keys", body=body, fields={"Content-Type": _MULTIPART})


@broken("DC-CLI-009")
def get_with_content(c: Caller) -> None:
    """Sends filters in the content of a GET."""
    c.entry()
    c.send("GET", "/images", body=b"architecture=i386", fields={"Content-Type": FORM})


@broken("DC-CLI-001")
def fragment_is_sent(c: Caller) -> None:
    """Sends the fragment of a URL."""
    c.entry()
    c.send("GET", "/images#first")


@broken("DC-CLI-010")
def raw_characters(c: Caller) -> None:
    """Sends a name in UTF-8, without escapes."""
    c.entry()
    c.get("/keys?id=schlüssel")


@broken("DC-CLI-011")
def expects_without_content(c: Caller) -> None:
    """Waits for 100 Continue before it sends nothing."""
    c.entry()
    c.send("POST", "/addresses", fields={"Expect": "100-continue"})


@broken("DC-CLI-012")
def tag_without_quotes(c: Caller) -> None:
    """Takes the quotes from an entity-tag."""
    tag = c.entry().headers.get("ETag", "").strip('"')
    c.get("", fields={"If-None-Match": tag})


@broken("DC-CLI-012")
def date_in_iso_form(c: Caller) -> None:
    """Sends If-Modified-Since in the form of ISO 8601."""
    c.get("", fields={"If-Modified-Since": "2026-11-28T10:00:00Z"})


@broken("DC-CLI-013")
def range_without_a_hyphen(c: Caller) -> None:
    """Asks for `bytes=100`."""
    c.entry()
    c.get("/buckets/bucket1/blob1/content", fields={"Range": "bytes=100"})


@broken("DC-CLI-014", "DC-CLI-019")
def method_in_the_query(c: Caller) -> None:
    """Overrides the method in the query."""
    c.entry()
    c.post("/keys?_method=delete")


@broken("DC-CLI-015")
def path_in_latin_1(c: Caller) -> None:
    """Escapes an id as Latin-1."""
    c.entry()
    c.get("/keys/caf%E9")


# ---------------------------------------------------------------- credentials


@broken("DC-CLI-031")
def user_before_the_host(c: Caller) -> None:
    """Sends user and password in the Host field, as they stood in its URL."""
    c.entry()
    host = c.url.split("/")[2]
    c.get("/keys", fields={"Referer": f"http://mockuser:mockpassword@{host}/api"})


@broken("DC-CLI-031")
def password_in_the_query(c: Caller) -> None:
    """Sends its credentials in the query."""
    c.entry()
    c.get("/keys?user=mockuser&password=mockpassword")


@broken("DC-CLI-031")
def password_in_matrix_parameters(c: Caller) -> None:
    """Sends its password in a matrix parameter."""
    c.entry()
    c.get(";password=mockpassword/keys")


@broken("DC-CLI-032")
def not_base64(c: Caller) -> None:
    """Sends user and password without base64."""
    c.entry()
    c.get("/keys", fields={"Authorization": "Basic mockuser:mockpassword"})


@broken("DC-CLI-032")
def only_the_user(c: Caller) -> None:
    """Sends the user alone."""
    c.entry()
    pair = base64.b64encode(b"mockuser").decode()
    c.get("/keys", fields={"Authorization": f"Basic {pair}"})


@broken("DC-CLI-033", elsewhere=True)
def credentials_follow_a_redirect(c: Caller) -> None:
    """Follows a redirect to another origin, with its credentials."""
    c.entry()
    c.get("/realms")
    c.get("/realms", at=c.others["elsewhere"])


@broken("DC-CLI-034")
def bearer(c: Caller) -> None:
    """Sends a bearer token."""
    c.entry()
    c.get("/keys", fields={"Authorization": "Bearer abcdef"})


@broken("DC-CLI-034")
def digest_unasked(c: Caller) -> None:
    """Sends Digest credentials, which nobody asked for."""
    c.entry()
    c.get("/keys", fields={"Authorization": 'Digest username="mockuser", response="0"'})


@broken("DC-CLI-035")
def insists_on_a_wrong_password(c: Caller) -> None:
    """Tries the same wrong password again and again."""
    c.password = "guess"
    c.get("", auth=False)
    for _ in range(4):
        c.get("/keys")


@broken("DC-CLI-035", layer=expired)
def does_not_see_that_credentials_expired(c: Caller) -> None:
    """Goes on with credentials that have expired."""
    c.entry()
    for _ in range(8):
        c.get("/instances")
