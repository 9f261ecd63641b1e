"""Why a body was refused: which records, which field, what was expected and what was found.

This is the slow way, taken only when the fast one has failed. It decodes record by record with
the same decoders, so that it can never call a record bad that the fast way would take.
"""

import json
import re
from typing import Any, Final

import msgspec

from sluiceway.schema.errors import (
    BodyInvalidError,
    Reason,
    RecordProblem,
    RecordsInvalidError,
    TooManyRecordsError,
)
from sluiceway.schema.layout import ArrayNode, MapNode, Node, Slot, StructNode
from sluiceway.schema.leaves import NUMBER, Leaf
from sluiceway.schema.refusals import ValueRefusedError
from sluiceway.schema.shapes import Decoded, Opener, Openers, Shape

PROBLEMS_MAX: Final = 20
"""Most records whose problem is told; the rest are only counted."""
FOUND_LENGTH_MAX: Final = 80
"""Most characters shown of what was found."""
PATH_LENGTH_MAX: Final = 300
"""Most characters shown of the path to it: a key of a map may be long."""

_POSITION: Final = re.compile(r"^(.*) \(byte (\d+)\)$", re.DOTALL)
_PLAIN_NAME: Final = re.compile(r"[\w-]+")
_LINE_END: Final = re.compile(rb"\n\s*")
_NOTHING: Final = "nothing"

_SKIM_BYTES_MIN: Final = 1024 * 1024
"""From here on a body is skimmed for objects before its records are kept apart: millions of
values of one byte would otherwise take forty times their size."""


class _Anything(msgspec.Struct, gc=False):
    """Any object, its fields skipped."""


_RAW: Final = Openers(msgspec.Raw)
_SKIM: Final = Openers(_Anything)


class Misfit(msgspec.Struct, frozen=True):
    """A record that does not fit the schema."""

    problem: RecordProblem
    raw: bytes
    """The record as it was sent, in UTF-8."""


class _Mismatch(Exception):  # noqa: N818 - how the walk reports its find, not an error
    """Where a record does not fit, found while walking down into it."""

    def __init__(self, path: str, expected: str, found: str, reason: Reason) -> None:
        super().__init__(path)
        self.path = path
        self.expected = expected
        self.found = found
        self.reason = reason


class Diagnosis:
    """Explains refused bodies of one schema."""

    def __init__(self, root: StructNode) -> None:
        self._root = root
        self._decode = msgspec.json.Decoder(root.lenient or root.strict).decode

    def decode(self, shape: Shape, body: bytes, *, records_max: int) -> Decoded:
        """Give the records of *body*, or say what is wrong with them.

        Raises:
            BodyInvalidError: The body is not JSON, or not of *shape*.
            TooManyRecordsError: It holds more than *records_max* records.
            RecordsInvalidError: Records do not fit the schema.
        """
        decoded = self._open(shape, body, records_max)
        misfits = self._sift(decoded.records)
        if misfits:
            problems = [self._explain(*misfit) for misfit in misfits[:PROBLEMS_MAX]]
            raise RecordsInvalidError(problems, len(misfits))
        return decoded

    def decode_apart(
        self, shape: Shape, body: bytes, *, records_max: int
    ) -> tuple[Decoded, list[Misfit]]:
        """Give the records of *body* that fit, and apart from them those that do not.

        Raises:
            BodyInvalidError, TooManyRecordsError: See `decode`.
        """
        decoded = self._open(shape, body, records_max)
        misfits = self._sift(decoded.records)
        bad = {index for index, _, _ in misfits}
        decoded.records = [one for index, one in enumerate(decoded.records) if index not in bad]
        return decoded, [
            Misfit(self._explain(index, raw, reason), bytes(raw)) for index, raw, reason in misfits
        ]

    def _open(self, shape: Shape, body: bytes, records_max: int) -> Decoded:
        """Take the records apart without looking into them."""
        if shape is Shape.LINES:
            decoded = _open_lines(body, records_max)
        else:
            if len(body) >= _SKIM_BYTES_MIN:
                _check_count(_open(_SKIM[shape], shape, body), records_max)
            decoded = _open(_RAW[shape], shape, body)
        _check_count(decoded, records_max)
        return decoded

    def _sift(self, records: list[Any]) -> list[tuple[int, msgspec.Raw, str]]:
        """Decode *records* where they stand; give the index of those that do not fit, and why."""
        misfits = []
        for index, raw in enumerate(records):
            try:
                records[index] = self._record(raw)
            except (ValueError, RecursionError) as error:
                misfits.append((index, raw, str(error)))
        return misfits

    def _record(self, raw: msgspec.Raw) -> Any:  # noqa: ANN401 - a class made at run time
        record = self._decode(raw)
        normalise = self._root.normalise
        return record if normalise is None else normalise(record)

    def _explain(self, index: int, raw: msgspec.Raw, reason: str) -> RecordProblem:
        try:
            _walk_struct(self._root, raw, "", "record: an object")
        except _Mismatch as mismatch:
            return RecordProblem(
                index,
                _cut(mismatch.path, PATH_LENGTH_MAX),
                mismatch.expected,
                mismatch.found,
                mismatch.reason,
            )
        # A name that occurs twice: the walk sees the last value, the decoder refused an earlier.
        expected = f"every value to fit, also of a name that is repeated ({reason})"
        return RecordProblem(
            index, "", _cut(expected, PATH_LENGTH_MAX), _shown(raw), Reason.MALFORMED
        )


def _open_lines(body: bytes, records_max: int) -> Decoded:
    """Take each line for a record, whatever is in it: a bad one does not hide the others."""
    _check_text(body)
    lines = _LINE_END.split(body.strip(), maxsplit=records_max)
    return Decoded([msgspec.Raw(line) for line in lines if line], None)


