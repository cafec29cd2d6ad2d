"""Keys: their documents and their life."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tck.prove.altered import drivers, http, json, requests, xml
from tck.prove.altered.change import Change
from tck.prove.altered.drivers import around, do_nothing
from tck.prove.altered.messages import Answer, Asked
from tck.prove.faults.fault import Faults
from tck.reference_server.resources import Key

_PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----"

fault = Faults()

fault("key-without-name", "DC-KEY-014", xml.drop("keys.*", "//key/name"))
fault("key-without-type", "DC-KEY-001 DC-KEY-003 DC-DOC-016", xml.drop("keys.*", "//key/@type"))
fault("json-key-type-misnamed", "DC-KEY-002", json.rename("keys.*", "credential_type", "type"))
fault("json-key-without-state", "DC-KEY-002", json.drop("keys.*", "state"))
fault("json-key-pem-misnamed", "DC-KEY-006", json.rename("keys.*", "pem_rsa_key", "pem"))
fault("key-type-ssh", "DC-KEY-003", xml.put("keys.*", "//key/@type", "ssh"))
fault(
    "json-key-type-upper-case",
    "DC-KEY-003",
    json.alter("keys.*", "writes credential_type in upper case", "credential_type", str.upper),
)
fault(
    "password-key-without-user",
    "DC-KEY-004",
    xml.drop("keys.*", "//key/username"),
    persona="gogrid",
)
fault(
    "password-key-without-password",
    "DC-KEY-004",
    xml.drop("keys.*", "//key/password"),
    persona="gogrid",
)


fault("key-forgotten", "DC-KEY-005", drivers.forget("keys.create", "create_key", Key))


@fault.does("DC-KEY-005", around, "keys.create", "create_key")
def key_named_otherwise(_driver: Any, ask: Any, caller: Any, **arguments: Any) -> Any:
    """Keeps the names of keys in upper case."""
    return ask(caller, **{**arguments, "name": arguments["name"].upper()})


fault("key-named-in-document-only", "DC-KEY-005", xml.put("keys.show", "//key/name", "key"))


@fault.does("DC-KEY-005", drivers.listed, "keys.index", "keys")
def key_not_listed(keys: list[Any]) -> list[Any]:
    """Lists only the first key."""
    return keys[:1]


fault("key-without-private-part", "DC-KEY-006", xml.drop("keys.create", "//pem"))


@fault.does("DC-KEY-006", xml.alter, "keys.create", "//pem")
def private_key_cut_short(pem: str) -> str:
    """Cuts the private key short."""
    return pem[: len(pem) // 2]


@fault.does("DC-KEY-006", xml.alter, "keys.create", "//pem")
def private_key_without_lines(pem: str) -> str:
    """Writes the private key on one line."""
    return "".join(pem.split("\n"))


fault("key-with-empty-private-part", "DC-KEY-006", xml.put("keys.create", "//pem", ""))
fault("json-key-without-private-part", "DC-KEY-006", json.put("keys.create", "pem_rsa_key", None))
fault("private-key-shown-later", "DC-KEY-007", xml.add("keys.show", "/key", f"<pem>{_PEM}</pem>"))
fault(
    "private-key-shown-in-list", "DC-KEY-007", xml.add("keys.index", "//key", f"<pem>{_PEM}</pem>")
)


def _refuse(status: int) -> Change:
    return requests.reply(
        "keys.create", f"refuses to create keys, {status}", lambda _: http.failure(status)
    )


# Other writes succeed, so it is not that the credentials may only read.
fault("keys-forbidden", "DC-KEY-005", _refuse(403))
fault("keys-unauthorized", "DC-KEY-005", _refuse(401))


@fault.does("DC-KEY-008", around, "keys.create", "create_key")
def second_key_of_a_name(driver: Any, ask: Any, caller: Any, **arguments: Any) -> Any:
    """Replaces a key when another one of the same name is created."""
    drivers.remove_stored(driver, Key, lambda k: k.id == arguments["name"])
    return ask(caller, **arguments)


fault("second-key-500", "DC-KEY-008", http.on_status("!keys.create", 403, 500))
fault("second-key-404", "DC-KEY-008", http.on_status("!keys.create", 403, 404))


@fault.does("DC-KEY-008", around, "keys.create", "create_key")
def second_key_changes_first(driver: Any, ask: Any, caller: Any, **arguments: Any) -> Any:
    """Refuses a second key of the same name, but changes the first."""

    def change(key: Key) -> Key:
        return replace(key, fingerprint="00:11") if key.id == arguments["name"] else key

    drivers.change_stored(driver, Key, change)
    return ask(caller, **arguments)


fault("key-not-destroyed", "DC-KEY-009", do_nothing("keys.destroy", "destroy_key", "keys"))


fault(
    "destroyed-key-listed",
    "DC-KEY-009",
    drivers.list_destroyed("keys.index", "keys", "destroy_key"),
)


@fault.does("DC-KEY-009", around, "keys.destroy", "destroy_key")
def all_keys_destroyed(driver: Any, ask: Any, caller: Any, id_: str) -> None:
    """Destroys other keys together with the one that was meant."""
    ask(caller, id_)
    drivers.remove_stored(driver, Key, lambda k: k.id != "test-key")


fault("key-without-action", "DC-KEY-010", xml.drop("keys.*", "//key/actions/link"))


@fault.does("DC-KEY-011", around, "keys.create", "create_key")
def import_under_another_name(_driver: Any, ask: Any, caller: Any, **arguments: Any) -> Any:
    """Gives imported keys a name of its own."""
    if arguments.get("public_key"):
        arguments["name"] = f"imported-{arguments['name']}"
    return ask(caller, **arguments)


@fault.does("DC-KEY-011", requests.reply, "keys.create")
def import_refused(asked: Asked) -> Answer | None:
    """Refuses every key that is created with a public key."""
    return http.failure(400) if "public_key" in asked.form else None


fault("key-without-fingerprint", "DC-KEY-012", xml.drop("keys.*", "//key/fingerprint"))
fault("json-key-without-pem-member", "DC-KEY-013", json.drop("keys.show", "pem_rsa_key"))
