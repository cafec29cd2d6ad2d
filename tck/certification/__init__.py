"""Certification: what the levels demand, what a vendor signs, and what a buyer checks.

Everything here works on results.json, the form in which a run is handed on, and on plain values;
it knows nothing of how the run was made.
"""
