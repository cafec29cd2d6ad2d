"""The formal description of the API: operations, XSD, JSON Schema, OpenAPI."""
