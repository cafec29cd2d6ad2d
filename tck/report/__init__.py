"""From what a run examined to a verdict, and to every form of report."""
