"""What the head of a publish request says, for every door alike."""

from typing import Final

from sluiceway.foundation.request_errors import UnsupportedMediaTypeError
from sluiceway.ingest.types import Call

JSON: Final = "application/json"
OCTET_STREAM: Final = "application/octet-stream"


def media_type_of(call: Call) -> str:
    """Give the media type of the call's body."""
    return JSON if call.shape is not None else OCTET_STREAM


def check_media(call: Call, content_type: str | None, content_encoding: str | None) -> None:
    """Refuse a body that is not of the call's media type, or compressed.

    A request that does not say its type is taken at its word: small devices leave it out.

    Raises:
        UnsupportedMediaTypeError: The type or the encoding is not taken.
    """
    expected = media_type_of(call)
    if content_type is not None and content_type != expected:
        found = content_type.partition(";")[0].strip().lower()
        if found != expected:
            raise UnsupportedMediaTypeError(content_type, expected)
    if content_encoding is not None and content_encoding.strip().lower() != "identity":
        raise UnsupportedMediaTypeError(content_encoding, "a body without Content-Encoding")
