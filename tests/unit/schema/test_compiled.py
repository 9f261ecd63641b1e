"""Compiled schemas: the four shapes of a body, broken bodies, and every bound."""

import time

import msgspec
import pytest

from sluiceway.schema.compiled import CompiledSchema, Decoded, Shape, check_sizes, compile_schema
from sluiceway.schema.errors import (
    BodyInvalidError,
    EmptyBatchError,
    Reason,
    RecordsInvalidError,
    RecordsTooSparseError,
    RecordTooLargeError,
    TooManyRecordsError,
)
from sluiceway.schema.growth import FILL_BYTES_MAX
from sluiceway.schema.types import (
    ArrayFieldType,
    BinaryType,
    DoubleType,
    Field,
    FieldSchema,
    StreamSchema,
    StringType,
    TimestampType,
)


def field(name, data_type, *, nullable=True) -> Field:
    return Field(name=name, schema=FieldSchema(nullable=nullable, data_type=data_type))


SENSORS = StreamSchema(
    fields=[
        field("sensor_id", StringType(), nullable=False),
        field("temperature", DoubleType()),
        field("created_at", TimestampType()),
    ]
)
VIEW = "ri.foundry-streaming.main.view.00000000-0000-0000-0000-000000000000"


@pytest.fixture(scope="module")
def sensors() -> CompiledSchema:
    return compile_schema(SENSORS)


def decode(
    compiled: CompiledSchema,
    shape: Shape,
    body: bytes,
    *,
    records_max: int = 10_000,
    record_bytes_max: int = 1_000_000,
) -> Decoded:
    return compiled.decode(shape, body, records_max=records_max, record_bytes_max=record_bytes_max)


@pytest.mark.parametrize(
    ("shape", "body"),
    [
        (Shape.RECORD, b'{"record":{"sensor_id":"a"}}'),
        (Shape.RECORDS, b'{"records":[{"sensor_id":"a"}]}'),
        (Shape.LEGACY_RECORD, b'{"sensor_id":"a"}'),
        (Shape.LEGACY_RECORDS, b'[{"value":{"sensor_id":"a"}}]'),
    ],
)
def test_each_shape_carries_records(sensors, shape, body):
    decoded = decode(sensors, shape, body)

    lines = sensors.encode(decoded.records)
    assert lines == b'{"sensor_id":"a","temperature":null,"created_at":null}\n'
    assert decoded.view_rid is None


@pytest.mark.parametrize(
    ("shape", "body"),
    [
        (Shape.RECORD, '{"viewRid":%s,"record":{"sensor_id":"a"}}'),
        (
            Shape.RECORDS,
            '{"records":[{"sensor_id":"a","created_at":"2024-01-01T00:00:00Z"}],"viewRid":%s}',
        ),
    ],
)
def test_a_view_may_be_named_or_null(sensors, shape, body):
    assert decode(sensors, shape, (body % f'"{VIEW}"').encode()).view_rid == VIEW
    assert decode(sensors, shape, (body % "null").encode()).view_rid is None


@pytest.mark.parametrize(
    ("shape", "body"),
    [
        (Shape.RECORD, b'{"sensor_id":"a"}'),
        (Shape.RECORD, b'{"record":{"sensor_id":"a"},"partition":0}'),
        (Shape.RECORD, b'{"record":{"sensor_id":"a"},"viewRid":1}'),
        (Shape.RECORD, b"{}"),
        (Shape.RECORD, b"[]"),
        (Shape.RECORD, b"null"),
        (Shape.RECORDS, b'{"record":{"sensor_id":"a"}}'),
        (Shape.RECORDS, b'{"records":{"sensor_id":"a"}}'),
        (Shape.RECORDS, b'{"records":null}'),
        (Shape.LEGACY_RECORDS, b'[{"sensor_id":"a"}]'),
        (Shape.LEGACY_RECORDS, b'{"value":{"sensor_id":"a"}}'),
        (Shape.LEGACY_RECORDS, b'[{"value":{"sensor_id":"a"},"key":1}]'),
    ],
)
def test_a_body_of_another_shape_is_refused_with_the_right_one(sensors, shape, body):
    with pytest.raises(BodyInvalidError) as caught:
        decode(sensors, shape, body)

    assert shape.value in caught.value.message


