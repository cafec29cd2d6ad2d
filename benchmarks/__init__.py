"""What the reference server costs, and what it stands: figures, never pass or fail."""
