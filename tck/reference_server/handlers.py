"""From an operation to the driver's method, and from its result to a response.

Most operations are served by the handler of their name (`_BY_NAME`) or by `_act`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tck.reference_server import answers, blob_handlers
from tck.reference_server.call import Call
from tck.reference_server.errors import NotFoundError
from tck.reference_server.http.parameters import require_text
from tck.reference_server.http.response import Response
from tck.reference_server.representations.entry import EntryPoint
from tck.reference_server.resources import Resource
from tck.schemas.operations import API, Operation

Handler = Callable[[Call], Response]

# Methods of drivers whose name is not the capability of the operation.
METHODS = {"addresses.disassociate": "disassociate_address"}


def handler(operation: Operation) -> Handler:
    """The function that serves an operation."""
    return _SPECIAL.get(operation.id) or _BY_NAME.get(operation.name, _act)


def _method(operation: Operation) -> str:
    return METHODS.get(operation.id) or operation.capability or operation.name


# -- collections ---------------------------------------------------------------------------


def _index(call: Call) -> Response:
    resources = call.ask(_method(call.operation), call.request.parameters)
    return answers.document(call, resources).tagged()


def _show(call: Call) -> Response:
    """By the driver's method for one object, or by its index, filtered by the id."""
    method = _method(call.operation)
    index = API.collections[call.operation.collection].operations.get("index")
    if index is None or _method(index) != method:
        resource = call.ask(method, *call.ids)
    else:
        (id_,) = call.ids
        resource = next(iter(call.ask(method, {"id": id_})), None)
    if resource is None:
        raise NotFoundError
    return answers.document(call, resource).tagged()


def _create(call: Call) -> Response:
    created = call.ask(_method(call.operation), **call.arguments())
    collection = call.operation.collection
    if isinstance(created, Resource):
        location = answers.location(call, collection, created.id)
        return answers.document(call, created, headers=location)
    # Several at once (feature instance_count, A36): a list, and no single Location.
    return answers.document(call, created, collection)


def _destroy(call: Call) -> Response:
    call.ask(_method(call.operation), *call.ids)
    return answers.empty(call)


def _act(call: Call) -> Response:
    result = call.ask(_method(call.operation), *call.ids, **call.arguments())
    if call.operation.document == "empty":
        return answers.empty(call)
    return answers.document(call, result)


def _act_on_instance(call: Call) -> Response:
    """Start, stop, reboot: one JSON document for two kinds of clients (stance 19)."""
    return answers.document(call, call.ask(_method(call.operation), *call.ids), "acted_instance")


# -- the server's own ----------------------------------------------------------------------


def _entry_point(call: Call) -> Response:
    return answers.document(call, EntryPoint(API.version)).tagged()


def _switch(call: Call) -> Response:
    """A form of the pages: redirects to the entry point with another driver or provider."""
    driver, provider = (call.request.form.fields.get(name) for name in ("driver", "provider"))
    require_text(f"{driver}{provider}")
    url = call.site.url()
    if driver:
        url = call.site.switched(driver=driver)
    elif provider and provider != "default":
        url = call.site.switched(driver=_referring_driver(call), provider=provider)
    return Response(call.operation.success[0], [("Location", url)])


def _referring_driver(call: Call) -> str | None:
    """The driver in the matrix parameters of the page that the form was on."""
    _, _, rest = (call.request.header("REFERER") or "").partition(";driver=")
    return rest.partition(";")[0].partition("/")[0].partition("?")[0] or None


def _drivers(call: Call) -> Response:
    return answers.document(call, call.known_drivers()).tagged()


def _driver(call: Call) -> Response:
    (id_,) = call.ids
    shape = next((shape for shape in call.known_drivers() if shape.id == id_), None)
    if shape is None:
        raise NotFoundError
    return answers.document(call, shape).tagged()


def _states(call: Call) -> Response:
    return answers.document(call, call.driver.shape.machine).tagged()


def _docs(call: Call) -> Response:
    """Pages from operations.toml: of all collections, of one, of an operation (T135)."""
    operations: list[Operation] = []
    title = "Documentation"
    if call.ids:
        collection = API.collections.get(call.ids[0])
        if collection is None:
            raise NotFoundError
        if len(call.ids) == 1:
            operations = list(collection.operations.values())
            title = collection.name.replace("_", " ").capitalize()
        elif (operation := collection.operations.get(call.ids[1])) is None:
            raise NotFoundError
        else:
            operations, title = [operation], operation.summary
    return answers.documentation(call, operations, title).tagged()


_BY_NAME: Mapping[str, Handler] = {
    "index": _index,
    "show": _show,
    "create": _create,
    "destroy": _destroy,
}

_SPECIAL: Mapping[str, Handler] = {
    "api.show": _entry_point,
    "api.switch": _switch,
    "api.docs": _docs,
    "api.docs_of_collection": _docs,
    "api.docs_of_operation": _docs,
    "drivers.index": _drivers,
    "drivers.show": _driver,
    "instance_states.index": _states,
    "instances.start": _act_on_instance,
    "instances.stop": _act_on_instance,
    "instances.reboot": _act_on_instance,
    **blob_handlers.HANDLERS,
}
