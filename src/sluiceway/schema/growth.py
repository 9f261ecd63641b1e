"""How much larger than the request the canonical form of its records can be.

Two things grow. A number may be written longer than it was sent (``1e15``), by a bounded factor.
And a field that is left out is written as ``null`` with its name: a few bytes of ``{}`` can stand
for a very wide struct, many times over. The second kind must be bounded before anything is
decoded, as decoding alone already takes the memory.
"""

import re
import sys
from typing import Final

import msgspec

from sluiceway.schema.errors import RecordsTooSparseError
from sluiceway.schema.layout import ArrayNode, MapNode, Node, StructNode
from sluiceway.schema.leaves import Leaf

FILL_BYTES_MAX: Final = 64 * 1024 * 1024
"""Most bytes that the left out fields of one request may take as nulls."""

_STRINGS: Final = re.compile(rb'"[^"\\]*+(?:\\(?:.|\Z)[^"\\]*+)*+(?:"|\Z)', re.DOTALL)
_OBJECT_BYTES_MIN: Final = 3
"""``{}`` and the comma before the next."""
_ITEM_BYTES_MIN: Final = 2
"""One digit and a comma."""
_NULL_FIELD_BYTES: Final = len(b'"":null,')


class Growth(msgspec.Struct, frozen=True):
    """A canonical record has at most ``factor * sent + fixed`` bytes."""

    fixed: int
    factor: float


def growth_of(node: Node) -> Growth:
    """Give the bound for values of *node*."""
    match node:
        case Leaf():
            return Growth(node.growth, 1)
        case ArrayNode(items=items):
            return _repeated(growth_of(items.node), items.node)
        case MapNode(key=key, values=values):
            inner = growth_of(values.node)
            fixed = inner.fixed + key.growth
            return _repeated(Growth(fixed, inner.factor), values.node)
        case StructNode(fields=fields):
            fixed, factor = 0, 1.0
            for field in fields:
                inner = growth_of(field.slot.node)
                left_out = _null_bytes(field.name) if field.slot.nullable else 0
                fixed += max(inner.fixed, left_out)
                factor = max(factor, inner.factor)
            return Growth(fixed, factor)


def _repeated(inner: Growth, node: Node) -> Growth:
    sent_min = _OBJECT_BYTES_MIN if isinstance(node, StructNode) else _ITEM_BYTES_MIN
    return Growth(0, inner.factor + inner.fixed / sent_min)


def fill_of(node: Node) -> int:
    """Give the most bytes that one object of any struct in *node* is filled up with."""
    match node:
        case Leaf():
            return 0
        case ArrayNode(items=items):
            return fill_of(items.node)
        case MapNode(values=values):
            return fill_of(values.node)
        case StructNode(fields=fields):
            own = sum(_null_bytes(field.name) for field in fields if field.slot.nullable)
            return max(own, *(fill_of(field.slot.node) for field in fields))


def _null_bytes(name: str) -> int:
    return len(name.encode()) + _NULL_FIELD_BYTES


def sparse_bytes_min(fill: int) -> int:
    """Give the length of a body up to which ``check_fill`` finds nothing, whatever is in it."""
    return FILL_BYTES_MAX * _OBJECT_BYTES_MIN // fill if fill else sys.maxsize


def check_fill(body: bytes, fill: int) -> None:
    """Refuse *body* if its objects, each filled up with *fill* bytes, are too much.

    Costs one count for a large body, and one scan for a suspicious one; a small one, up to
    ``sparse_bytes_min``, needs no check.

    Raises:
        RecordsTooSparseError: The nulls alone could take more than ``FILL_BYTES_MAX``.
    """
    if body.count(b"{") * fill <= FILL_BYTES_MAX:
        return
    objects = _STRINGS.sub(b"", body).count(b"{")
    if objects * fill > FILL_BYTES_MAX:
        raise RecordsTooSparseError(objects, FILL_BYTES_MAX)
