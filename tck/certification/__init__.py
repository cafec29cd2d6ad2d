"""Certification: what a vendor signs, and what a buyer verifies without trusting the vendor.

A submission is a folder: results.json (what the run found), report.html (the same for people),
transcript.jsonl (every exchange), README.md, and statement.dsse.json (who claims what, with the
digest of every file, signed). `verify` asks four questions of it, each in a module of its own:

- Did the holder of the key sign exactly this? (envelope.py, statement.py, and the digests)
- Could an honest run have produced this results.json? (examination.py)
- Does the transcript support it? (rejudging.py)
- Is the report what this kit renders from it? (submission.py)

`sign` asks the same before it signs. Nothing here knows how the run was made.
"""
