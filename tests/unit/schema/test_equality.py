"""Records that have given values, told by their canonical lines."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.api import field, schema
from sluiceway.foundation.request_errors import InvalidArgumentError
from sluiceway.schema.compiled import Shape, compile_schema
from sluiceway.schema.equality import Equality, equality_of, partition_of
from sluiceway.schema.types import StreamSchema

NESTED = {"type": "struct", "subFields": [field("s", "string")]}
FIELDS = msgspec.convert(
    schema(
        field("s", "string"),
        field("n", "long"),
        field("at", "timestamp"),
        field("price", {"type": "decimal", "precision": 6, "scale": 2}),
        field("inner", NESTED),
        keys=["s", "n"],
    ),
    StreamSchema,
)

texts = st.sampled_from(["", "a", "ab", 'q"', "\n", "ø", '"s":"a"'])
records = st.fixed_dictionaries(
    {
        "s": st.none() | texts,
        "n": st.none() | st.integers(-2, 2),
        "at": st.none() | st.integers(0, 2),
        "price": st.none() | st.sampled_from(["1", "1.5", "0.01"]),
        "inner": st.none() | st.fixed_dictionaries({"s": texts}),
    }
)


def lines_of(*values: dict[str, object]) -> bytes:
    compiled = compile_schema(FIELDS)
    body = msgspec.json.encode(values)
    found = compiled.decode(Shape.BARE_RECORDS, body, records_max=100, record_bytes_max=10_000)
    return compiled.encode(found.records)


def raw(**values: object) -> dict[str, msgspec.Raw]:
    return {name: msgspec.Raw(msgspec.json.encode(value)) for name, value in values.items()}


@given(
    values=st.lists(records, min_size=1, max_size=30),
    names=st.sets(st.sampled_from(["s", "n", "at", "price"]), min_size=1),
    pick=st.integers(0, 29),
)
def test_exactly_the_records_with_equal_values_are_found(
    values: list[dict[str, object]], names: set[str], pick: int
) -> None:
    one = values[pick % len(values)]
    equality = equality_of(FIELDS, raw(**{name: one[name] for name in names}))
    lines = lines_of(*values)

    found = list(equality.positions(lines))

    wanted = [at for at, value in enumerate(values) if all(value[n] == one[n] for n in names)]
    assert [number for number, _ in found] == wanted
    assert [line for _, line in found] == [lines.split(b"\n")[at] for at in wanted]


def test_a_value_is_read_as_it_would_be_published() -> None:
    equality = equality_of(FIELDS, raw(at="1970-01-01T00:00:01Z", price=1.5, n="7"))

    assert equality == equality_of(FIELDS, raw(at=1_000, price="1.50", n=7))


def test_a_record_from_before_a_field_was_added_has_null_there() -> None:
    older = b'{"s":"a"}\n{"s":"b","n":1}\n'

    assert [one for one, _ in Equality({"n": b"null"}).positions(older)] == [0]
    assert [one for one, _ in Equality({"n": b"1"}).positions(older)] == [1]


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (raw(x=1), "no field 'x'"),
        (raw(inner={"s": "a"}), "of type struct"),
        (raw(n=1.5), "'n'"),
        (raw(s="x" * 70_000), "'s'"),
    ],
)
def test_what_cannot_be_compared_is_refused(values: dict[str, msgspec.Raw], reason: str) -> None:
    with pytest.raises(InvalidArgumentError, match=reason):
        equality_of(FIELDS, values)


@given(record=records, partitions=st.integers(2, 7))
def test_all_key_fields_tell_the_partition(record: dict[str, object], partitions: int) -> None:
    compiled = compile_schema(FIELDS)
    body = msgspec.json.encode([record])
    decoded = compiled.decode(Shape.BARE_RECORDS, body, records_max=1, record_bytes_max=10_000)
    ((partition, _),) = compiled.partitions(decoded.records, partitions, 0)

    keys = equality_of(FIELDS, raw(s=record["s"], n=record["n"]))

    assert partition_of(FIELDS, keys, partitions) == partition
    assert partition_of(FIELDS, equality_of(FIELDS, raw(s=record["s"])), partitions) is None
