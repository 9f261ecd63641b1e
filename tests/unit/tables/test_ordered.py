"""Tables of streams as the reading processes give them: sorted, cut to offsets, and whole or refused."""

import functools
from collections.abc import AsyncIterator, Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import pytest_asyncio

from sluiceway.backends.tables.pool import TablePool
from sluiceway.datasets.schemas import (
    DatasetFieldSchema,
    DatasetSchema,
    SchemaFieldType,
)
from sluiceway.datasets.settings import DatasetSettings
from sluiceway.datasets.tables import (
    FileJob,
    OffsetRanges,
    OffsetRows,
    TableFaultError,
    TableFaultKind,
    TableFile,
    TableFormat,
    TableJob,
)
from sluiceway.schema.own_columns import OwnColumns

OWN = OwnColumns("_partition", "_offset", "_ingested_at")
COLUMNS = DatasetSchema(
    field_schema_list=[
        DatasetFieldSchema(type=SchemaFieldType.STRING, nullable=True, name="text"),
        DatasetFieldSchema(type=SchemaFieldType.LONG, nullable=True, name="added later"),
        DatasetFieldSchema(type=SchemaFieldType.INTEGER, nullable=False, name="_partition"),
        DatasetFieldSchema(type=SchemaFieldType.LONG, nullable=False, name="_offset"),
    ]
)
Group = tuple[int, Iterable[int]]
"""A partition, and its offsets."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pool() -> AsyncIterator[TablePool]:
    """One process for all tests."""
    made = TablePool(DatasetSettings(tables_max=1, table_seconds_max=60))
    yield made
    await made.close()


pytestmark = pytest.mark.asyncio(loop_scope="module")


def rows(*groups: Group) -> pa.Table:
    parts = [
        pa.table(
            {
                "text": [f"{partition}/{offset}" for offset in offsets],
                "_partition": pa.array([partition] * len(offsets), pa.int32()),
                "_offset": pa.array(offsets, pa.int64()),
            }
        )
        for partition, offsets in ((one, list(some)) for one, some in groups)
    ]
    return pa.concat_tables(parts)


def write(path: Path, *groups: Group) -> TableFile:
    """Write a file with a row group of each."""
    with pq.ParquetWriter(path, rows((0, [0])).schema) as writer:
        for group in groups:
            writer.write_table(rows(group))
    return TableFile(f"data/{path.name}", str(path))


def job(files: Sequence[TableFile], ranges: OffsetRanges | None = None, **more: Any) -> TableJob:
    given = {"format": TableFormat.ARROW, "columns": None, "row_limit": None, **more}
    return TableJob(
        schema=COLUMNS, files=list(files), rows_max=0, offsets=OffsetRows(OWN, ranges), **given
    )


async def read(pool: TablePool, given: TableJob | FileJob) -> bytes:
    pieces = await pool.read(given)
    try:
        return b"".join([piece async for piece in pieces])
    finally:
        await pieces.aclose()  # type: ignore[attr-defined]  # the protocol promises it in words


async def places(pool: TablePool, given: TableJob) -> list[tuple[int, int]]:
    """Read a table; give partition and offset of each row, whose text has to be theirs."""
    table = pa.ipc.open_stream(await read(pool, given)).read_all()
    found = list(zip(table["_partition"].to_pylist(), table["_offset"].to_pylist(), strict=True))
    assert table["text"].to_pylist() == [f"{partition}/{offset}" for partition, offset in found]
    assert table["added later"].null_count == len(found)
    return found


async def test_rows_of_all_files_come_by_partition_and_offset(
    pool: TablePool, tmp_path: Path
) -> None:
    given = job(
        [
            write(tmp_path / "a", (0, range(10)), (0, range(20, 30)), (3, range(5, 7))),
            write(tmp_path / "b", (0, range(40, 45)), (1, range(100_000))),
            write(tmp_path / "c", (0, range(10, 20)), (3, range(5))),
            write(tmp_path / "empty"),
        ]
    )

    found = await places(pool, given)

    expected = {0: [*range(30), *range(40, 45)], 1: range(100_000), 3: range(7)}
    assert found == [(one, offset) for one, offsets in expected.items() for offset in offsets]
    few = await places(pool, msgspec.structs.replace(given, row_limit=33))
    assert few == found[:33]
    assert await places(pool, job([])) == []


async def test_ranges_of_offsets_are_exact(pool: TablePool, tmp_path: Path) -> None:
    files = [
        write(tmp_path / "a", (0, range(10)), (1, range(10))),
        write(tmp_path / "b", (0, range(10, 20)), (2, range(10))),
    ]
    read_places = functools.partial(places, pool)
    for first in (0, 1, 9, 10, 11, 19, 20):
        for end in (0, 1, 9, 10, 11, 19, 20, 99):
            found = await read_places(job(files, {0: (first, end)}))
            assert found == [(0, offset) for offset in range(first, min(end, 20))]
    assert await read_places(job(files, {})) == []
    both = await read_places(job(files, {2: (8, 99), 1: (0, 1)}))
    assert both == [(1, 0), (2, 8), (2, 9)]


async def test_only_the_columns_that_are_wanted_come_however_the_rows_are_cut(
    pool: TablePool, tmp_path: Path
) -> None:
    files = [write(tmp_path / "a", (0, range(10)))]
    for columns, rows_expected in (
        (["text"], [{"text": "0/3"}, {"text": "0/4"}]),
        (["added later"], [{"added later": None}] * 2),
        (["_offset", "text"], [{"_offset": 3, "text": "0/3"}, {"_offset": 4, "text": "0/4"}]),
    ):
        content = await read(pool, job(files, {0: (3, 5)}, columns=columns))
        assert pa.ipc.open_stream(content).read_all().to_pylist() == rows_expected


async def test_files_that_are_not_in_order_are_refused_before_the_first_byte(
    pool: TablePool, tmp_path: Path
) -> None:
    good = write(tmp_path / "a", (0, range(10)))
    mixed = tmp_path / "mixed"
    pq.write_table(rows((0, [20]), (1, [0])), mixed)
    without = tmp_path / "without"
    pq.write_table(rows((0, [20])).drop_columns("_offset"), without)
    blind = tmp_path / "blind"
    pq.write_table(rows((0, [20])), blind, write_statistics=False)
    for name, reason in (
        (write(tmp_path / "twice", (0, range(9, 12))), "has, too"),
        (write(tmp_path / "inside", (0, [5])), "has, too"),
        (TableFile("data/mixed", str(mixed)), "several partitions"),
        (TableFile("data/without", str(without)), "has not the columns"),
        (TableFile("data/blind", str(blind)), "does not say"),
    ):
        with pytest.raises(TableFaultError, match=reason) as caught:
            await pool.read(job([good, name]))
        assert caught.value.kind is TableFaultKind.FILE
        assert str(tmp_path) not in caught.value.message


async def test_a_file_that_is_gone_is_told_from_one_that_is_damaged(
    pool: TablePool, tmp_path: Path
) -> None:
    good = write(tmp_path / "a", (0, range(10)))
    gone = TableFile("data/gone", str(tmp_path / "gone"))
    (tmp_path / "bad").write_bytes(b"PAR1 not at all")
    bad = TableFile("data/bad", str(tmp_path / "bad"))
    (tmp_path / "folder").mkdir()
    folder = TableFile("data/folder", str(tmp_path / "folder"))
    for file, kind in (
        (gone, TableFaultKind.GONE),
        (bad, TableFaultKind.FILE),
        (folder, TableFaultKind.AWAY),
    ):
        with pytest.raises(TableFaultError) as caught:
            await pool.read(job([good, file]))
        assert caught.value.kind is kind
        assert file.path in caught.value.message
        assert str(tmp_path) not in caught.value.message


async def test_a_file_is_given_as_it_is_or_seen_not_to_be(pool: TablePool, tmp_path: Path) -> None:
    content = bytes(range(256)) * 12_345
    (tmp_path / "a").write_bytes(content)
    whole = FileJob("data/a", str(tmp_path / "a"), len(content))

    assert await read(pool, whole) == content
    for size in (len(content) - 1, len(content) + 1):
        with pytest.raises(TableFaultError, match="bytes, not"):
            await read(pool, msgspec.structs.replace(whole, size_bytes=size))
    with pytest.raises(TableFaultError) as caught:
        await pool.read(FileJob("data/b", str(tmp_path / "b"), 1))
    assert caught.value.kind is TableFaultKind.GONE
