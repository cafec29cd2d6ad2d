"""Handlers of blobs, whose content and metadata are in bodies and headers, not in documents."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping
from urllib.parse import quote

from werkzeug.http import dump_options_header, parse_range_header

from tck.reference_server import answers
from tck.reference_server.call import Call
from tck.reference_server.content import Content
from tck.reference_server.errors import (
    CapabilityError,
    NotFoundError,
    RangeError,
    ValidationError,
)
from tck.reference_server.http import forms
from tck.reference_server.http.parameters import Arguments, require_text
from tck.reference_server.http.response import Headers, Response, field_value

META = "X-Deltacloud-Blobmeta-"
_META_WSGI = "X_DELTACLOUD_BLOBMETA_"
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")  # a header name (RFC 9110 5.6.2)
_LINE_BREAK = re.compile(r"[\r\n]")
MAX_SEGMENTS = 10_000  # of one blob
_SEGMENT = re.compile(r"\s*(\d{1,9})\s*=\s*(\S{1,100})\s*", re.ASCII)
_ORDER = re.compile(r"\d{1,9}", re.ASCII)


def _put(call: Call) -> Response:
    """Store the body, unless it is a step of a segmented upload (A165, stance 62)."""
    _order(call)
    if _signal(call, "X_DELTACLOUD_BLOBTYPE", "blob_type") == "segmented":
        return _segmented(call)
    content_type = call.request.environ.get("CONTENT_TYPE", "")
    require_text(content_type)
    if len(content_type) > forms.MAX_TYPE:
        raise ValidationError("The Content-Type is too long.")
    blob = call.ask(
        "create_blob",
        *_named(call),
        call.driver.shelf.receive(call.request.body, call.request.length),
        content_type=content_type,
        metadata=_header_metadata(call),
    )
    return answers.document(call, blob)


def _create(call: Call) -> Response:
    """From a form: a file part, or text as an ordinary parameter (C1)."""
    arguments = call.arguments()
    bucket_id, blob_id = call.ids[0], str(arguments["blob_id"])
    file, shelf = call.request.form.files.get("blob_data"), call.driver.shelf
    if file is not None:
        content = shelf.receive(file.stream)
        content_type = file.media_type or "application/octet-stream"
    else:
        content = shelf.receive(io.BytesIO(str(arguments["blob_data"]).encode()))
        content_type = "text/plain"
    blob = call.ask(
        "create_blob",
        bucket_id,
        blob_id,
        content,
        content_type=content_type,
        metadata=_form_metadata(arguments),
    )
    location = answers.location(call, "buckets", bucket_id, blob_id)
    return answers.document(call, blob, headers=location)


def _metadata(call: Call) -> Response:
    return answers.empty(call, _metadata_headers(call.ask("blob_metadata", *call.ids)))


def _update(call: Call) -> Response:
    metadata = _header_metadata(call)
    call.ask("update_blob_metadata", *call.ids, metadata)
    return answers.empty(call, _metadata_headers(metadata))


def _content(call: Call) -> Response:
    """The bytes, or the range that the header Range asks for (stance 48)."""
    blob = call.ask("blob", *call.ids)
    if blob is None:
        raise NotFoundError
    content: Content = call.ask("blob_content", *call.ids)
    tag = f'"{content.digest}"'
    headers: Headers = [
        ("Content-Type", field_value(blob.content_type or "application/octet-stream")),
        ("Content-Disposition", _disposition(blob.id)),
        ("ETag", tag),
        ("Accept-Ranges", "bytes"),
        # Whoever shows it all the same: as a page it may do nothing.
        ("Content-Security-Policy", "default-src 'none'; sandbox; frame-ancestors 'none'"),
    ]
    part = _range(call, content, tag)
    if part is None:
        headers.append(("Content-Length", str(content.length)))
        return Response(200, headers, content.chunks())
    start, stop = part
    headers.append(("Content-Length", str(stop - start)))
    headers.append(("Content-Range", f"bytes {start}-{stop - 1}/{content.length}"))
    return Response(206, headers, content.chunks(start, stop))


def _disposition(name: str) -> str:
    """The file name under which clients save the blob (RFC 6266 4.3)."""
    if name.isascii():
        return field_value(dump_options_header("attachment", {"filename": name}))
    return f"attachment; filename*=UTF-8''{quote(name, safe='')}"


def _range(call: Call, content: Content, tag: str) -> tuple[int, int] | None:
    """Start and stop of the range asked for; None for the whole, as for several ranges.

    RangeError (416) if no byte is in the range (RFC 9110 14.2).
    """
    ranges = parse_range_header(call.request.header("RANGE"))
    condition = call.request.header("IF_RANGE")
    if ranges is None or ranges.units != "bytes" or len(ranges.ranges) != 1:
        return None
    if condition is not None and condition.strip() != tag:
        return None
    part = ranges.range_for_length(content.length)
    if part is None:
        raise RangeError(headers={"Content-Range": f"bytes */{content.length}"})
    return part


# -- segmented upload ----------------------------------------------------------------------


def _segmented(call: Call) -> Response:
    """Start, segment or end of an upload: decided by which ids the request names (stance 62)."""
    if not call.site.has("init_segmented_blob"):
        raise CapabilityError("The driver lacks init_segmented_blob.")
    upload = _signal(call, "X_DELTACLOUD_SEGMENTEDBLOB", "segmented_blob")
    order = _order(call)
    if not upload:
        upload = call.ask("init_segmented_blob", *_named(call))
        return Response(204, [("X-Deltacloud-SegmentedBlob", str(upload))])
    if order is None:
        return _finish(call, upload)
    part = call.driver.shelf.receive(call.request.body, call.request.length)
    name = call.ask("blob_segment", *call.ids, upload, order, part)
    return Response(204, [("X-Deltacloud-BlobSegmentId", str(name))])


def _finish(call: Call, upload: str) -> Response:
    items = forms.text(call.request.body).split(",", MAX_SEGMENTS)
    segments = [_SEGMENT.fullmatch(item) for item in items if item.strip()]
    if not segments or None in segments:
        raise ValidationError("The body must list the segments as 1=<id>, 2=<id> ...")
    blob = call.ask(
        "create_blob_from_segments",
        *call.ids,
        upload,
        {int(segment[1]): segment[2] for segment in segments if segment},
        content_type="application/octet-stream",
        metadata=_header_metadata(call),
    )
    return answers.document(call, blob, "blob", status=200)


def _order(call: Call) -> int | None:
    """The number of the segment; ValidationError if it is none, also where it means nothing."""
    order = _signal(call, "X_DELTACLOUD_SEGMENTORDER", "segment_order")
    if not order:
        return None
    if not _ORDER.fullmatch(order):
        raise ValidationError("The number of the segment must be a number.")
    return int(order)


def _signal(call: Call, header: str, parameter: str) -> str | None:
    return call.request.header(header) or call.request.query.get(parameter)


def _named(call: Call) -> tuple[str, ...]:
    """Bucket and blob of a path that creates the blob; ValidationError if XML cannot carry them."""
    for id_ in call.ids:
        require_text(id_)
    return call.ids


# -- metadata ------------------------------------------------------------------------------


def _header_metadata(call: Call) -> dict[str, str]:
    """From headers, whose names WSGI gives in upper case and with `_` for `-`."""
    pairs = call.request.prefixed_headers(_META_WSGI)
    return _checked({name.lower(): value for name, value in pairs})


def _form_metadata(arguments: Arguments) -> dict[str, str]:
    names, values = arguments.get("meta_name", {}), arguments.get("meta_value", {})
    if isinstance(names, str) or isinstance(values, str):
        raise ValidationError("Metadata come in meta_name1, meta_value1 ...")
    return _checked(
        {name.lower().replace("-", "_"): values.get(n, "") for n, name in names.items()}
    )


def _checked(metadata: dict[str, str]) -> dict[str, str]:
    """ValidationError if HEAD could not send the metadata as headers."""
    for name, value in metadata.items():
        require_text(value)
        if not _TOKEN.fullmatch(name) or _LINE_BREAK.search(value):
            raise ValidationError(f"The metadata {name!r} cannot be sent as a header.")
    return metadata


def _metadata_headers(metadata: Mapping[str, str]) -> Headers:
    return [(f"{META}{name}", field_value(value)) for name, value in metadata.items()]


HANDLERS: Mapping[str, Callable[[Call], Response]] = {
    "blobs.put": _put,
    "blobs.stream": _put,
    "blobs.segmented": _segmented,
    "blobs.create": _create,
    "blobs.head": _metadata,
    "blobs.metadata": _metadata,
    "blobs.update": _update,
    "blobs.content": _content,
}
