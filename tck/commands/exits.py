"""Exit codes of the command line (fixed: people script against them)."""

CONFORMANT = 0
NOT_CONFORMANT = 1
USAGE = 2
TOO_LITTLE = 3
KIT_ERROR = 4
LEFT_BEHIND = 5

_LONGEST_LINE, _LONGEST_WORD = 600, 300  # characters


class UsageError(Exception):
    """Bad input; the message says what is wrong, where, and what to do."""

    def __init__(self, message: str, code: int = USAGE) -> None:
        """`code`: the exit code."""
        super().__init__(message)
        self.code = code


def one_line(text: str) -> str:
    """A message about bad input, as one line that any terminal can show."""
    from tck.endpoint.redaction import GATE, HIDDEN  # noqa: PLC0415 - only if something is wrong

    clean = GATE.text(text)
    if clean == HIDDEN:  # a word of it may decode to too much
        shown = (word if len(word) <= _LONGEST_WORD else HIDDEN for word in text.split())
        clean = GATE.text(" ".join(shown))
    line = " ".join(clean.split())  # cut later: a cut may not fall into a secret
    line = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in line)
    return line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]}..."
