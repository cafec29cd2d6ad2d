"""Vectors for the tests of clients, in no language: requests, responses with values, workflows.

They are made of the formal description and of what the reference server answers to a fixed course
of requests; docs/vectors.md says how to use them.
"""
