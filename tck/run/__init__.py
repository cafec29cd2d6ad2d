"""One run: its options, where it is sent, what it knows, and how it takes signals."""
