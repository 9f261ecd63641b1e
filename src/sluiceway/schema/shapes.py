"""The bodies that carry records, and what is taken out of them."""

import enum
from collections.abc import Callable
from typing import Any, Final

import msgspec


class Shape(enum.Enum):
    """What the body of a publish call looks like."""

    RECORD = '{"record": {…}, "viewRid"?: "…"}'
    RECORDS = '{"records": [{…}, …], "viewRid"?: "…"}'
    LEGACY_RECORD = "{…}"
    LEGACY_RECORDS = '[{"value": {…}}, …]'
    BARE_RECORDS = "[{…}, …]"
    LINES = "one {…} in each line"

    # An opener is looked up by it for each request; an enum's own hash is computed in Python.
    __hash__ = object.__hash__


class Decoded(msgspec.Struct, gc=False):
    """What a body carried: records that fit the schema, in the order in which they were sent."""

    records: list[Any]
    view_rid: str | None
    lines: bytes | None = None
    """All of the records in canonical form, where decoding had to write them out anyway."""


Opener = Callable[[bytes], Decoded]
"""Decodes a whole body of one shape in one pass.

Raises:
    ValueError: The body is not JSON, not UTF-8, not of the shape, or a record does not fit.
    RecursionError: The body is nested too deep.
"""


class Openers(dict[Shape, Opener]):
    """The opener of each shape for records of one type, made when it is first asked for.

    To make one takes longer than to use it a hundred times, and a stream hardly ever gets more
    than one shape.
    """

    def __init__(self, record_type: Any) -> None:  # noqa: ANN401 - a type
        super().__init__()
        self._record_type = record_type

    def __missing__(self, shape: Shape) -> Opener:
        """Make the opener of *shape*."""
        made = self[shape] = _MAKERS[shape](self._record_type)
        return made


def _envelope(*fields: tuple[str, Any] | tuple[str, Any, Any]) -> Any:  # noqa: ANN401 - a type
    return msgspec.defstruct(
        "Envelope",
        fields,
        rename={"view_rid": "viewRid"},
        forbid_unknown_fields=True,
        gc=False,
    )


def _list_of(item: Any) -> Any:  # noqa: ANN401 - types made at run time
    return list[item]


def _record(record_type: Any) -> Opener:  # noqa: ANN401 - a type
    envelope = _envelope(("record", record_type), ("view_rid", str | None, None))
    decode = msgspec.json.Decoder(envelope).decode

    def open_record(body: bytes) -> Decoded:
        opened = decode(body)
        return Decoded([opened.record], opened.view_rid)

    return open_record


def _records(record_type: Any) -> Opener:  # noqa: ANN401 - a type
    envelope = _envelope(("records", _list_of(record_type)), ("view_rid", str | None, None))
    decode = msgspec.json.Decoder(envelope).decode

    def open_records(body: bytes) -> Decoded:
        opened = decode(body)
        return Decoded(opened.records, opened.view_rid)

    return open_records


def _legacy_record(record_type: Any) -> Opener:  # noqa: ANN401 - a type
    decode = msgspec.json.Decoder(record_type).decode

    def open_legacy_record(body: bytes) -> Decoded:
        return Decoded([decode(body)], None)

    return open_legacy_record


def _legacy_records(record_type: Any) -> Opener:  # noqa: ANN401 - a type
    wrapper = _envelope(("value", record_type))
    decode: Callable[[bytes], list[Any]] = msgspec.json.Decoder(_list_of(wrapper)).decode

    def open_legacy_records(body: bytes) -> Decoded:
        return Decoded([element.value for element in decode(body)], None)

    return open_legacy_records


def _bare_records(record_type: Any) -> Opener:  # noqa: ANN401 - a type
    decode: Callable[[bytes], list[Any]] = msgspec.json.Decoder(_list_of(record_type)).decode

    def open_bare_records(body: bytes) -> Decoded:
        return Decoded(decode(body), None)

    return open_bare_records


def _lines(record_type: Any) -> Opener:  # noqa: ANN401 - a type
    decode_lines = msgspec.json.Decoder(record_type).decode_lines

    def open_lines(body: bytes) -> Decoded:
        records = decode_lines(body)
        # The decoder takes any white space between records. Where lines and records are not as
        # many, it is left to the slow way to look at each line.
        if len(records) != body.count(b"\n") + (not body.endswith(b"\n")):
            raise ValueError("not one record in each line")
        return Decoded(records, None)

    return open_lines


_MAKERS: Final[dict[Shape, Callable[[Any], Opener]]] = {
    Shape.RECORD: _record,
    Shape.RECORDS: _records,
    Shape.LEGACY_RECORD: _legacy_record,
    Shape.LEGACY_RECORDS: _legacy_records,
    Shape.BARE_RECORDS: _bare_records,
    Shape.LINES: _lines,
}
