"""The schema of a stream's table as a dataset has it is that of the files that are written."""

import msgspec
import pyarrow as pa
from hypothesis import given

from fixtures.schemas import schemas
from sluiceway.backends.iceberg.layout import layout_of
from sluiceway.backends.tables.types import arrow_type
from sluiceway.datasets.schemas import DatasetFieldSchema, DatasetSchema, check_dataset_schema
from sluiceway.datasets.stream_schemas import stream_schema_version
from sluiceway.foundation.rids import DatasetRid, Rid, new_view_rid
from sluiceway.schema.types import StreamSchema
from sluiceway.streams.types import StreamType, View


def view_of(schema: StreamSchema) -> View:
    return View(
        view_rid=new_view_rid(),
        dataset_rid=DatasetRid(Rid("ri.foundry.main.dataset.a")),
        branch_name="master",
        schema=schema,
        partitions=1,
        stream_type=StreamType.LOW_LATENCY,
        compressed=False,
        created_ms=1,
    )


def nullable(kind: pa.DataType, column: DatasetFieldSchema) -> bool:
    """Tell whether what is inside of a column may be null where the file may have nulls."""
    if pa.types.is_list(kind):
        assert column.array_subtype is not None
        pairs = [(kind.value_field, column.array_subtype)]
    elif pa.types.is_map(kind):
        assert column.map_value_type is not None
        pairs = [(kind.item_field, column.map_value_type)]
    elif pa.types.is_struct(kind):
        pairs = list(zip(kind, column.sub_schemas or [], strict=True))
    else:
        pairs = []
    return all(one.nullable is of.nullable and nullable(one.type, of) for one, of in pairs)


def unmarked(kind: pa.DataType) -> pa.DataType:
    """Give a type of which every part may be null."""
    if pa.types.is_list(kind):
        return pa.list_(pa.field("element", unmarked(kind.value_type)))
    if pa.types.is_map(kind):
        return pa.map_(kind.key_type, unmarked(kind.item_type))
    if pa.types.is_struct(kind):
        return pa.struct([pa.field(one.name, unmarked(one.type)) for one in kind])
    return kind


@given(schemas())
def test_names_types_and_nulls_are_those_of_the_file(schema: StreamSchema) -> None:
    found = stream_schema_version(view_of(schema)).schema
    written = layout_of(schema).arrow_schema()

    columns = found.field_schema_list
    assert [one.name for one in columns] == written.names
    for column, field in zip(columns, written, strict=True):
        assert unmarked(arrow_type(column)) == unmarked(field.type)
        assert column.nullable is field.nullable
        assert nullable(field.type, column)
    check_dataset_schema(found)
    assert msgspec.json.decode(msgspec.json.encode(found), type=DatasetSchema) == found


@given(schemas(), schemas())
def test_a_version_is_that_of_one_view_and_schema(one: StreamSchema, other: StreamSchema) -> None:
    view = view_of(one)
    changed = msgspec.structs.replace(view, schema=other)

    version = stream_schema_version(view).version_id

    assert stream_schema_version(view).version_id == version
    assert (stream_schema_version(changed).version_id == version) is (one == other)
    assert stream_schema_version(view_of(one)).version_id != version
