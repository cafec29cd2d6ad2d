"""Where objects are kept: in memory, or in a file that survives a restart."""
