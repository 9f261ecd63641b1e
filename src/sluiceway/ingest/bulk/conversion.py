"""The one way in: a body of another form, made into lines of JSON.

What reads a form is imported when the first body of it comes: a server without such bodies pays
nothing for it, and needs not even have it.
"""

import enum
from functools import cache
from importlib.util import find_spec
from typing import Final

from sluiceway.schema.types import StreamSchema


class Bulk(enum.Enum):
    """Bodies that hold a table of records in a form of their own, by media type."""

    ARROW = "application/vnd.apache.arrow.stream"
    """An Arrow IPC stream; the media type is IANA's."""


EXTRA: Final = "sluiceway[bulk]"
"""What to install for the forms that need more than the server itself."""


@cache
def is_installed(kind: Bulk) -> bool:
    """Tell whether what reads *kind* is there."""
    return kind is not Bulk.ARROW or find_spec("pyarrow") is not None


def to_lines(
    kind: Bulk, body: bytes, schema: StreamSchema, *, bytes_max: int, records_max: int
) -> bytes:
    """Write the records of *body*, for a stream of *schema*, as lines of JSON, in their order.

    The lines are not checked against the schema; it says which of a file's types are meant for
    which field, see ``values``. Takes memory for *bytes_max* bytes and what is being converted.

    Raises:
        BodyInvalidError: The body is not of *kind*, or has a type that no field takes.
        EmptyBatchError: It holds no record.
        TooManyRecordsError: It holds more than *records_max* records.
        RequestEntityTooLargeError: Unpacked, or as lines, it has more than *bytes_max* bytes.
    """
    match kind:
        case Bulk.ARROW:
            from sluiceway.ingest.bulk.arrow import arrow_lines  # noqa: PLC0415 - needs the extra

            return arrow_lines(body, schema, bytes_max, records_max)
