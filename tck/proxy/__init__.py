"""A proxy before a Deltacloud endpoint: forwards unchanged, and judges both sides."""
