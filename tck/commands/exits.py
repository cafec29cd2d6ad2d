"""Exit codes of the command line (fixed: people script against them)."""

CONFORMANT = 0
NOT_CONFORMANT = 1
USAGE = 2
TOO_LITTLE = 3
KIT_ERROR = 4
LEFT_BEHIND = 5

_LONGEST_LINE = 600  # characters


class UsageError(Exception):
    """Bad input; the message says what is wrong, where, and what to do."""

    def __init__(self, message: str, code: int = USAGE) -> None:
        """`code`: the exit code."""
        super().__init__(message)
        self.code = code


def one_line(text: str) -> str:
    """A message about bad input, as one line that any terminal can show."""
    from tck.endpoint.redaction import GATE  # noqa: PLC0415 - only where something is wrong
    from tck.report.wording import visible  # noqa: PLC0415

    line = visible(" ".join(GATE.text(text).split()))  # a cut may not fall into a secret
    return line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]}..."
