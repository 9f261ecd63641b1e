"""The one way in: a body of another form, made into lines of JSON.

What reads a form is imported when the first body of it comes: a server without such bodies pays
nothing for it.
"""

import enum
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from sluiceway.schema.types import StreamSchema


class Bulk(enum.Enum):
    """Bodies that hold a table of records in a form of their own."""

    ARROW = "an Arrow IPC stream"
    AVRO = "an Avro object container file"


MEDIA_TYPES: Final[Mapping[str, Bulk]] = MappingProxyType(
    {
        "application/vnd.apache.arrow.stream": Bulk.ARROW,
        "application/avro": Bulk.AVRO,
        "avro/binary": Bulk.AVRO,
    }
)
"""How such bodies are declared. Arrow's is registered with IANA; of Avro's two the first is what
HTTP programs use, and the second what its specification says for messages."""


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
        UnsupportedMediaTypeError: It is compressed inside in a way that is not taken.
    """
    match kind:
        case Bulk.ARROW:
            from sluiceway.ingest.bulk.arrow import arrow_lines  # noqa: PLC0415 - seldom needed

            return arrow_lines(body, schema, bytes_max, records_max)
        case Bulk.AVRO:
            from sluiceway.ingest.bulk.avro import avro_lines  # noqa: PLC0415 - seldom needed

            return avro_lines(body, schema, bytes_max, records_max)
