"""``foundry_sdk`` against a real server: schemas of datasets, and datasets as tables."""

import datetime as dt
import decimal
import io
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from foundry_sdk import BadRequestError, InternalServerError
from foundry_sdk.v2.core.errors import InvalidSchema
from foundry_sdk.v2.core.models import DatasetFieldSchema, DatasetSchema
from foundry_sdk.v2.datasets import errors

from fixtures.api import Api, unique
from fixtures.clients import Sdk, answer

# The blocking form of the client; the other one makes the same requests.
pytestmark = pytest.mark.parametrize("sdk", ["sync"], indirect=True)

UTC = dt.UTC


def column(name: str, kind: str, **more: Any) -> DatasetFieldSchema:
    return DatasetFieldSchema(name=name, type=kind, nullable=True, **more)  # type: ignore[arg-type]


def schema(*columns: DatasetFieldSchema) -> DatasetSchema:
    return DatasetSchema(field_schema_list=list(columns))


ITEM = DatasetFieldSchema(type="LONG", nullable=True)
TEXT = DatasetFieldSchema(type="STRING", nullable=False)
EVERY_TYPE = schema(
    column("bo", "BOOLEAN"),
    column("by", "BYTE"),
    column("sh", "SHORT"),
    column("in", "INTEGER"),
    column("lo", "LONG"),
    column("fl", "FLOAT"),
    column("do", "DOUBLE"),
    column("de", "DECIMAL", precision=10, scale=2),
    column("st", "STRING"),
    column("bi", "BINARY"),
    column("da", "DATE"),
    column("ti", "TIMESTAMP"),
    column("ar", "ARRAY", array_subtype=ITEM),
    column("ma", "MAP", map_key_type=TEXT, map_value_type=ITEM),
    column("str.uct", "STRUCT", sub_schemas=[column("x", "LONG"), column("y", "STRING")]),
)
EVERY_VALUE = pa.table(
    {
        "bo": [True, None],
        "by": pa.array([-128, None], pa.int8()),
        "sh": pa.array([32767, None], pa.int64()),
        "in": pa.array([-(2**31), None], pa.int32()),
        "lo": pa.array([2**63 - 1, None], pa.int64()),
        "fl": pa.array([1.5, None], pa.float32()),
        "do": pa.array([0.1, None], pa.float64()),
        "de": pa.array([decimal.Decimal("-12345678.90"), None], pa.decimal128(10, 2)),
        "st": pa.array(["é\x00\n", None], pa.large_string()),
        "bi": pa.array([b"\x00\xff", None], pa.binary()),
        "da": pa.array([dt.date(1969, 12, 31), None]),
        "ti": pa.array(
            [dt.datetime(2026, 11, 29, 1, 2, 3, 456789, UTC), None], pa.timestamp("ns", "UTC")
        ),
        "ar": pa.array([[1, None], None], pa.list_(pa.int32())),
        "ma": pa.array([[("a", 1)], None], pa.map_(pa.string(), pa.int64())),
        "str.uct": pa.array(
            [{"y": "z", "x": 1}, None], pa.struct({"y": pa.string(), "x": pa.int64()})
        ),
        "not in the schema": [1, 2],
    }
)


def parquet(table: pa.Table, **how: Any) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, **how)
    return sink.getvalue()


def arrow(content: bytes) -> pa.Table:
    with pa.ipc.open_stream(content) as stream:
        table = stream.read_all()
    table.validate(full=True)
    return table


@pytest.fixture(scope="session")
def folder(api: Api) -> str:
    """A project for all datasets."""
    return api.new_project()


class Table:
    """A dataset, and short ways to make a table of it."""

    def __init__(self, client: Any, rid: str) -> None:
        self.dataset = client.datasets.Dataset
        self.rid = rid

    async def upload(self, path: str, content: bytes, kind: str = "UPDATE") -> str:
        made = await answer(
            self.dataset.File.upload(
                self.rid, path, content, branch_name="master", transaction_type=kind
            )
        )
        transaction: str = made.transaction_rid
        return transaction

    async def put(self, given: DatasetSchema, reader: str | None = None) -> Any:
        return await answer(
            self.dataset.put_schema(self.rid, schema=given, dataframe_reader=reader)
        )

    async def read(self, form: str = "ARROW", **more: Any) -> bytes:
        content: bytes = await answer(self.dataset.read_table(self.rid, format=form, **more))
        return content


@pytest.fixture
async def table(client: Any, folder: str) -> Table:
    """A new dataset."""
    made = await answer(
        client.datasets.Dataset.create(name=unique("table"), parent_folder_rid=folder)
    )
    return Table(client, made.rid)


