"""What a run creates is recorded, limited and removed."""
