"""The reference server with changes: what faults and variants are built from."""