async def test_every_type_comes_back_from_parquet_as_it_was_written(table: Table):
    await table.upload("a.parquet", parquet(EVERY_VALUE))
    await table.put(EVERY_TYPE)

    found = arrow(await table.read())

    assert found.to_pylist() == EVERY_VALUE.drop_columns("not in the schema").to_pylist()
    assert [str(one.type) for one in found.schema][:12] == [
        *("bool", "int8", "int16", "int32", "int64", "float", "double", "decimal128(10, 2)"),
        *("string", "binary", "date32[day]", "timestamp[us, tz=UTC]"),
    ]
    assert pl.from_arrow(found.select(["lo", "st"])).height == 2


async def test_columns_rows_and_transactions_are_chosen(table: Table):
    numbers = pa.table({"n": range(70_000), "m": ["x"] * 70_000})
    first = await table.upload("a.parquet", parquet(numbers, row_group_size=30_000))
    second = await table.upload("b.parquet", parquet(pa.table({"n": [-1]})))
    await table.put(schema(column("m", "STRING"), column("n", "LONG")))
    await table.upload("_SUCCESS", b"")

    everything = arrow(await table.read(columns=["n"]))
    some = arrow(await table.read(row_limit=65_537, columns=["n", "m"]))

    assert everything["n"].to_pylist() == [*range(70_000), -1]
    assert (some.column_names, some.num_rows) == (["n", "m"], 65_537)
    assert arrow(await table.read(row_limit=0)).num_rows == 0
    assert arrow(await table.read(row_limit=70_001)).num_rows == 70_001
    new = {"start_transaction_rid": second, "end_transaction_rid": second}
    with pytest.raises(errors.SchemaNotFound):
        await table.read(end_transaction_rid=first)
    await answer(
        table.dataset.put_schema(
            table.rid, schema=schema(column("n", "LONG")), end_transaction_rid=second
        )
    )
    assert arrow(await table.read(**new)).to_pylist() == [{"n": -1}]
    for wrong in ({"columns": ["none"]}, {"columns": ["n", "n"]}, {"row_limit": -1}):
        with pytest.raises(BadRequestError):
            await table.read(**wrong)


async def test_csv_is_read_with_and_without_a_head_and_written(table: Table):
    await table.upload("a.csv", b'n,t,at\n1,"x, ""y""\nz",2026-11-29T10:00:00+01:00\n')
    await table.upload("b.csv", b'2,"",2026-11-29\n,,2026-11-29 12:30:00.5\n')
    await table.upload("c.csv", b"at,n,t\n2026-11-29T09:00:00Z,4,u\n")
    await table.upload("d.csv", b"")
    await table.put(
        schema(column("n", "LONG"), column("t", "STRING"), column("at", "TIMESTAMP")), "CSV"
    )

    found = arrow(await table.read())

    nine = dt.datetime(2026, 11, 29, 9, tzinfo=UTC)
    assert found.to_pylist() == [
        {"n": 1, "t": 'x, "y"\nz', "at": nine},
        {"n": 2, "t": "", "at": nine.replace(hour=0)},
        {"n": None, "t": None, "at": nine.replace(hour=12, minute=30, microsecond=500_000)},
        {"n": 4, "t": "u", "at": nine},
    ]
    text = await table.read("CSV", columns=["t", "n"])
    assert text.decode() == '"t","n"\n"x, ""y""\nz",1\n"",2\n,\n"u",4\n'
    assert (
        pyarrow.csv.read_csv(
            io.BytesIO(text), parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True)
        ).num_rows
        == 4
    )
    assert arrow(await table.read(row_limit=1)).num_rows == 1


async def test_a_table_of_another_kind_than_parquet_has_a_limit(table: Table):
    def rows(count: int) -> bytes:
        return b"n\n" + b"1\n" * count

    await table.upload("a.csv", rows(999_999))
    await table.upload("b.csv", rows(1))
    await table.put(schema(column("n", "LONG")), "CSV")
    at_most = arrow(await table.read()).num_rows

    await table.upload("b.csv", rows(2))

    assert at_most == 1_000_000
    with pytest.raises(errors.ReadTableRowLimitExceeded):
        await table.read()
    assert arrow(await table.read(row_limit=1_000_000)).num_rows == 1_000_000


async def test_a_file_that_is_not_as_the_schema_says_is_named_before_the_first_byte(table: Table):
    await table.upload("good.parquet", parquet(pa.table({"n": [1]})))
    await table.upload("bad/x.parquet", parquet(pa.table({"n": ["text"]})))
    await table.put(schema(column("n", "LONG")))

    with pytest.raises(errors.ReadTableError) as of_type:
        await table.read()
    await table.upload("bad/x.parquet", b"PAR1 and nothing else PAR1")
    with pytest.raises(errors.ReadTableError) as of_form:
        await table.read()
    await table.upload("bad/x.parquet", parquet(pa.table({"m": [1]})))
    missing = arrow(await table.read()).to_pylist()

    assert "'bad/x.parquet': column 'n' is string" in of_type.value.parameters["message"]
    assert of_form.value.parameters["message"].startswith("'bad/x.parquet': ")
    assert "/files/" not in of_form.value.parameters["message"]
    assert missing == [{"n": None}, {"n": 1}]


