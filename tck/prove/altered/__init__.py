"""The reference server with changes: what faults and variants are built from.

`layer` puts a WSGI application around the server and calls the changes at the right moment
(`change` says which moments there are). The other modules make changes, by what they act on:
`requests`, `drivers` (what the server does and knows, in every format), `http` (status, header
fields, bytes), `xml` and `json` (documents), `wire` (bytes on the socket).

Builders of these modules take first `where`, the operations that are concerned, then a text that
says what the server does (unless the builder makes one of its values), and last the function that
does it, so that a function can be decorated with any of them (`Alterations.does`).
"""
