"""Made-up records that fit a schema: for generated code, demonstrations and measurements."""

import base64
import datetime as dt
import random
from collections.abc import Callable
from typing import Any, Final

from sluiceway.schema.layout import ArrayNode, MapNode, Node, StructNode
from sluiceway.schema.leaves import Leaf
from sluiceway.schema.types import (
    ArrayFieldType,
    BinaryType,
    BooleanType,
    ByteType,
    DataType,
    DateType,
    DecimalType,
    DoubleType,
    Field,
    FieldSchema,
    FloatType,
    IntegerType,
    LongType,
    MapFieldType,
    ShortType,
    StringType,
    StructFieldType,
    TimestampType,
)

Make = Callable[[random.Random], Any]

_NULLS: Final = 0.1
"""How many of the values that may be null are."""
_ITEMS: Final = 2
_FIRST_DAY: Final = dt.date(2026, 1, 1)
_FIRST_MS: Final = 1_767_225_600_000
_DAYS: Final = 365
_DAY_MS: Final = 86_400_000


def sample_of(node: Node) -> Any:  # noqa: ANN401 - any JSON value
    """Give a value of *node* as JSON, the same one each time."""
    match node:
        case Leaf():
            return node.sample
        case ArrayNode(items=items):
            return [sample_of(items.node)]
        case MapNode(key=key, values=values):
            return {key.sample: sample_of(values.node)}
        case StructNode(fields=fields):
            return {field.name: sample_of(field.slot.node) for field in fields}


def make_record(fields: list[Field], chance: random.Random) -> dict[str, Any]:
    """Give a record, or struct, of *fields* as JSON, another one each time.

    Every field is there; one in ten of those that may be null is.
    """
    return {field.name: _slot(field.schema, chance, _ITEMS) for field in fields}


def _slot(schema: FieldSchema, chance: random.Random, items: int) -> Any:  # noqa: ANN401 - any JSON value
    if schema.nullable and chance.random() < _NULLS:
        return None
    return _value(schema.data_type, chance, items)


def _value(data_type: DataType, chance: random.Random, items: int) -> Any:  # noqa: ANN401 - any JSON value
    match data_type:
        case ArrayFieldType(items_schema=schema):
            # Fewer inside of others, or a deep schema would have records without end.
            return [_slot(schema, chance, 1) for _ in range(items)]
        case MapFieldType(key_schema=keys, value_schema=values):
            return {
                _map_key(keys.data_type, chance): _slot(values, chance, 1) for _ in range(items)
            }
        case StructFieldType(sub_fields=fields):
            return {field.name: _slot(field.schema, chance, items) for field in fields}
        case _:
            return _leaf(data_type, chance)


def _map_key(data_type: DataType, chance: random.Random) -> str:
    if isinstance(data_type, BooleanType):
        return chance.choice(("true", "false"))
    return str(_leaf(data_type, chance))


def _leaf(data_type: DataType, chance: random.Random) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(data_type, DecimalType):
        return _decimal(data_type, chance)
    return _LEAVES[type(data_type)](chance)


def _whole(bits: int) -> Make:
    most = 2 ** (bits - 1) - 1
    return lambda chance: chance.randint(-most, most)


def _real(chance: random.Random) -> float:
    return round(chance.uniform(-1_000, 1_000), 3)


_LEAVES: Final[dict[type, Make]] = {
    BooleanType: lambda chance: chance.choice((True, False)),
    ByteType: _whole(8),
    ShortType: _whole(16),
    IntegerType: _whole(32),
    LongType: _whole(64),
    FloatType: _real,
    DoubleType: _real,
    StringType: lambda chance: f"{chance.getrandbits(32):08x}",
    BinaryType: lambda chance: base64.b64encode(chance.randbytes(12)).decode(),
    DateType: lambda chance: (_FIRST_DAY + dt.timedelta(chance.randrange(_DAYS))).isoformat(),
    TimestampType: lambda chance: _FIRST_MS + chance.randrange(_DAYS * _DAY_MS),
}


def _decimal(data_type: DecimalType, chance: random.Random) -> str:
    scale = data_type.fraction_digits
    figures = str(chance.randrange(10**data_type.digits)).rjust(scale + 1, "0")
    whole, fraction = figures[: len(figures) - scale], figures[len(figures) - scale :]
    return f"{whole}.{fraction}" if fraction else whole