@pytest.mark.parametrize(
    ("body", "position"),
    [
        (b"", None),
        (b"   ", None),
        (b'{"sensor_id":"a"', None),
        (b'{"sensor_id":"a"} {}', 19),
        (b'{"sensor_id":NaN}', 13),
        (b'{"sensor_id":"a",}', 17),
        (b"{'sensor_id':1}", 1),
        (b'{"sensor_id":"\xff"}', 14),
        (b'{"sensor_id":"\xed\xa0\x80"}', 14),
        (b'{"sensor_id":"a\x00"}', 15),
        (b'{"sensor_id":"\\ud800"}', None),
        (b"\xef\xbb\xbf{}", 0),
        (b"[" * 100_000, None),
    ],
)
def test_what_is_not_json_is_refused_at_its_position(sensors, body, position):
    with pytest.raises(BodyInvalidError) as caught:
        decode(sensors, Shape.LEGACY_RECORD, body)

    assert caught.value.position == position


@pytest.mark.parametrize("record", [b"1", b"null", b'"{}"', b"[]", b"true"])
def test_a_record_that_is_no_object_is_refused(sensors, record):
    with pytest.raises(RecordsInvalidError) as caught:
        decode(sensors, Shape.RECORDS, b'{"records":[%b]}' % record)

    (problem,) = caught.value.problems
    assert (problem.path, problem.expected) == ("", "record: an object")
    assert problem.reason is Reason.WRONG_TYPE


@pytest.mark.parametrize(
    ("shape", "body"), [(Shape.RECORDS, b'{"records":[]}'), (Shape.LEGACY_RECORDS, b"[]")]
)
def test_an_empty_batch_is_refused(sensors, shape, body):
    with pytest.raises(EmptyBatchError):
        decode(sensors, shape, body)


@pytest.mark.parametrize("value", ["1", '"2024-01-01T00:00:00Z"', '"x"'])
def test_one_record_more_than_the_most_is_refused_on_every_way(sensors, value):
    records = ",".join([f'{{"sensor_id":"a","created_at":{value}}}'] * 11)
    body = f'{{"records":[{records}]}}'.encode()

    with pytest.raises(TooManyRecordsError) as caught:
        decode(sensors, Shape.RECORDS, body, records_max=10)

    assert caught.value.parameters == {"records": 11, "recordsMax": 10}


@pytest.mark.parametrize("value", ["1", '"2024-01-01T00:00:00Z"'])
def test_as_many_records_as_the_most_are_taken(sensors, value):
    records = ",".join([f'{{"sensor_id":"a","created_at":{value}}}'] * 10)
    body = f'{{"records":[{records}]}}'.encode()

    assert len(decode(sensors, Shape.RECORDS, body, records_max=10).records) == 10


def test_millions_of_tiny_values_are_refused_without_being_kept(sensors):
    body = b'{"records":[' + b"1," * 1_000_000 + b"1]}"

    with pytest.raises(BodyInvalidError):
        decode(sensors, Shape.RECORDS, body)


def test_millions_of_tiny_objects_are_refused_by_their_count(sensors):
    body = b'{"records":[' + b"{}," * 400_000 + b"{}]}"

    with pytest.raises(TooManyRecordsError):
        decode(sensors, Shape.RECORDS, body)


def test_only_the_first_problems_are_told_and_all_are_counted(sensors):
    body = b'{"records":[{"sensor_id":"good"},' + b",".join([b"{}"] * 30) + b"]}"

    with pytest.raises(RecordsInvalidError) as caught:
        decode(sensors, Shape.RECORDS, body)

    assert caught.value.invalid_count == 30
    assert [problem.index for problem in caught.value.problems] == list(range(1, 21))
    assert caught.value.problems[0].reason is Reason.MISSING_FIELD
    assert msgspec.json.encode(caught.value.problems)


@pytest.mark.parametrize("extra", [0, 1])
@pytest.mark.parametrize("before", [0, 3])
def test_a_record_may_have_as_many_bytes_as_the_most_and_no_more(sensors, before, extra):
    frame = len(sensors.encode(decode(sensors, Shape.LEGACY_RECORD, b'{"sensor_id":""}').records))
    big = "x" * (5_000 - (frame - 1) + extra)
    records = [{"sensor_id": "small"}] * before + [{"sensor_id": big}, {"sensor_id": "small"}]
    body = msgspec.json.encode({"records": records})

    if not extra:
        decoded = decode(sensors, Shape.RECORDS, body, record_bytes_max=5_000)
        assert decoded.lines == sensors.encode(decoded.records)
        return
    with pytest.raises(RecordTooLargeError) as caught:
        decode(sensors, Shape.RECORDS, body, record_bytes_max=5_000)
    assert caught.value.parameters == {"index": before, "bytes": 5_001, "bytesMax": 5_000}


