"""What checks share: requests, judgements, resources of a run, and generated values."""
