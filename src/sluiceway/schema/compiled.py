"""A schema compiled for the path of a record: decode, check and encode at the speed of C.

A body is first decoded in one pass as canonical values, with no work in Python for a record.
If that fails, in one pass as everything that is accepted, followed by making the values
canonical. If that fails too, record by record, to say what is wrong.
"""

from collections.abc import Callable
from functools import cached_property
from hashlib import sha256
from typing import Any, Final
from weakref import WeakValueDictionary

import msgspec

from sluiceway.schema.diagnosis import Diagnosis, Misfit
from sluiceway.schema.errors import (
    EmptyBatchError,
    RecordsInvalidError,
    RecordTooLargeError,
    TooManyRecordsError,
)
from sluiceway.schema.growth import check_fill, fill_of, growth_of, sparse_bytes_min
from sluiceway.schema.keys import by_partition, key_of
from sluiceway.schema.layout import Normalise, lay_out
from sluiceway.schema.samples import sample_of
from sluiceway.schema.shapes import Decoded, Openers, Shape
from sluiceway.schema.types import BinaryType, StreamSchema

__all__ = ["CompiledSchema", "Decoded", "Misfit", "Shape", "SharedSchemas", "compile_schema"]

_encode_lines: Final = msgspec.json.Encoder().encode_lines


class CompiledSchema:
    """Decodes, checks, encodes and partitions the records of one schema.

    Its records are instances of a class made for the schema: opaque to others, who only hand
    them from ``decode`` to ``partitions`` and ``encode``. Safe to share; never changes.
    """

    def __init__(self, schema: StreamSchema) -> None:
        """Compile *schema*, which obeys ``rules.check_schema``."""
        key_names = schema.key_field_names or []
        root = lay_out(schema.fields, keys=frozenset(key_names))
        growth = growth_of(root)
        self.schema = schema
        self.encode: Final[Callable[[list[Any]], bytes]] = _encode_lines
        """Writes records in canonical form: each one compact JSON object and a newline.

        Fields are in the order of the schema; one without a value is ``null``."""
        self.is_keyed = bool(key_names)
        """Whether the records have keys."""
        self.binary_field = _binary_field(schema)
        """The name of the only field, if that is of type binary; otherwise ``None``."""
        self._root = root
        self._key = key_of(root, key_names)
        self._fixed = growth.fixed
        self._factor = growth.factor
        self._fill = fill_of(root)
        self._sparse_bytes_min = sparse_bytes_min(self._fill)
        self._strict = Openers(root.strict)
        self._normalise: Normalise | None = root.normalise
        self._lenient = None if root.lenient is None else Openers(root.lenient)

    def decode(
        self, shape: Shape, body: bytes, *, records_max: int, record_bytes_max: int
    ) -> Decoded:
        """Take the records out of *body*, each checked and in canonical form.

        ``lines`` of what is given is what ``encode`` of all the records gives, if it was needed
        to measure them; otherwise ``None``.

        Raises:
            BodyInvalidError: The body is not JSON, or not of *shape*.
            EmptyBatchError: It holds no record.
            TooManyRecordsError: It holds more than *records_max* records.
            RecordsInvalidError: Records do not fit the schema.
            RecordTooLargeError: A canonical record has more than *record_bytes_max* bytes.
            RecordsTooSparseError: The records leave out so much that they cannot be written out.
        """
        if len(body) > self._sparse_bytes_min:
            check_fill(body, self._fill)
        try:
            decoded = self._strict[shape](body)
        except (ValueError, RecursionError):
            decoded = self._decode_lenient(shape, body, records_max)
        count = len(decoded.records)
        if not count:
            raise EmptyBatchError
        if count > records_max:
            raise TooManyRecordsError(count, records_max)
        if self._factor * len(body) + self._fixed * count > record_bytes_max:
            self._measure(decoded, record_bytes_max)
        return decoded

    @cached_property
    def _diagnosis(self) -> Diagnosis:
        # Most streams are never sent what they cannot take.
        return Diagnosis(self._root)

    def decode_apart(
        self,
        shape: Shape,
        body: bytes,
        *,
        records_max: int,
        record_bytes_max: int,
        misfits_max: int,
    ) -> tuple[Decoded, list[Misfit]]:
        """Take the records out of *body*, those that do not fit apart from those that do.

        Raises:
            RecordsInvalidError: More than *misfits_max* do not fit.
        And what ``decode`` raises; a record that does not fit may be as large as one that does.
        """
        try:
            decoded = self.decode(
                shape, body, records_max=records_max, record_bytes_max=record_bytes_max
            )
        except RecordsInvalidError as error:
            # Before all of them are explained, each of which takes its time.
            if error.invalid_count > misfits_max:
                raise
            decoded, misfits = self._diagnosis.decode_apart(shape, body, records_max=records_max)
        else:
            return decoded, []
        for misfit in misfits:
            if len(misfit.raw) > record_bytes_max:
                raise RecordTooLargeError(misfit.problem.index, len(misfit.raw), record_bytes_max)
        try:
            self._measure(decoded, record_bytes_max)
        except RecordTooLargeError as error:
            raise error.shifted([misfit.problem.index for misfit in misfits]) from None
        return decoded, misfits

    def _measure(self, decoded: Decoded, record_bytes_max: int) -> None:
        decoded.lines = _encode_lines(decoded.records)
        check_sizes(decoded.lines, record_bytes_max)

    def _decode_lenient(self, shape: Shape, body: bytes, records_max: int) -> Decoded:
        normalise = self._normalise
        if self._lenient is not None and normalise is not None:
            try:
                decoded = self._lenient[shape](body)
                if len(decoded.records) <= records_max:
                    for record in decoded.records:
                        normalise(record)
            except (ValueError, RecursionError):
                pass
            else:
                return decoded
        return self._diagnosis.decode(shape, body, records_max=records_max)

    def partitions(
        self, records: list[Any], partitions: int, unkeyed_partition: int
    ) -> list[tuple[int, list[Any]]]:
        """Split *records* by partition, each part in their order, lowest partition first.

        Keyed records go where ``keys`` says, all others to *unkeyed_partition*.
        """
        if partitions == 1:
            return [(0, records)]
        if self._key is None:
            return [(unkeyed_partition, records)]
        return by_partition(records, self._key, partitions)

    def binary_record(self, data: bytes) -> Any:  # noqa: ANN401 - a class made at run time
        """Make the record whose only field, ``binary_field``, is *data*."""
        assert self.binary_field is not None
        return self._root.strict(f0=data)

    def sample_record(self) -> dict[str, Any]:
        """Make up a record that fits, as JSON; the same one each time."""
        sample: dict[str, Any] = sample_of(self._root)
        return sample


