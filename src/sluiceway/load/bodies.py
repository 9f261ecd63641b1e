"""The requests of a load: made-up records of a stream's schema, in bodies, in HTTP."""

import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import msgspec

from sluiceway.schema.samples import make_record
from sluiceway.schema.types import StreamSchema, StringType

REQUEST_BYTES_MAX: Final = 64 * 1_048_576
_BODIES: Final = 256
_BODIES_BYTES_MAX: Final = 8 * 1_048_576

Record = dict[str, Any]


class RecordsImpossibleError(ValueError):
    """There are no such records; the message says why."""


def record_maker(
    schema: StreamSchema, record_bytes: int | None, chance: random.Random
) -> Callable[[], Record]:
    """Give what makes records of *schema*, each of *record_bytes* bytes of JSON if that is given.

    The first field of text that is no key is filled up to the size; without one, one that is.

    Raises:
        RecordsImpossibleError: No field can be filled up. What is given back raises it when a
            record without a text is larger already.
    """
    if record_bytes is None:
        return lambda: make_record(schema.fields, chance)
    keys = schema.key_field_names or []
    texts = [
        field.name for field in schema.fields if isinstance(field.schema.data_type, StringType)
    ]
    if not texts:
        raise RecordsImpossibleError("the schema has no field of text to fill up to --record-bytes")
    filled = min(texts, key=lambda name: name in keys)

    def make() -> Record:
        record = make_record(schema.fields, chance) | {filled: ""}
        missing = record_bytes - len(msgspec.json.encode(record))
        if missing < 0:
            least = record_bytes - missing
            raise RecordsImpossibleError(f"a record of this schema has {least} bytes and more")
        return record | {filled: chance.randbytes(missing // 2 + 1).hex()[:missing]}

    return make


def make_bodies(make: Callable[[], Record], batch: int) -> list[bytes]:
    """Write bodies of ``publishRecords`` with *batch* records each, or of ``publishRecord`` with 1.

    There are some hundred of them, or fewer if they are large.

    Raises:
        RecordsImpossibleError: A body would be over ``REQUEST_BYTES_MAX``.
    """
    bodies: list[bytes] = []
    size = 0
    while len(bodies) < _BODIES and size < _BODIES_BYTES_MAX:
        body = _body(make, batch)
        bodies.append(body)
        size += len(body)
    return bodies


def record_bytes(bodies: Sequence[bytes], batch: int) -> int:
    """Give how many bytes a record of *bodies* has on average."""
    envelope = _body(dict, batch)
    records = sum(map(len, bodies)) - len(bodies) * (len(envelope) - batch * len(b"{}"))
    return round(records / len(bodies) / batch)


def _body(make: Callable[[], Record], batch: int) -> bytes:
    if batch == 1:
        return msgspec.json.encode({"record": make()})
    return b'{"records":[' + b",".join(_encoded(make, batch)) + b"]}"


def _encoded(make: Callable[[], Record], batch: int) -> Iterator[bytes]:
    size = 0
    for _ in range(batch):
        record = msgspec.json.encode(make())
        size += len(record)
        if size > REQUEST_BYTES_MAX:
            raise RecordsImpossibleError(f"a request would have over {REQUEST_BYTES_MAX:,} bytes")
        yield record


def write_request(host: str, path: str, token: str, body: bytes) -> bytes:
    """Write a whole HTTP request that publishes *body*."""
    head = (
        f"POST {path} HTTP/1.1\r\n"
        f"Host: {host}\r\n"
        f"Authorization: Bearer {token}\r\n"
        "Content-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode("ascii") + body
