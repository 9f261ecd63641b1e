"""What may be wrong with a schema, or with records that should fit it."""

import enum
from collections.abc import Sequence

import msgspec

from sluiceway.foundation.errors import ErrorCode, SluicewayError
from sluiceway.foundation.request_errors import InvalidArgumentError


class SchemaFault(enum.StrEnum):
    """What is wrong with a schema as a whole: ``errorType`` of ``InvalidSchema``."""

    NO_FIELDS = "NO_FIELDS"
    TOO_MANY_FIELDS = "TOO_MANY_FIELDS"
    TOO_DEEP = "TOO_DEEP"
    TOO_LARGE = "TOO_LARGE"
    DUPLICATE_FIELD_NAME = "DUPLICATE_FIELD_NAME"
    KEY_FIELD_NOT_FOUND = "KEY_FIELD_NOT_FOUND"
    KEY_FIELD_TYPE_NOT_ALLOWED = "KEY_FIELD_TYPE_NOT_ALLOWED"
    DUPLICATE_KEY_FIELD = "DUPLICATE_KEY_FIELD"


class InvalidSchemaError(SluicewayError):
    """The schema as a whole cannot be that of a stream."""

    code = ErrorCode.INVALID_ARGUMENT
    name = "InvalidSchema"

    def __init__(self, fault: SchemaFault, message: str) -> None:
        super().__init__(message, errorType=fault.value, message=message)
        self.fault = fault


class InvalidFieldSchemaError(SluicewayError):
    """One field of the schema has a bad name or type."""

    code = ErrorCode.INVALID_ARGUMENT
    name = "InvalidFieldSchema"

    def __init__(self, field_name: str, message: str) -> None:
        super().__init__(f"field {field_name!r}: {message}", fieldName=field_name, message=message)
        self.field_name = field_name


class InvalidChangeDataCaptureConfigurationError(SluicewayError):
    """The change data capture configuration does not fit the schema's fields and keys."""

    code = ErrorCode.INVALID_ARGUMENT
    name = "InvalidChangeDataCaptureConfiguration"

    def __init__(self, message: str) -> None:
        super().__init__(message, message=message)


class Reason(enum.StrEnum):
    """Why a record does not fit."""

    MISSING_FIELD = "MISSING_FIELD"
    NULL_NOT_ALLOWED = "NULL_NOT_ALLOWED"
    UNKNOWN_FIELD = "UNKNOWN_FIELD"
    WRONG_TYPE = "WRONG_TYPE"
    OUT_OF_RANGE = "OUT_OF_RANGE"
    MALFORMED = "MALFORMED"


class RecordProblem(msgspec.Struct, frozen=True):
    """Why one record does not fit the schema: the first thing that is wrong with it."""

    index: int
    """Which record of the request, from 0."""
    path: str
    """Which field, for instance ``address.lines[2]``; empty for the record itself."""
    expected: str
    """What the schema wants there, in words."""
    found: str
    """What the record has there: its JSON, cut at 80 characters."""
    reason: Reason


class RecordsInvalidError(Exception):
    """Records do not fit the schema; none of the request was taken.

    Not for the wire as it is: whoever knows the stream turns it into
    ``RecordDoesNotMatchStreamSchema``.
    """

    def __init__(self, problems: Sequence[RecordProblem], invalid_count: int) -> None:
        """Keep the first *problems*, at least one, and how many records are bad in all."""
        first = problems[0]
        super().__init__(
            f"{invalid_count} of the records do not fit the schema; record {first.index},"
            f" field {first.path!r}: expected {first.expected}, found {first.found}"
        )
        self.problems = tuple(problems)
        self.invalid_count = invalid_count


class BodyInvalidError(InvalidArgumentError):
    """The body is not JSON, or not the envelope that the call takes."""

    def __init__(self, reason: str, position: int | None = None) -> None:
        """Say why, and at which byte of the body where that is known."""
        where = {} if position is None else {"position": position}
        super().__init__(reason, **where)
        self.position = position


class EmptyBatchError(InvalidArgumentError):
    """The request holds no record."""

    def __init__(self) -> None:
        super().__init__("the list of records is empty")


class TooManyRecordsError(SluicewayError):
    """The request holds more records than one request may."""

    code = ErrorCode.REQUEST_ENTITY_TOO_LARGE
    name = "TooManyRecords"

    def __init__(self, records: int, records_max: int) -> None:
        super().__init__(
            f"{records} records in one request, at most {records_max} are taken",
            records=records,
            recordsMax=records_max,
        )


class RecordTooLargeError(SluicewayError):
    """A record is larger, in its canonical form, than a record may be."""

    code = ErrorCode.REQUEST_ENTITY_TOO_LARGE
    name = "RecordTooLarge"

    def __init__(self, index: int, size: int, bytes_max: int) -> None:
        super().__init__(
            f"record {index} has {size} bytes, at most {bytes_max} are taken",
            index=index,
            bytes=size,
            bytesMax=bytes_max,
        )
        self.index = index
        self.size = size
        self.bytes_max = bytes_max

    def shifted(self, left_out: Sequence[int]) -> "RecordTooLargeError":
        """Give the error as it is for a request of which some records were not counted.

        *left_out* are their indices, in rising order.
        """
        index = self.index
        for other in left_out:
            index += other <= index
        return RecordTooLargeError(index, self.size, self.bytes_max)


class RecordsTooSparseError(SluicewayError):
    """Written out with every field that they leave out, the records could be too large.

    A field that is left out is stored as ``null``, so a few bytes can stand for a wide record.
    """

    code = ErrorCode.REQUEST_ENTITY_TOO_LARGE
    name = "RecordsTooSparse"

    def __init__(self, objects: int, fill_bytes_max: int) -> None:
        super().__init__(
            f"the {objects} objects of the request leave out too many fields: written as null"
            f" these could be over {fill_bytes_max} bytes; send fewer records at a time",
            objects=objects,
            fillBytesMax=fill_bytes_max,
        )