def compile_schema(schema: StreamSchema) -> CompiledSchema:
    """Compile *schema*, which obeys ``rules.check_schema``; callers keep the result."""
    return CompiledSchema(schema)


class SharedSchemas:
    """Compiles equal schemas once: ten thousand streams of one kind take the memory of one.

    Nothing is kept here that nobody else keeps.
    """

    def __init__(self) -> None:
        self._compiled: WeakValueDictionary[bytes, CompiledSchema] = WeakValueDictionary()

    def compile(self, schema: StreamSchema) -> CompiledSchema:
        """Compile *schema*, which obeys ``rules.check_schema``, unless somebody has it."""
        name = sha256(msgspec.json.encode(schema)).digest()
        compiled = self._compiled.get(name)
        if compiled is None:
            compiled = self._compiled[name] = compile_schema(schema)
        return compiled


def check_sizes(lines: bytes, record_bytes_max: int) -> None:
    """Refuse canonical *lines* if a record, without its newline, is over *record_bytes_max*.

    Jumps from the last newline within reach to the next, so a small record costs nothing.

    Raises:
        RecordTooLargeError: With the index of the first such record within *lines*.
    """
    start, end = 0, len(lines)
    while end - start > record_bytes_max + 1:
        newline = lines.rfind(b"\n", start, start + record_bytes_max + 1)
        if newline < 0:
            size = lines.index(b"\n", start) - start
            raise RecordTooLargeError(lines.count(b"\n", 0, start), size, record_bytes_max)
        start = newline + 1


def _binary_field(schema: StreamSchema) -> str | None:
    if len(schema.fields) == 1 and isinstance(schema.fields[0].schema.data_type, BinaryType):
        return schema.fields[0].name
    return None
