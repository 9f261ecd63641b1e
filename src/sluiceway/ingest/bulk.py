"""Bodies for bulk loads, turned into one JSON object in each line."""

from sluiceway.foundation.request_errors import UnsupportedMediaTypeError
from sluiceway.ingest.types import Bulk


def lines_of(kind: Bulk, body: bytes, bytes_max: int) -> bytes:
    """Write the records of *body* as lines, at most *bytes_max* bytes of them.

    Raises:
        BodyInvalidError: The body is not of its kind.
        RequestEntityTooLargeError: The lines are larger.
    """
    del body, bytes_max
    raise UnsupportedMediaTypeError(kind.value, "application/json or application/x-ndjson")