def test_a_record_that_only_grows_too_large_in_canonical_form_is_refused():
    items = ArrayFieldType(items_schema=FieldSchema(nullable=False, data_type=DoubleType()))
    compiled = compile_schema(StreamSchema(fields=[field("v", items)]))
    body = b'{"v":[' + b",".join([b"1e15"] * 100) + b"]}"

    with pytest.raises(RecordTooLargeError):
        decode(compiled, Shape.LEGACY_RECORD, body, record_bytes_max=1_000)


def test_a_record_that_was_padded_with_spaces_counts_without_them(sensors):
    body = b'{"sensor_id":"a"' + b" " * 5_000 + b"}"

    assert decode(sensors, Shape.LEGACY_RECORD, body, record_bytes_max=1_000).records


def test_sizes_are_checked_in_time_that_does_not_depend_on_the_number_of_records():
    lines = b"{}\n" * 1_000_000

    started = time.process_time()
    check_sizes(lines, 1_000_000)

    assert time.process_time() - started < 0.05


def test_records_that_leave_out_too_much_are_refused_before_they_are_decoded():
    fields = [field(f"{position:0250}", StringType()) for position in range(2_000)]
    compiled = compile_schema(StreamSchema(fields=fields))
    fill = 2_000 * (250 + len('"":null,'))
    taken = FILL_BYTES_MAX // fill - 1
    body = msgspec.json.encode({"records": [{}] * taken})
    too_many = msgspec.json.encode({"records": [{}] * 1_000})

    assert len(decode(compiled, Shape.RECORDS, body).records) == taken
    with pytest.raises(RecordsTooSparseError) as caught:
        decode(compiled, Shape.RECORDS, too_many)

    assert caught.value.parameters["objects"] == 1_001


def test_braces_inside_of_strings_are_no_objects():
    fields = [field(f"{position:0250}", StringType()) for position in range(2_000)]
    compiled = compile_schema(StreamSchema(fields=fields))
    body = msgspec.json.encode({"record": {fields[0].name: '"{\\' * 10_000}})

    assert decode(compiled, Shape.RECORD, body, record_bytes_max=10_000_000).records


def test_a_schema_of_one_binary_field_makes_records_of_bytes():
    compiled = compile_schema(StreamSchema(fields=[field("data", BinaryType(), nullable=False)]))

    record = compiled.binary_record(b"A")

    assert compiled.binary_field == "data"
    assert compiled.encode([record]) == b'{"data":"QQ=="}\n'


def test_any_other_schema_has_no_binary_field(sensors):
    two = StreamSchema(fields=[field("a", BinaryType()), field("b", BinaryType())])

    assert sensors.binary_field is None
    assert compile_schema(two).binary_field is None


@pytest.mark.parametrize("name", ["a b", "é", "type", "self", "f1", "a.b", "$", "class", "1"])
def test_a_field_may_have_any_printable_name(name):
    compiled = compile_schema(
        StreamSchema(fields=[field(name, StringType()), field("other", StringType())])
    )
    body = msgspec.json.encode({name: "x", "other": "y"})

    decoded = decode(compiled, Shape.LEGACY_RECORD, body)

    assert compiled.encode(decoded.records) == body + b"\n"


def test_more_misfits_than_wanted_are_counted_and_not_all_explained():
    names = [f"f{number}" for number in range(100)]
    compiled = compile_schema(StreamSchema(fields=[field(name, DoubleType()) for name in names]))
    record = dict.fromkeys(names, 1) | {names[-1]: "x"}

    def take_apart(count):
        body = msgspec.json.encode([record] * count)
        return compiled.decode_apart(
            Shape.BARE_RECORDS,
            body,
            records_max=10_000,
            record_bytes_max=1_048_576,
            misfits_max=2_000,
        )

    started = time.process_time()
    _, misfits = take_apart(2_000)
    explained_in = time.process_time() - started
    started = time.process_time()
    with pytest.raises(RecordsInvalidError) as raised:
        take_apart(2_001)
    refused_in = time.process_time() - started

    assert [one.problem.index for one in misfits] == list(range(2_000))
    assert raised.value.invalid_count == 2_001
    assert [one.index for one in raised.value.problems] == list(range(20))
    # Each explanation looks at a hundred fields.
    assert refused_in < explained_in / 2
