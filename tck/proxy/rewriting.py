"""Making the hrefs of an endpoint lead to the proxy.

An endpoint that makes its hrefs of the field Host leads to the proxy anyway, since Host is
forwarded. One that does not, or that must be asked under its own name, needs this: it is asked
under its own name, without content codings, and where answers name its origin, they name that of
the proxy, as the client wrote it. Lengths are made to fit, digests of contents are left out.
Entity-tags stay: they tell versions apart, and every version is changed in the same way.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from tck.proxy.upstream import Answer, UpstreamFailure
from tck.reference_server.http1.head import Head

MOST = 16 << 20  # bytes of a document
_DOCUMENTS = re.compile(r"(application|text)/(xml|json|html|xhtml\+xml)\b", re.IGNORECASE)
_URLS = {"location", "content-location", "link", "refresh"}
_DIGESTS = {"content-md5", "digest", "content-digest", "repr-digest"}
_END = r"""(?=[/?#"'<>\s;,)\\]|$)"""  # of an origin
_CONTENTS = re.compile(r"/buckets/[^/]+/[^/]+/content/?$")  # bytes that a client stored


@dataclass(frozen=True, slots=True)
class Rewriting:
    """`upstream`: origins of the endpoint, as `http://host:port`; `scheme`: of the proxy."""

    upstream: tuple[str, ...]
    authority: str
    scheme: str

    def request_fields(self, fields: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """The fields of a request as the endpoint gets them."""
        kept = [(n, v) for n, v in fields if n.lower() not in ("host", "accept-encoding")]
        return [("Host", self.authority), *kept, ("Accept-Encoding", "identity")]

    def _is_document(self, head: Head, answer: Answer) -> bool:
        """Whether the content is a document of the API, and not what a client stored."""
        path = head.target.partition("?")[0]
        return bool(_DOCUMENTS.match(answer.get("content-type"))) and not _CONTENTS.search(path)

    def _replaced(self, text: str, head: Head) -> str:
        """A text with the origin of the proxy in place of those of the endpoint."""
        authority = head.authority or head.get("host") or self.authority
        own = f"{self.scheme}://{authority}"
        for origin in self.upstream:
            for slash in ("/", "\\/"):  # JSON may escape it
                place = re.compile(re.escape(origin.replace("/", slash)) + _END, re.IGNORECASE)
                text = place.sub(own.replace("/", slash).replace("\\", "\\\\"), text)
        return text

    def changed(
        self, head: Head, answer: Answer, content: Iterable[bytes], *, bare: bool
    ) -> tuple[Answer, Iterable[bytes]]:
        """An answer with URLs of the proxy in its fields and its document.

        Raises UpstreamFailure for a document that is too long to be changed.
        """
        fields = [
            (name, self._replaced(value, head) if name.lower() in _URLS else value)
            for name, value in answer.fields
        ]
        if answer.status in (206, 304) or not self._is_document(head, answer):
            return replace(answer, fields=fields), content
        left_out = {"content-length", "transfer-encoding"} | _DIGESTS
        fields = [(name, value) for name, value in fields if name.lower() not in left_out]
        if bare:  # how long the document would be is not known
            return replace(answer, fields=fields), content
        whole = bytearray()
        for piece in content:
            whole += piece
            if len(whole) > MOST:
                raise UpstreamFailure(f"a document of more than {MOST} bytes cannot be rewritten")
        new = self._replaced(whole.decode("latin-1"), head).encode("latin-1")
        fields.append(("Content-Length", str(len(new))))
        return replace(answer, fields=fields), [new] if new else []
