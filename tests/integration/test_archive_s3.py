"""Open tables in a bucket of a real S3 server."""

import contextlib
import io
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow.fs import FileSelector, FileType, S3FileSystem

from fixtures.archive import SENSORS, TABLE, add, iceberg_tables, line, rows_of, stored
from fixtures.s3 import KEY, SECRET, s3_server
from fixtures.server import wait_until
from sluiceway.archive.errors import ArchiveUnavailableError
from sluiceway.archive.types import Piece
from sluiceway.backends.iceberg.maintenance import maintain
from sluiceway.backends.tables.pool import TablePool
from sluiceway.datasets.schemas import DatasetFieldSchema, DatasetSchema, SchemaFieldType
from sluiceway.datasets.settings import DatasetSettings
from sluiceway.datasets.tables import (
    FileJob,
    OffsetRows,
    TableFaultError,
    TableFaultKind,
    TableFile,
    TableFormat,
    TableJob,
)
from sluiceway.foundation.rids import new_view_rid
from sluiceway.schema.own_columns import own_columns

OFFSETS = DatasetSchema(
    field_schema_list=[
        DatasetFieldSchema(type=SchemaFieldType.LONG, nullable=False, name="__offset")
    ]
)


async def read(pool: TablePool, job: TableJob | FileJob) -> bytes:
    return b"".join([piece async for piece in await pool.read(job)])


def made(bucket: S3FileSystem, name: str) -> bool:
    """Make a bucket; tell whether that was possible: a server that just started may refuse."""
    with contextlib.suppress(OSError):
        bucket.create_dir(name)
        return True
    return False


async def test_tables_live_in_a_bucket_and_wait_while_it_is_away(tmp_path: Path) -> None:
    (tmp_path / "s3").mkdir()
    with s3_server(tmp_path / "s3") as url:
        bucket = S3FileSystem(
            access_key=KEY,
            secret_key=SECRET,
            endpoint_override=url,
            region="us-east-1",
            allow_bucket_creation=True,
        )
        wait_until(lambda: made(bucket, "lake"), 60)
        properties = {
            "s3.endpoint": url,
            "s3.region": "us-east-1",
            "s3.access-key-id": KEY,
            "s3.secret-access-key": SECRET,
            "s3.connect-timeout": "1",
        }
        tables = iceberg_tables(
            tmp_path, warehouse="s3://lake/tables", catalog_properties=properties
        )
        tables.open(TABLE, new_view_rid(), SENSORS)
        for at in range(8):
            add(tables, {0: at * 10} if at else {}, Piece(0, [stored(at * 10, 10)]))

        done = maintain(tables, TABLE, 3_600)

        assert done.merged_files == 8
        (file,) = tables.describe(TABLE).files
        assert file.location.startswith(f"s3://lake/tables/{TABLE.namespace}/{TABLE.name}/data/")
        expected = [(at, line(at)[:-1]) for at in range(80)]
        assert rows_of(tables.catalogue, TABLE) == {0: expected}
        found = tables.read(TABLE, 0, 0, 100, 1 << 20)
        assert [(one.offset, one.value) for one in found] == expected
        pool = TablePool(DatasetSettings(), properties)
        size = bucket.get_file_info(file.location.removeprefix("s3://")).size
        content = await read(pool, FileJob(file.path, file.location, size))
        assert pq.read_table(io.BytesIO(content)).num_rows == 80
        job = TableJob(
            format=TableFormat.ARROW,
            schema=OFFSETS,
            columns=None,
            files=[TableFile(file.path, file.location)],
            row_limit=None,
            rows_max=0,
            offsets=OffsetRows(own_columns(SENSORS), {0: (7, 78)}),
        )
        rows = pa.ipc.open_stream(await read(pool, job)).read_all()
        assert rows["__offset"].to_pylist() == list(range(7, 78))
        tables.drop(TABLE)
        with pytest.raises(TableFaultError) as caught:
            await read(pool, job)
        assert caught.value.kind is TableFaultKind.GONE
        left = bucket.get_file_info(FileSelector("lake", recursive=True))
        assert [one.path for one in left if one.type == FileType.File] == []
    with pytest.raises(ArchiveUnavailableError):
        tables.open(TABLE, new_view_rid(), SENSORS)
    tables.close()
    with pytest.raises(TableFaultError) as caught:
        await read(pool, job)
    assert caught.value.kind is TableFaultKind.AWAY
    await pool.close()
