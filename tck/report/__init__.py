"""From what a run examined to a verdict, and to every form of report."""

RESULTS, PAGE, JUNIT, SUMMARY = "results.json", "report.html", "junit.xml", "summary.md"
BADGE, TRANSCRIPT, HAR = "badge.svg", "transcript.jsonl", "transcript.har"
FILES = (RESULTS, JUNIT, PAGE, SUMMARY, BADGE, TRANSCRIPT, HAR)
"""Names of the files in the folder of a report."""
