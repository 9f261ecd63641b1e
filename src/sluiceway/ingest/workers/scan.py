"""Which bytes a worker may take for a plain publish: a strict reading, for which doubt means no.

What is not recognised here loses nothing: the process that has everything else reads it. So this
knows one way to write a request, the one that programs use, and none of the others that are valid.
"""

import re
from typing import Final

from sluiceway.ingest.head import bulk_kind
from sluiceway.ingest.identity import HEADERS
from sluiceway.ingest.paths import match

_HEAD_BYTES_MAX: Final = 8 * 1024
_END: Final = b"\r\n\r\n"
_REQUEST_LINE: Final = re.compile(rb"POST ([!-~]{1,2048}) HTTP/1\.1")
_HEADER: Final = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+): ?([!-~](?:[ -~]*[!-~])?)")
_LENGTH: Final = re.compile(rb"0|[1-9][0-9]{0,11}")
_ONCE: Final = frozenset({b"authorization", b"content-length", b"content-type", b"connection"})
_UNUSUAL: Final = frozenset(
    {b"transfer-encoding", b"expect", b"content-encoding", b"upgrade", b"trailer", b"te"}
    | {name.encode() for name in HEADERS}
)
_PERSISTENCE: Final = frozenset({b"keep-alive", b"close"})


def plain_publish_bytes(data: bytes, body_bytes_max: int) -> int | None:
    """Give the bytes of the plain publish that *data* begins with, its head and its body.

    ``None`` when it does not begin with the whole head of one, or of one whose body is larger than
    *body_bytes_max*.
    """
    end = data.find(_END, 0, _HEAD_BYTES_MAX)
    if end < 0:
        return None
    first, *lines = data[:end].split(b"\r\n")
    asked = _REQUEST_LINE.fullmatch(first)
    found = None if asked is None else match(asked[1])
    headers = None if found is None else _read(lines)
    if found is None or headers is None:
        return None
    content_type = headers.get(b"content-type")
    if content_type is not None and bulk_kind(found[0], content_type.decode("ascii")) is not None:
        return None
    size = int(headers[b"content-length"])
    return end + len(_END) + size if size <= body_bytes_max else None


def _read(lines: list[bytes]) -> dict[bytes, bytes] | None:
    """Give the headers that may be there once only; ``None`` if anything is unusual."""
    headers: dict[bytes, bytes] = {}
    for line in lines:
        header = _HEADER.fullmatch(line)
        if header is None:
            return None
        name = header[1].lower()
        if name in _UNUSUAL or (name in _ONCE and name in headers):
            return None
        headers[name] = header[2]
    length = headers.get(b"content-length")
    if b"authorization" not in headers or length is None or _LENGTH.fullmatch(length) is None:
        return None
    if headers.get(b"connection", b"close").lower() not in _PERSISTENCE:
        return None
    return headers
