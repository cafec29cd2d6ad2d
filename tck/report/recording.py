"""A recording: what went between a client and a server, redacted, in a file for `validate`.

Credentials that a client sent are known only once it has sent them. They are hidden wherever else
they stand from then on, in what this process writes and prints.
"""

from __future__ import annotations

import json
from collections import Counter
from functools import cached_property
from io import FileIO
from pathlib import Path

from tck.endpoint import disk
from tck.endpoint.exchange import Exchange
from tck.endpoint.redaction import Redactor
from tck.report import har
from tck.report.kept import kept_exchange

SUFFIXES = (".jsonl", ".har")
_HEAD = 16_000  # characters of the URL and of the header fields of an exchange, each
_BODY = 1 << 20  # bytes
_MOST = 1 << 30  # bytes of the whole recording


class Recording:
    """Exchanges, written as they happen: as JSON Lines, or as HAR if the path ends so.

    `count` of the exchanges in it; `left_out`: of others, by the reason.
    """

    def __init__(self, path: Path, redactor: Redactor) -> None:
        """A file that was there is replaced. Raises Unwritable."""
        self._path = path
        is_har = path.suffix == ".har"
        self._lines = path.with_name(f".{path.name}.part") if is_har else path
        self._redactor = redactor
        self._room = _MOST
        self.count = 0
        self.left_out: Counter[str] = Counter()
        _ = self._file

    @cached_property
    def _file(self) -> FileIO:
        with disk.telling(self._path):
            return disk.create_unbuffered(self._lines)

    def observe(self, x: Exchange) -> None:
        """Write down one exchange, unless it was disturbed. Raises Unwritable."""
        if not self._redactor.keep_sent(x.request.headers, x.request.url):
            self.left_out["too many different credentials to hide them all"] += 1
            return
        if x.disturbance:
            self.left_out[x.disturbance] += 1
            return
        try:
            value = kept_exchange(x, self._redactor, body=_BODY, head=_HEAD)
        except ValueError as error:  # of a URL, which is none without what is hidden in it
            self.left_out[f"it cannot be written down: {error}"] += 1
            return
        line = json.dumps(value, ensure_ascii=True, separators=(",", ":")) + "\n"
        if len(line) > self._room:
            self.left_out["the recording is as long as it may be"] += 1
            return
        self._room -= len(line)
        self.count += 1
        with disk.telling(self._path):
            disk.append(self._file, line.encode())

    def close(self) -> None:
        """Finish the file. Raises Unwritable."""
        self._file.close()
        if self._lines != self._path:
            with disk.telling(self._path):
                try:
                    har.write(self._lines, self._path, _MOST)
                finally:
                    self._lines.unlink(missing_ok=True)

    def told(self) -> list[str]:
        """Lines for people: how much there is in it, and what is not."""
        lines = [f"recorded {self.count} exchanges in {self._path}"]
        lines += [f"not recorded: {n} ({reason})" for reason, n in self.left_out.most_common()]
        return lines