def _check_text(body: bytes) -> None:
    try:
        body.decode()
    except UnicodeDecodeError as error:
        raise BodyInvalidError("the body is not UTF-8 text", error.start) from None


def _open(opener: Opener, shape: Shape, body: bytes) -> Decoded:
    _check_text(body)
    try:
        return opener(body)
    except RecursionError:
        raise BodyInvalidError("the body is nested too deep") from None
    except msgspec.ValidationError as error:
        raise BodyInvalidError(f"the body must be {shape.value}: {error}") from None
    except ValueError as error:
        reason, position = _positioned(str(error))
        raise BodyInvalidError(f"the body is not JSON: {reason}", position) from None


def _check_count(decoded: Decoded, records_max: int) -> None:
    if len(decoded.records) > records_max:
        raise TooManyRecordsError(len(decoded.records), records_max)


def _positioned(message: str) -> tuple[str, int | None]:
    match = _POSITION.match(message)
    return (message, None) if match is None else (match[1], int(match[2]))


def _walk_slot(slot: Slot, raw: msgspec.Raw, path: str) -> None:
    node = slot.node
    if bytes(raw) == b"null":
        if slot.nullable:
            return
        raise _Mismatch(path, node.expected, "null", Reason.NULL_NOT_ALLOWED)
    _walk(node, raw, path)


def _walk(node: Node, raw: msgspec.Raw, path: str) -> None:
    match node:
        case Leaf():
            _walk_leaf(node, raw, path)
        case ArrayNode(items=items):
            values = _open_as(list[msgspec.Raw], node.expected, raw, path)
            for position, value in enumerate(values):
                _walk_slot(items, value, f"{path}[{position}]")
        case MapNode(key=key, values=slot):
            entries = _open_as(dict[str, msgspec.Raw], node.expected, raw, path)
            for name, value in entries.items():
                _walk_key(key, name, path)
                _walk_slot(slot, value, f"{path}[{_cut(_quoted(name), FOUND_LENGTH_MAX)}]")
        case StructNode():
            _walk_struct(node, raw, path, node.expected)


def _walk_struct(node: StructNode, raw: msgspec.Raw, path: str, expected: str) -> None:
    values = _open_as(dict[str, msgspec.Raw], expected, raw, path)
    for field in node.fields:
        inner = _joined(path, field.name)
        value = values.pop(field.name, None)
        if value is not None:
            _walk_slot(field.slot, value, inner)
        elif not field.slot.nullable:
            raise _Mismatch(inner, field.slot.node.expected, _NOTHING, Reason.MISSING_FIELD)
    for name, value in values.items():
        inner = _joined(path, name)
        raise _Mismatch(inner, "no field of this name", _shown(value), Reason.UNKNOWN_FIELD)


def _walk_leaf(leaf: Leaf, raw: msgspec.Raw, path: str) -> None:
    try:
        value = msgspec.json.decode(raw, type=leaf.lenient or leaf.strict)
        if leaf.normalise is not None:
            leaf.normalise(value)
    except ValueRefusedError as refused:
        raise _Mismatch(path, leaf.expected, _shown(raw), refused.reason) from None
    except (ValueError, RecursionError):
        raise _Mismatch(path, leaf.expected, _shown(raw), _reason(leaf, raw)) from None


def _walk_key(key: Leaf, name: str, path: str) -> None:
    entry = msgspec.json.encode({name: 0})
    try:
        (value,) = msgspec.json.decode(entry, type=_dict_of(key))
        if key.normalise is not None:
            key.normalise(value)
    except ValueError as error:
        reason = error.reason if isinstance(error, ValueRefusedError) else Reason.MALFORMED
        found = _cut(_quoted(name), FOUND_LENGTH_MAX)
        raise _Mismatch(path, key.expected, found, reason) from None


def _dict_of(key: Leaf) -> Any:  # noqa: ANN401 - a type made at run time
    return dict[key.lenient or key.strict, int]  # type: ignore[misc] # a type made at run time


def _open_as(kind: Any, expected: str, raw: msgspec.Raw, path: str) -> Any:  # noqa: ANN401 - a type and its value
    try:
        return msgspec.json.decode(raw, type=kind)
    except (ValueError, RecursionError):
        raise _Mismatch(path, expected, _shown(raw), Reason.WRONG_TYPE) from None


def _reason(leaf: Leaf, raw: msgspec.Raw) -> Reason:
    """Tell apart what the decoder calls a validation error, by what was sent."""
    first = bytes(raw)[:1]
    if first == b'"':
        return Reason.MALFORMED if "string" in leaf.kinds else Reason.WRONG_TYPE
    if (first == b"-" or first.isdigit()) and NUMBER in leaf.kinds:
        is_fraction = leaf.growth == 0 and not bytes(raw).lstrip(b"-").isdigit()
        return Reason.WRONG_TYPE if is_fraction else Reason.OUT_OF_RANGE
    return Reason.WRONG_TYPE


def _joined(path: str, name: str) -> str:
    if not _PLAIN_NAME.fullmatch(name):
        return f"{path}[{_cut(_quoted(name), FOUND_LENGTH_MAX)}]"
    return f"{path}.{name}" if path else name


def _quoted(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)


def _shown(raw: msgspec.Raw) -> str:
    text = bytes(raw)[: FOUND_LENGTH_MAX * 4].decode(errors="ignore")
    return _cut(" ".join(text.split()), FOUND_LENGTH_MAX)


def _cut(text: str, length_max: int) -> str:
    return text if len(text) <= length_max else f"{text[: length_max - 1]}…"
