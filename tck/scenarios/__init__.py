"""Running a client against servers that differ, and between which and it something goes wrong."""
