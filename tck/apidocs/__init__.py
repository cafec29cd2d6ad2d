"""The API reference as a static site, made from the formal description and the catalogue.

Pages are rendered with Jinja2 instead of a site generator; docs/dependencies.md says why.
"""
