"""The processes that read tables: whatever is in a file, it costs one answer and no more."""

import asyncio
import os
import random
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sluiceway.backends.tables.pool import TablePool
from sluiceway.datasets.schemas import (
    DataframeReader,
    DatasetFieldSchema,
    DatasetSchema,
    SchemaFieldType,
)
from sluiceway.datasets.settings import DatasetSettings
from sluiceway.datasets.tables import (
    TableFaultError,
    TableFaultKind,
    TableFile,
    TableFormat,
    TableJob,
)
from sluiceway.foundation.request_errors import OverloadedError

MIB = 1_048_576
SCHEMA = DatasetSchema(
    field_schema_list=[
        DatasetFieldSchema(type=SchemaFieldType.STRING, nullable=True, name="text"),
        DatasetFieldSchema(type=SchemaFieldType.LONG, nullable=True, name="number"),
    ]
)
SETTINGS = DatasetSettings(tables_max=2, table_bytes_max=192 * MIB, table_seconds_max=20)


def job(*paths: Path) -> TableJob:
    return TableJob(
        format=TableFormat.ARROW,
        schema=SCHEMA,
        columns=None,
        files=[TableFile(path.name, str(path), DataframeReader.PARQUET) for path in paths],
        row_limit=None,
        rows_max=1,
    )


@pytest.fixture
async def pool() -> AsyncIterator[TablePool]:
    """Up to two readers, with 192 MiB each."""
    made = TablePool(SETTINGS)
    yield made
    await made.close()


@pytest.fixture
def good(tmp_path: Path) -> Path:
    """A file of 200,000 rows, some MiB as Arrow."""
    path = tmp_path / "good"
    rows = {"text": [f"text {number}" for number in range(200_000)], "number": range(200_000)}
    pq.write_table(pa.table(rows), path, row_group_size=50_000)
    return path


async def read(pool: TablePool, given: TableJob) -> int:
    """Read a table; gives its rows."""
    pieces = await pool.read(given)
    try:
        content = b"".join([piece async for piece in pieces])
    finally:
        await pieces.aclose()  # type: ignore[attr-defined]  # the protocol promises it in words
    rows: int = pa.ipc.open_stream(content).read_all().num_rows
    return rows


async def test_a_reader_is_used_again_and_one_more_than_there_may_be_is_refused(
    pool: TablePool, good: Path
):
    first = await pool.read(job(good))
    second = await pool.read(job(good))
    with pytest.raises(OverloadedError):
        await pool.read(job(good))

    await first.aclose()  # type: ignore[attr-defined]  # the protocol promises it in words
    third = await pool.read(job(good))
    await third.aclose()  # type: ignore[attr-defined]  # same
    await second.aclose()  # type: ignore[attr-defined]  # same
    before = await read(pool, job(good))
    (idle,) = pool._idle
    after = await read(pool, job(good, good))

    assert (before, after) == (200_000, 400_000)
    assert pool._idle == [idle]
    assert not pool._reading


async def test_a_file_that_takes_too_much_memory_costs_one_answer(
    pool: TablePool, good: Path, tmp_path: Path
):
    bomb = tmp_path / "bomb"
    text = pa.table({"text": [bytes(200 * MIB).decode()]})
    pq.write_table(text, bomb, compression="zstd", use_dictionary=False, write_statistics=False)
    assert bomb.stat().st_size < MIB

    with pytest.raises(TableFaultError) as caught:
        await read(pool, job(bomb))

    assert caught.value.kind is TableFaultKind.FILE
    assert await read(pool, job(good)) == 200_000


async def test_damaged_files_are_read_or_refused_and_harm_nothing_else(
    pool: TablePool, good: Path, tmp_path: Path
):
    random.seed(26)
    small = tmp_path / "small"
    pq.write_table(pa.table({"text": ["a", None, "b" * 100], "number": [1, 2, None]}), small)
    content = small.read_bytes()
    refused = 0
    for number in range(80):
        damaged = bytearray(content)
        for _ in range(random.choice((1, 3))):
            damaged[random.randrange(4, len(damaged))] = random.randrange(256)
        path = tmp_path / f"damaged-{number}"
        path.write_bytes(damaged)
        try:
            await read(pool, job(path))
        except (TableFaultError, pa.ArrowInvalid):
            refused += 1

    assert refused > 10
    assert await read(pool, job(good)) == 200_000


async def test_a_reader_that_does_not_go_on_is_ended(tmp_path: Path):
    endless = tmp_path / "endless"
    os.mkfifo(endless)
    pool = TablePool(msgspec.structs.replace(SETTINGS, table_seconds_max=3))

    with pytest.raises(TableFaultError) as caught:
        await pool.read(job(endless))

    assert caught.value.kind is TableFaultKind.TIME
    assert not pool._idle
    assert not pool._reading
    await pool.close()


async def test_a_reader_ends_with_its_server(pool: TablePool, good: Path):
    await read(pool, job(good))
    (idle,) = pool._idle

    assert idle.process.stdin is not None
    idle.process.stdin.close()

    assert await asyncio.wait_for(idle.process.wait(), 20) == 0
