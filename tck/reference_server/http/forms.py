"""Forms in bodies: URL-encoded and multipart, read within limits.

A client may send slowly, or send many at the same time; so what comes is put into a file once it
is more than `SMALL`, and is in memory as a whole only while one thread after the other parses it.
"""

from __future__ import annotations

import threading
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, field
from tempfile import SpooledTemporaryFile
from typing import IO, cast
from urllib.parse import unquote_to_bytes

from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.http import parse_options_header
from werkzeug.sansio import multipart

from tck.reference_server.content import Readable
from tck.reference_server.errors import TooLargeError, ValidationError

MAX_FORM = 1024 * 1024  # bytes of a form without its files
MAX_FIELDS = 1000
MAX_PARTS = 200  # of a multipart form
MAX_FILES = 8
SMALL = 64 * 1024  # bytes that are held in memory
SMALL_FILE = 16 * 1024  # the same for a file in a form
_PIECE = 16 * 1024
_MAX_PART_HEAD = 8 * 1024
MAX_TYPE = 512  # characters of a Content-Type
_MAX_BOUNDARY = 200  # bytes
_ONE = threading.Lock()  # for the one thread that may parse a large form


@dataclass(frozen=True, slots=True)
class File:
    """A file in a form, at its beginning; `media_type` is None if the client gave none."""

    stream: IO[bytes]
    media_type: str | None


@dataclass(frozen=True, slots=True)
class Form:
    """Values and files by the names of their fields; the last of repeated ones."""

    fields: dict[str, str] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)

    def new_file(self, name: str, media_type: str | None) -> IO[bytes]:
        """A new, empty file for a field."""
        if len(self.files) == MAX_FILES:
            raise TooLargeError(f"A form has at most {MAX_FILES} files.")
        stream = cast("IO[bytes]", SpooledTemporaryFile(SMALL_FILE))  # noqa: SIM115 - by `close`
        old, self.files[name] = self.files.get(name), File(stream, media_type)
        if old is not None:
            old.stream.close()
        return stream

    def close(self) -> None:
        """Close the files."""
        for file in self.files.values():
            file.stream.close()


def read(body: Readable, content_type: str, most: int | None) -> Form:
    """The form in a body; empty for other media types.

    A body without Content-Type is read as a form, as Rack does. `most` is the number of bytes of
    all files. TooLargeError, or ValidationError if it is malformed.
    """
    if len(content_type) > MAX_TYPE:
        raise ValidationError("The Content-Type is too long.")
    media_type, options = parse_options_header(content_type)
    if media_type == "multipart/form-data":
        return _read_multipart(body, options.get("boundary", "").encode(), most)
    if media_type not in ("", "application/x-www-form-urlencoded"):
        return Form()
    return Form(pairs(text(body)))


def text(body: Readable) -> str:
    """A body that is UTF-8 text of at most `MAX_FORM` bytes; errors as of `read`."""
    with SpooledTemporaryFile(SMALL) as file:
        left = MAX_FORM
        while piece := body.read(_PIECE):
            file.write(piece)
            left -= len(piece)
            if left < 0:
                raise TooLargeError
        file.seek(0)
        return _decoded(file.read())


def pairs(encoded: str) -> dict[str, str]:
    """The fields of a URL-encoded form or query; errors as of `read`."""
    if encoded.count("&") >= MAX_FIELDS:
        raise TooLargeError(f"A form or a query has at most {MAX_FIELDS} fields.")
    with _ONE if len(encoded) > SMALL else nullcontext():
        fields = (item.partition("=") for item in encoded.split("&") if item)
        # Blanks before a name are those of printed examples (C32).
        return {_unquoted(name).lstrip(" "): _unquoted(value) for name, _, value in fields}


def _unquoted(encoded: str) -> str:
    """The text of a name or a value.

    It is decoded piece by piece, because the function of the library takes eighty times as many
    bytes as it is given, and the allocator keeps them for each thread.
    """
    data = encoded.replace("+", " ").encode("utf-8", "surrogatepass")
    if b"%" not in data:
        return _decoded(data)
    pieces, start = [], 0
    while start < len(data):
        stop = start + _PIECE
        cut = data.find(b"%", stop - 2, stop)
        stop = stop if cut < 0 else cut  # an escape stays whole
        pieces.append(unquote_to_bytes(data[start:stop]))
        start = stop
    return _decoded(b"".join(pieces))


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise ValidationError("A parameter is not UTF-8 text.") from None


def _read_multipart(body: Readable, boundary: bytes, most: int | None) -> Form:
    if not 0 < len(boundary) <= _MAX_BOUNDARY:
        raise ValidationError("The multipart form has no usable boundary.")
    form = Form()
    with ExitStack() as undo:
        undo.callback(form.close)
        try:
            _read_parts(body, boundary, most, form)
        except RequestEntityTooLarge:
            raise TooLargeError from None
        except (ValueError, AttributeError):  # of Werkzeug's decoder
            raise ValidationError("The multipart form is malformed.") from None
        undo.pop_all()
    return form


def _read_parts(body: Readable, boundary: bytes, most: int | None, form: Form) -> None:
    """Read the parts of a multipart body into `form`.

    Werkzeug's decoder looks again at all that it holds whenever more comes; so it is never given
    more than the head of a part and one piece. ValueError, AttributeError, RequestEntityTooLarge.
    """
    decoder = multipart.MultipartDecoder(boundary, _MAX_PART_HEAD + _PIECE, max_parts=MAX_PARTS)
    starts: list[tuple[str, int]] = []  # of the values, which are in one file
    stream: IO[bytes] | None = None  # of the file that is being read
    size = 0  # of all files
    with SpooledTemporaryFile(SMALL) as values:
        while not isinstance(event := decoder.next_event(), multipart.Epilogue):
            if isinstance(event, multipart.NeedData):
                decoder.receive_data(body.read(_PIECE) or None)
            elif isinstance(event, multipart.File):
                stream = form.new_file(_name(event), event.headers.get("Content-Type"))
            elif isinstance(event, multipart.Field):
                stream = None
                starts.append((_name(event), values.tell()))
            elif isinstance(event, multipart.Data) and stream is not None:
                size += stream.write(event.data)
                if most is not None and size > most:
                    raise RequestEntityTooLarge
            elif isinstance(event, multipart.Data):
                values.write(event.data)
                if values.tell() > MAX_FORM:
                    raise RequestEntityTooLarge
        ends = [*(start for _, start in starts[1:]), values.tell()][: len(starts)]
        values.seek(0)
        with _ONE:
            for (name, start), end in zip(starts, ends, strict=True):
                form.fields[name] = _decoded(values.read(end - start))
    for file in form.files.values():
        file.stream.seek(0)


def _name(part: multipart.Field | multipart.File) -> str:
    if not isinstance(part.name, str):
        raise ValueError("a part without a name")  # noqa: TRY004 - as of the decoder
    return part.name
