"""The schema of a stream, as it goes over the wire.

Names, tags and optionality are those of Foundry's public v2 API (``StreamSchema`` of the official
SDK's ``v2/core/models.py``). Unknown members are refused: a misspelt ``keyFieldNames`` would
otherwise make a stream without keys, and keys cannot be added to a stream later.
"""

from typing import Annotated, Any

from msgspec import Meta

from sluiceway.foundation.wire import Wire

DECIMAL_PRECISION_DEFAULT = 38
"""Digits of a decimal whose type names no precision; also the most there may be."""
DECIMAL_SCALE_DEFAULT = 18
"""Digits after the point of a decimal whose type names neither precision nor scale."""

FieldName = Annotated[str, Meta(description="The name of a field.")]


class BooleanType(Wire, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="boolean"):
    """``true`` or ``false``."""


class ByteType(Wire, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="byte"):
    """A whole number of 8 bits with sign."""


class ShortType(Wire, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="short"):
    """A whole number of 16 bits with sign."""


class IntegerType(Wire, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="integer"):
    """A whole number of 32 bits with sign."""


class LongType(Wire, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="long"):
    """A whole number of 64 bits with sign."""


class FloatType(Wire, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="float"):
    """A floating-point number of 32 bits."""


class DoubleType(Wire, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="double"):
    """A floating-point number of 64 bits."""


class DecimalType(Wire, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="decimal"):
    """An exact decimal number."""

    precision: Annotated[int, Meta(description="Digits in all, 1 to 38.")] | None = None
    scale: Annotated[int, Meta(description="Digits after the point.")] | None = None

    @property
    def digits(self) -> int:
        """The digits that a value may have in all."""
        return DECIMAL_PRECISION_DEFAULT if self.precision is None else self.precision

    @property
    def fraction_digits(self) -> int:
        """The digits that a value may have after the point.

        As in SQL, a type that names its precision alone is one of whole numbers.
        """
        if self.scale is not None:
            return self.scale
        return DECIMAL_SCALE_DEFAULT if self.precision is None else 0


class StringType(Wire, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="string"):
    """Unicode text."""


class BinaryType(Wire, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="binary"):
    """Bytes; in JSON as base64."""


class DateType(Wire, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="date"):
    """A day of the calendar, without a time or zone."""


class TimestampType(
    Wire, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="timestamp"
):
    """A moment, to the millisecond."""


class ArrayFieldType(Wire, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="array"):
    """A list of values of one type."""

    items_schema: "FieldSchema"


class MapFieldType(Wire, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="map"):
    """Values of one type under keys of one type."""

    key_schema: "FieldSchema"
    value_schema: "FieldSchema"


class StructFieldType(
    Wire, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="struct"
):
    """Named fields inside a field."""

    sub_fields: list["Field"]


DataType = (
    BooleanType
    | ByteType
    | ShortType
    | IntegerType
    | LongType
    | FloatType
    | DoubleType
    | DecimalType
    | StringType
    | BinaryType
    | DateType
    | TimestampType
    | ArrayFieldType
    | MapFieldType
    | StructFieldType
)
"""Any type that a field may have."""


class FieldSchema(Wire, frozen=True, forbid_unknown_fields=True):
    """What the values of a field are."""

    nullable: bool
    """Whether the value may be ``null``, or be left out, which is the same."""
    data_type: DataType
    custom_metadata: dict[str, Any] | None = None
    """Kept and given back, without a meaning to us."""


class Field(Wire, frozen=True, forbid_unknown_fields=True):
    """One field of a record or struct."""

    name: FieldName
    schema: FieldSchema


class FullRowChangeDataCaptureConfiguration(
    Wire, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="fullRow"
):
    """Each record is the whole new state of the row that its key names."""

    deletion_field_name: FieldName
    """A boolean field: ``true`` says that the row is gone."""
    ordering_field_name: FieldName
    """The field whose highest value is the newest state of the row."""


class StreamSchema(Wire, frozen=True, forbid_unknown_fields=True):
    """What the records of a stream are."""

    fields: list[Field]
    key_field_names: list[FieldName] | None = None
    """Records with equal values in these fields stay in order."""
    change_data_capture: FullRowChangeDataCaptureConfiguration | None = None
