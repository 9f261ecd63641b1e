"""Records whose fields have given values, told by their canonical lines.

Fields that can be compared are those that can be keys: equal values of these have one canonical form,
so that bytes are compared, and a record is parsed only if those bytes are in it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from sluiceway.foundation.errors import SluicewayError
from sluiceway.foundation.request_errors import InvalidArgumentError
from sluiceway.schema.compiled import Shape, compile_schema
from sluiceway.schema.errors import RecordsInvalidError
from sluiceway.schema.rules import KEY_TYPES, type_name
from sluiceway.schema.types import StreamSchema

VALUE_BYTES_MAX: Final = 65_536
"""Most bytes of a value to compare with, in canonical form."""
_NULL: Final = b"null"
_decoder: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])


class Equality(msgspec.Struct, frozen=True):
    """Fields, and the canonical JSON that each must have."""

    values: dict[str, bytes]

    def matches(self, line: bytes) -> bool:
        """Tell whether a canonical record has the values; a field that it lacks is null."""
        record = _decoder.decode(line)
        return all(bytes(record.get(name, _NULL)) == value for name, value in self.values.items())

    def positions(self, lines: bytes) -> Iterator[tuple[int, bytes]]:
        """Give the records among canonical *lines* that match, each with its number from 0 on."""
        fragment = self._fragment
        counted = number = at = 0
        while at < len(lines):
            found = lines.find(fragment, at) if fragment else at
            if found < 0:
                return
            start = lines.rfind(b"\n", at, found) + 1 or at
            end = lines.find(b"\n", found)
            number += lines.count(b"\n", counted, start)
            counted, line = start, lines[start:end]
            if self.matches(line):
                yield number, line
            at = end + 1

    @property
    def _fragment(self) -> bytes:
        """Give bytes that every record has that matches, the longer the fewer others have them."""
        fragments = [
            msgspec.json.encode(name) + b":" + value
            for name, value in self.values.items()
            if value != _NULL  # A field that was added later is not in older records.
        ]
        return max(fragments, key=len, default=b"")


def equality_of(schema: StreamSchema, values: Mapping[str, msgspec.Raw]) -> Equality:
    """Read the values that fields are to have, in any form in which they could be published.

    Raises:
        InvalidArgumentError: There is no such field, it cannot be compared, or the value is none
            that it can have.
    """
    fields = {field.name: field for field in schema.fields}
    found = {}
    for name, raw in values.items():
        field = fields.get(name)
        if field is None:
            raise InvalidArgumentError(f"the stream has no field {name[:100]!r}", field=name[:100])
        if not isinstance(field.schema.data_type, KEY_TYPES):
            kind = type_name(field.schema.data_type)
            reason = f"{name!r} is of type {kind}, by which records are not found"
            raise InvalidArgumentError(reason, field=name)
        one = StreamSchema(fields=[field])
        body = b"{%b:%b}" % (msgspec.json.encode(name), bytes(raw))
        try:
            compiled = compile_schema(one)
            decoded = compiled.decode(
                Shape.LEGACY_RECORD, body, records_max=1, record_bytes_max=VALUE_BYTES_MAX
            )
        except RecordsInvalidError as error:
            problem = error.problems[0]
            reason = f"{name!r}: expected {problem.expected}, found {problem.found}"
            raise InvalidArgumentError(reason, field=name) from None
        except SluicewayError as error:
            raise InvalidArgumentError(f"{name!r}: {error.message}", field=name) from None
        canonical = _decoder.decode(compiled.encode(decoded.records))
        found[name] = bytes(canonical[name])
    return Equality(found)


def partition_of(schema: StreamSchema, equality: Equality, partitions: int) -> int | None:
    """Give the only partition that can have records of that equality; ``None``: any may."""
    keys: Sequence[str] = schema.key_field_names or ()
    if partitions == 1:
        return 0
    if not keys or any(key not in equality.values for key in keys):
        return None
    body = b",".join(msgspec.json.encode(key) + b":" + equality.values[key] for key in keys)
    fields = [field for field in schema.fields if field.name in keys]
    compiled = compile_schema(StreamSchema(fields=fields, key_field_names=list(keys)))
    decoded: Any = compiled.decode(
        Shape.LEGACY_RECORD, b"{%b}" % body, records_max=1, record_bytes_max=1 << 30
    )
    ((partition, _),) = compiled.partitions(decoded.records, partitions, 0)
    return partition
