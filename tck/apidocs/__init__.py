"""The reference of the API as a site, made of the formal description and the catalogue.

Pages are rendered with Jinja2 templates of the kit's own; docs/dependencies.md says why.
"""
