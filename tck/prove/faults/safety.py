"""Methods and paths: GET that changes, paths that mean what they should not."""

from __future__ import annotations

from tck.prove.altered import http, requests, xml
from tck.prove.altered.change import Change, in_document, in_request
from tck.prove.altered.messages import Answer, Asked
from tck.prove.faults.fault import Faults


def _take_for(old: str, new: str) -> Change:
    """Treat requests with one method as if they had another."""

    def act(asked: Asked) -> None:
        if asked.method == old:
            asked.environ["REQUEST_METHOD"] = new

    return in_request("*", f"takes {old} for {new}", act)


def _unknown_path(where: str, status: int) -> Change:
    """Answer with a status where the path is not one of the API."""

    def act(asked: Asked, answer: Answer) -> None:
        if not asked.operation and answer.status == 404:
            answer.replace(status, "Hello")

    return in_document(where, f"answers {status} on unknown paths", act)


fault = Faults()


@fault.does("DC-HTTP-045", in_document, "*.index *.show")
def document_never_the_same(asked: Asked, answer: Answer) -> None:
    """Changes the document with every answer."""
    asked.memory["read"] = asked.memory.get("read", 0) + 1
    if answer.format == "xml":
        answer.body = answer.body.replace(b"</name>", b" %d</name>" % asked.memory["read"])


@fault.does("DC-HTTP-045", in_document, "realms.index images.index")
def list_flickers(asked: Asked, answer: Answer) -> None:
    """Leaves the last member out of every other list."""
    asked.memory["odd"] = not asked.memory.get("odd", False)
    if asked.memory["odd"]:
        xml_drop = xml.drop(asked.operation, "/*/*[last()]").document
        assert xml_drop is not None
        xml_drop(asked, answer)


@fault.does("DC-HTTP-032", in_request, "*")
def get_of_action_acts(asked: Asked) -> None:
    """Performs an action when its URL is asked for with GET."""
    if asked.method in ("GET", "HEAD") and asked.path.count("/") == 4:
        asked.environ["REQUEST_METHOD"] = "POST"


@fault.does("DC-HTTP-032", in_request, "keys.index")
def head_of_keys_creates(asked: Asked) -> None:
    """Creates a key on HEAD."""
    if asked.method != "HEAD":
        return
    asked.as_get = False
    asked.environ["REQUEST_METHOD"] = "POST"
    asked.query = {**asked.query, "name": f"made{len(asked.memory)}"}
    asked.memory[str(len(asked.memory))] = True


fault("options-deletes", "DC-HTTP-032", _take_for("OPTIONS", "DELETE"))
fault("unknown-path-200", "DC-HTTP-033", _unknown_path("* !*", 200))
fault("unknown-path-401", "DC-HTTP-033", _unknown_path("!*", 401))
fault("unknown-path-500", "DC-HTTP-033", _unknown_path("!*", 500))
fault("put-taken-for-get", "DC-HTTP-034", _take_for("PUT", "GET"))
fault("patch-taken-for-get", "DC-HTTP-034", _take_for("PATCH", "GET"))


@fault.does("DC-HTTP-034", in_document, "!*")
def method_not_offered_500(_asked: Asked, answer: Answer) -> None:
    """Answers 500 to methods that the path does not have."""
    if answer.status == 405:
        answer.replace(500)


@fault.does("DC-HTTP-034", in_document, "!*")
def method_not_offered_400(_asked: Asked, answer: Answer) -> None:
    """Answers 400 to methods that the path does not have."""
    if answer.status == 405:
        answer.replace(400)


@fault.does("DC-HTTP-035", requests.divert, "*")
def empty_id_shows_first(asked: Asked) -> str | None:
    """Shows the first member when the id in the path is empty."""
    first = {"/api/realms/": "us", "/api/images/": "img1", "/api/keys/": "test-key"}
    return asked.path + first[asked.path] if asked.path in first else None


@fault.does("DC-HTTP-036", requests.reply, "*")
def entry_point_without_slash_only(asked: Asked) -> Answer | None:
    """Answers 404 at /api/, with a slash at the end."""
    return Answer(404, []) if asked.path == "/api/" else None


@fault.does("DC-HTTP-036", requests.reply, "*")
def entry_point_slash_redirects_abroad(asked: Asked) -> Answer | None:
    """Redirects /api/ to another host."""
    if asked.path != "/api/":
        return None
    return Answer(301, [("Location", "http://deltacloud.example/api")])


@fault.does("DC-HTTP-037", requests.reply, "*")
def unknown_parameters_refused(asked: Asked) -> Answer | None:
    """Refuses requests with parameters that it does not know."""
    unknown = "_" in asked.query or "tck_unknown" in asked.query
    return http.failure(400, "unknown parameter") if unknown else None


@fault.does("DC-HTTP-037", in_document, "*.index")
def unknown_parameters_filter(asked: Asked, answer: Answer) -> None:
    """Returns an empty list when a parameter is unknown."""
    if "_" in asked.query:
        answer.replace(200, f"<{asked.collection}/>", "application/xml")


@fault.does("DC-HTTP-042", requests.reply, "*")
def long_id_500(asked: Asked) -> Answer | None:
    """Answers 500 to very long ids."""
    return http.failure(500, "too long") if len(asked.path) > 255 else None


@fault.does("DC-HTTP-042", in_document, "!*")
def odd_id_500(asked: Asked, answer: Answer) -> None:
    """Answers 500 to ids with unusual characters."""
    if "%" in asked.path:
        answer.replace(500)


@fault.does("DC-HTTP-042", requests.divert, "*")
def odd_id_shows_list(asked: Asked) -> str | None:
    """Drops an id that holds %00 from the path, and so shows the list."""
    return asked.path.rpartition("/")[0] if "%00" in asked.path else None