async def test_what_does_not_go_into_csv_is_refused(table: Table):
    await table.upload("a.parquet", parquet(EVERY_VALUE))
    await table.put(EVERY_TYPE)

    assert (await table.read("CSV", columns=["lo"])).startswith(b'"lo"\n')
    for name in ("bi", "ar", "ma", "str.uct"):
        with pytest.raises(errors.ColumnTypesNotSupported):
            await table.read("CSV", columns=["lo", name])


async def test_files_are_read_by_their_names_if_the_reader_says_so(table: Table):
    await table.upload("a.parquet", parquet(pa.table({"n": [1]})))
    await table.upload("b.CSV", b"2\n")
    await table.put(schema(column("n", "LONG")), "DATASOURCE")
    both = arrow(await table.read())["n"].to_pylist()

    await table.upload("c.json", b"{}")

    assert both == [1, 2]
    with pytest.raises(errors.DatasetReadNotSupported):
        await table.read()
    await table.put(schema(column("n", "LONG")), "AVRO")
    with pytest.raises(errors.DatasetReadNotSupported):
        await table.read()


async def test_a_schema_goes_on_to_later_transactions(client: Any, table: Table):
    dataset = table.dataset
    with pytest.raises(errors.DatasetViewNotFound):
        await table.put(EVERY_TYPE)
    with pytest.raises(errors.DatasetViewNotFound):
        await answer(dataset.get_schema(table.rid))
    first = await table.upload("a", b"")
    with pytest.raises(errors.SchemaNotFound):
        await answer(dataset.get_schema(table.rid))
    with pytest.raises(errors.SchemaNotFound):
        await table.read()
    put = await table.put(EVERY_TYPE)
    opened = await answer(dataset.Transaction.create(table.rid, transaction_type="SNAPSHOT"))
    of_open = await answer(dataset.get_schema(table.rid, end_transaction_rid=opened.rid))
    await answer(dataset.Transaction.commit(table.rid, opened.rid))
    inherited = await answer(dataset.get_schema(table.rid))
    second = await table.put(schema(column("n", "LONG")))

    assert put.schema_ == EVERY_TYPE
    assert (put.branch_name, put.end_transaction_rid) == ("master", first)
    assert of_open.version_id == inherited.version_id == put.version_id
    assert inherited.end_transaction_rid == second.end_transaction_rid == opened.rid
    old = await answer(dataset.get_schema(table.rid, version_id=put.version_id))
    assert old.schema_ == EVERY_TYPE
    assert (await answer(dataset.get_schema(table.rid, end_transaction_rid=first))) == put
    nothing = {"dataset_rid": "ri.foundry.main.dataset.none"}
    batch = await answer(dataset.get_schema_batch([{"dataset_rid": table.rid}, nothing]))
    assert {rid: one.version_id for rid, one in batch.data.items()} == {
        table.rid: second.version_id
    }


@pytest.mark.parametrize(
    "wrong",
    [
        schema(),
        schema(column("a", "LONG"), column("a", "LONG")),
        schema(*(column(f"c{number}", "LONG") for number in range(2_001))),
    ],
    ids=["empty", "twice", "many"],
)
async def test_a_schema_that_cannot_be_is_refused(table: Table, wrong: DatasetSchema):
    await table.upload("a", b"")

    with pytest.raises(InvalidSchema):
        await table.put(wrong)


async def test_roles_say_who_reads_tables_and_who_puts_schemas(sdk: Sdk, api: Api, table: Table):
    await table.upload("a.parquet", parquet(pa.table({"n": [1]})))
    await table.put(schema(column("n", "LONG")))
    user_id, user = api.new_user()
    theirs = Table(sdk.as_(user.token), table.rid)

    api.grant(table.rid, user_id, "discoverer")
    with pytest.raises(errors.ReadTableDatasetPermissionDenied):
        await theirs.read()
    with pytest.raises(errors.GetDatasetSchemaPermissionDenied):
        await answer(theirs.dataset.get_schema(table.rid))
    api.grant(table.rid, user_id, "viewer")
    assert arrow(await theirs.read()).num_rows == 1
    with pytest.raises(errors.PutDatasetSchemaPermissionDenied):
        await theirs.put(EVERY_TYPE)


async def test_a_value_that_is_too_large_cuts_the_answer(table: Table):
    rows = [*range(200_000), 2**40]
    await table.upload("a.parquet", parquet(pa.table({"n": rows})))
    await table.put(schema(column("n", "INTEGER")))

    with pytest.raises(Exception) as caught:  # noqa: PT011 - the client has one for each transport
        arrow(await table.read())

    assert not isinstance(caught.value, BadRequestError | InternalServerError)
