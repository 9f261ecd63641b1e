"""The schema in an Avro file, read into a tree of types.

Avro 1.12, "Schema Declaration" and "Logical Types". Names are resolved, and what makes one
schema the same as another but does not say how bytes are read (aliases, defaults, documentation,
order) is left aside.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from sluiceway.schema.errors import BodyInvalidError
from sluiceway.schema.rules import FIELDS_MAX, SCHEMA_BYTES_MAX

PRIMITIVES: Final = frozenset(
    {"null", "boolean", "int", "long", "float", "double", "bytes", "string"}
)
TYPES_MAX: Final = 4 * FIELDS_MAX
"""Most types that a schema may have, each use of one counted."""
_LOGICAL_SCALE_MAX: Final = 76
"""Most digits after the point of a decimal; more than any field takes."""


@dataclass(frozen=True, slots=True)
class Plain:
    """A primitive type."""

    name: str
    logical: str | None = None
    scale: int = 0


@dataclass(frozen=True, slots=True)
class Fixed:
    """So many bytes."""

    size: int
    logical: str | None = None
    scale: int = 0


@dataclass(frozen=True, slots=True)
class Enumeration:
    """One of some names."""

    symbols: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """An array."""

    items: "AvroType"


@dataclass(frozen=True, slots=True)
class Mapped:
    """A map; its keys are texts."""

    values: "AvroType"


@dataclass(frozen=True, slots=True)
class Union:
    """One of some types."""

    branches: "tuple[AvroType, ...]"


@dataclass(slots=True, eq=False)
class Record:
    """Named fields. It may hold itself, inside an array, map or union."""

    name: str
    fields: "list[tuple[str, AvroType]]" = field(default_factory=list)


AvroType = Plain | Fixed | Enumeration | Listed | Mapped | Union | Record


def read_schema(text: bytes) -> Record:
    """Read the schema of a file, which must be that of a record.

    Raises:
        BodyInvalidError: It is none, or is larger than any stream's could be.
    """
    if len(text) > SCHEMA_BYTES_MAX:
        raise BodyInvalidError(f"the Avro schema has more than {SCHEMA_BYTES_MAX} bytes")
    try:
        found = _Reader().read(json.loads(text), "")
    except RecursionError:
        raise BodyInvalidError("the Avro schema is nested too deep") from None
    except UnicodeDecodeError as error:
        raise BodyInvalidError(f"the Avro schema is not UTF-8: {error}") from None
    except ValueError as error:
        raise BodyInvalidError(f"the Avro schema is not JSON: {error}") from None
    if not isinstance(found, Record):
        raise BodyInvalidError("the Avro schema is not that of a record")
    return found


class _Reader:
    """Reads one schema, and remembers the names that are declared in it."""

    def __init__(self) -> None:
        self._named: dict[str, Record | Fixed | Enumeration] = {}
        self._count = 0

    def read(self, value: Any, space: str) -> AvroType:  # noqa: ANN401 - any JSON value
        """Read a type; names without a namespace are in *space*."""
        self._count += 1
        if self._count > TYPES_MAX:
            raise BodyInvalidError(f"the Avro schema has more than {TYPES_MAX} types")
        if isinstance(value, str):
            return self._by_name(value, space)
        if isinstance(value, list):
            return self._union(value, space)
        if not isinstance(value, dict):
            raise _bad("a type is neither a name, an object nor a list", value)
        return self._object(value, space)

    def _object(self, value: dict[str, Any], space: str) -> AvroType:
        kind = value.get("type")
        if not isinstance(kind, str):
            return self.read(kind, space)
        makers: dict[str, Callable[[dict[str, Any], str], AvroType]] = {
            "record": self._record,
            "error": self._record,
            "enum": self._enumeration,
            "fixed": self._fixed,
            "array": self._listed,
            "map": self._mapped,
        }
        make = makers.get(kind)
        if make is not None:
            return make(value, space)
        return Plain(kind, *_logical_of(value)) if kind in PRIMITIVES else self.read(kind, space)

    def _listed(self, value: dict[str, Any], space: str) -> Listed:
        return Listed(self.read(value.get("items"), space))

    def _mapped(self, value: dict[str, Any], space: str) -> Mapped:
        return Mapped(self.read(value.get("values"), space))

    def _by_name(self, name: str, space: str) -> AvroType:
        if name in PRIMITIVES:
            return Plain(name)
        found = self._named.get(_full(name, space)) or self._named.get(name)
        if found is None:
            raise _bad("there is no type of the name", name)
        return found

    def _union(self, branches: list[Any], space: str) -> Union:
        if not branches:
            raise _bad("a union has no types", branches)
        return Union(tuple(self.read(branch, space) for branch in branches))

    def _record(self, value: dict[str, Any], space: str) -> Record:
        name, space = self._declared(value, space)
        record = Record(name)
        self._named[name] = record
        names = set()
        for one in _list_of(value, "fields"):
            label = one.get("name") if isinstance(one, dict) else None
            if not isinstance(label, str) or label in names:
                raise _bad("a field has no name of its own", one)
            names.add(label)
            record.fields.append((label, self.read(one.get("type"), space)))
        return record

    def _enumeration(self, value: dict[str, Any], space: str) -> Enumeration:
        name, _ = self._declared(value, space)
        symbols = _list_of(value, "symbols")
        if not all(isinstance(symbol, str) for symbol in symbols):
            raise _bad("a symbol is no text", symbols)
        found = self._named[name] = Enumeration(tuple(symbols))
        return found

    def _fixed(self, value: dict[str, Any], space: str) -> Fixed:
        name, _ = self._declared(value, space)
        size = value.get("size")
        if not isinstance(size, int) or isinstance(size, bool) or size < 0:
            raise _bad("a fixed type has no size", value)
        found = self._named[name] = Fixed(size, *_logical_of(value))
        return found

    def _declared(self, value: dict[str, Any], space: str) -> tuple[str, str]:
        """Give the full name that is declared, and the namespace inside of it."""
        name, own = value.get("name"), value.get("namespace", space)
        if not isinstance(name, str) or not name or not isinstance(own, str):
            raise _bad("a type has no name", value)
        full = _full(name, own)
        if full in self._named or full in PRIMITIVES:
            raise _bad("there are two types of the name", full)
        return full, full.rpartition(".")[0]


def _full(name: str, space: str) -> str:
    return name if "." in name or not space else f"{space}.{name}"


def _list_of(value: dict[str, Any], name: str) -> list[Any]:
    found = value.get(name)
    if not isinstance(found, list):
        raise _bad(f"a type has no {name}", value)
    return found


def _logical_of(value: dict[str, Any]) -> tuple[str | None, int]:
    """Give the logical type and the scale; one that is not valid is to be ignored."""
    logical, scale = value.get("logicalType"), value.get("scale", 0)
    if not isinstance(logical, str):
        return None, 0
    if not isinstance(scale, int) or not 0 <= scale <= _LOGICAL_SCALE_MAX:
        return None, 0
    return logical, scale


def _bad(reason: str, value: Any) -> BodyInvalidError:  # noqa: ANN401 - any JSON value
    return BodyInvalidError(f"the Avro schema is not valid: {reason}: {str(value)[:100]}")
