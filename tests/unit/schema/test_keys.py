"""Keys: the partition of a record depends on its key alone, and never changes."""

import zlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.schemas import records_for, schemas
from sluiceway.schema.compiled import CompiledSchema, Shape, compile_schema
from sluiceway.schema.types import (
    DataType,
    DateType,
    DecimalType,
    Field,
    FieldSchema,
    LongType,
    StreamSchema,
    StringType,
)


def keyed_by(*keys: str) -> CompiledSchema:
    types: dict[str, DataType] = {
        "id": StringType(),
        "n": LongType(),
        "amount": DecimalType(),
        "day": DateType(),
    }
    fields = [
        Field(name=name, schema=FieldSchema(nullable=True, data_type=data_type))
        for name, data_type in types.items()
    ]
    return compile_schema(StreamSchema(fields=fields, key_field_names=list(keys)))


def split(compiled: CompiledSchema, records: list, partitions: int) -> list[tuple[int, bytes]]:
    body = msgspec.json.encode({"records": records})
    decoded = compiled.decode(Shape.RECORDS, body, records_max=10_000, record_bytes_max=1_000_000)
    parts = compiled.partitions(decoded.records, partitions, unkeyed_partition=2)
    return [(partition, compiled.encode(part)) for partition, part in parts]


@pytest.mark.parametrize(
    ("keys", "record", "key"),
    [
        (["id"], {"id": "sensor4"}, '["sensor4"]'),
        (["id"], {"id": "é\n"}, '["é\\n"]'),
        (["id"], {}, "[null]"),
        (["n", "id"], {"id": "a", "n": "7"}, '[7,"a"]'),
        (["amount"], {"amount": "1.50"}, '["1.5"]'),
        (["day"], {"day": "2024-01-31"}, '["2024-01-31"]'),
    ],
)
def test_the_partition_is_the_crc_32_of_the_canonical_key(keys, record, key):
    ((partition, _),) = split(keyed_by(*keys), [record], 256)

    assert partition == zlib.crc32(key.encode()) % 256


def test_the_partition_of_a_key_is_the_same_in_every_release():
    names = [f"sensor{number}" for number in range(8)]

    parts = [split(keyed_by("id"), [{"id": name}], 16)[0][0] for name in names]

    assert parts == [11, 12, 5, 2, 7, 0, 9, 14]


def test_equal_keys_sent_in_different_forms_go_to_one_partition():
    records = [{"amount": form} for form in ("1.5", "1.50", 1.5, "15e-1", "1.500")]

    assert len(split(keyed_by("amount"), records, 256)) == 1


def test_records_of_one_partition_keep_their_order():
    records = [{"id": f"s{number % 5}", "n": number} for number in range(100)]

    parts = split(keyed_by("id"), records, 3)

    assert [partition for partition, _ in parts] == sorted({partition for partition, _ in parts})
    for _, lines in parts:
        numbers = [msgspec.json.decode(line)["n"] for line in lines.splitlines()]
        assert numbers == sorted(numbers)
    assert sum(lines.count(b"\n") for _, lines in parts) == 100


def test_records_without_keys_go_together_where_the_caller_says():
    compiled = keyed_by()

    parts = split(compiled, [{"id": "a"}, {"id": "b"}], 4)

    assert not compiled.is_keyed
    assert [(partition, lines.count(b"\n")) for partition, lines in parts] == [(2, 2)]


def test_a_single_partition_takes_all_records():
    assert [partition for partition, _ in split(keyed_by("id"), [{"id": "a"}], 1)] == [0]


@given(data=st.data(), schema=schemas())
def test_no_record_is_lost_or_repeated_by_partitioning(data, schema):
    compiled = compile_schema(schema)
    records = [data.draw(records_for(schema)) for _ in range(4)]

    parts = split(compiled, records, 3)

    assert sum(lines.count(b"\n") for _, lines in parts) == 4
    assert all(0 <= partition < 3 for partition, _ in parts)
